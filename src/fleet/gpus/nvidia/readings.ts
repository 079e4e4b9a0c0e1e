import type { GpuProcess, GpuReading } from "../gpu.ts";
import type { GpuLine, ProcessLine } from "./parse.ts";

/** GPUs that tell how much memory they have, with the processes at each. */
export function readingsOf(gpus: readonly GpuLine[], processes: readonly ProcessLine[], readAt: number): readonly GpuReading[] {
  return gpus
    .flatMap((gpu) => (gpu.total === undefined || gpu.used === undefined ? [] : [{ ...gpu, total: gpu.total, used: gpu.used }]))
    .map(({ index, uuid, name, total, used, utilisation, temperature }) => ({
      id: index,
      uuid,
      name,
      total,
      used,
      utilisation,
      temperature,
      processes: processesAt(uuid, processes),
      readAt,
    }));
}

/** What is amiss with figures that did come, in a sentence; `undefined`: nothing. */
export function whatIsAmiss(gpus: readonly GpuLine[]): string | undefined {
  const silent = gpus.filter(({ total, used }) => total === undefined || used === undefined);
  if (silent.length > 0)
    return `${named(silent)}: its memory is not told by nvidia-smi. What fleet.gpus says of it holds; without that no engine is put there.`;
  const count = gpus[0]?.count ?? gpus.length;
  if (count > gpus.length) return `nvidia-smi counts ${count} GPUs and tells of ${gpus.length}: one may be lost. See \`dmesg | grep -i xid\`.`;
  const cut = gpus.filter(({ mig }) => mig);
  if (cut.length > 0)
    return `${named(cut)}: cut into MIG instances, which are not told apart. The figures are the whole card's; no engine is given an instance.`;
  return undefined;
}

const named = (gpus: readonly GpuLine[]) => gpus.map(({ index, name }) => `GPU ${index} (${name})`).join(", ");

/** One process may stand at a GPU in several lines, one for each of its contexts: its use is their sum. */
function processesAt(uuid: string | undefined, processes: readonly ProcessLine[]): readonly GpuProcess[] {
  const byPid = new Map<number, GpuProcess>();
  for (const process of processes) {
    if (process.uuid !== uuid) continue;
    const before = byPid.get(process.pid);
    const used = before === undefined ? process.used : sum(before.used, process.used);
    byPid.set(process.pid, { pid: process.pid, name: process.name, used });
  }
  return [...byPid.values()];
}

const sum = (left: number | undefined, right: number | undefined) => (left === undefined || right === undefined ? undefined : left + right);
