/**
 * A fake nvidia-smi: `nvidia-smi.ts STATE.json --query-gpu=… --format=csv,noheader,nounits [-l N]`. It answers queries as the real one does, out
 * of a file that may change while it runs. Whatever else it is asked is refused as the real one refuses it.
 */
import { readFileSync } from "node:fs";
import type { FakeGpu, FakeGpuState } from "./fake-gpus.ts";

const [file = "", ...words] = process.argv.slice(2);
const option = (name: string) => words.find((word) => word.startsWith(`${name}=`))?.slice(name.length + 1);
const loop = words.includes("-l") ? Number(words[words.indexOf("-l") + 1]) * 1000 : undefined;

const GPU_FIELDS: Record<string, (gpu: FakeGpu, state: FakeGpuState) => string | number | null> = {
  index: ({ index }) => index,
  uuid: ({ uuid }) => uuid,
  count: (_gpu, { gpus }) => gpus.length,
  name: ({ name }) => name,
  "memory.total": ({ total }) => total,
  "memory.used": (gpu, state) => (gpu.used === undefined ? usedBy(gpu, state) : gpu.used),
  "utilization.gpu": ({ utilisation = 0 }) => utilisation,
  "temperature.gpu": ({ temperature = 30 }) => temperature,
  "mig.mode.current": ({ mig }) => mig ?? null,
};

function usedBy({ uuid, idle = 1 }: FakeGpu, { processes = [] }: FakeGpuState): number {
  return processes.filter((process) => process.gpu === uuid).reduce((sum, { used }) => sum + (used ?? 0), idle);
}

const shown = (value: string | number | null) => (value === null ? "[N/A]" : `${value}`);

function answer(): string {
  const state = JSON.parse(readFileSync(file, "utf8")) as FakeGpuState;
  if (state.fails !== undefined) return refuse(state.fails.says, state.fails.code);
  const gpuFields = option("--query-gpu")?.split(",");
  if (gpuFields !== undefined) return state.gpus.map((gpu) => gpuFields.map((field) => shown(gpuField(field)(gpu, state))).join(", ")).join("\n");
  if (option("--query-compute-apps") !== "gpu_uuid,pid,used_gpu_memory,process_name") return refuse("Invalid combination of input arguments.", 1);
  return (state.processes ?? []).map(({ gpu, pid, used = null, name }) => [gpu, pid, shown(used), name].join(", ")).join("\n");
}

function gpuField(field: string) {
  return GPU_FIELDS[field] ?? refuse(`Field "${field}" is not a valid field to query.\n`, 2);
}

function refuse(says: string, code: number): never {
  console.log(says);
  process.exit(code);
}

function say(): void {
  const text = answer();
  if (text !== "") process.stdout.write(`${text}\n`);
}

say();
if (loop !== undefined) setInterval(say, loop);
