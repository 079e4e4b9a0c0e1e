import type { EngineSpec } from "../../vocabulary/engine.ts";
import type { Caps } from "../memory/caps.ts";
import { type Argument, mergedArguments } from "./arguments.ts";

/** One start of an engine, as its arguments depend on it. */
export interface Start {
  readonly spec: EngineSpec;
  /** The start's own name: it serves its model under that as well, by which it is told from others. */
  readonly name: string;
  readonly caps?: Caps;
  /** Bytes of the smallest of its GPUs, all of it; absent: not known. */
  readonly gpuMemory?: number;
}

/** The same by a short name. */
const SAME = { "-tp": "--tensor-parallel-size", "--task": "--runner" } as const;

/** More than this of a card vLLM cannot have: CUDA itself needs some. */
const MOST_UTILISATION = 0.98;

/**
 * vLLM's arguments: ours, what was learnt of the engine, then the config's own, which hold where both say something. `{host}` and `{port}` are the driver's
 * to fill in. The model is `--model` and not the first word: images whose entry point is the older `api_server` take no other, and `vllm serve` takes both.
 */
export function vllmArguments({ spec, name, caps, gpuMemory }: Start): string[] {
  const ours: Argument[] = [
    { flag: "--model", values: [spec.model] },
    { flag: "--served-model-name", values: [spec.model, name] },
    { flag: "--host", values: ["{host}"] },
    { flag: "--port", values: ["{port}"] },
    ...given("--max-model-len", caps?.maxModelLen ?? spec.maxModelLen),
    ...given("--max-num-seqs", caps?.maxNumSeqs ?? spec.maxConcurrent),
    ...given("--gpu-memory-utilization", caps?.utilisation ?? utilisationOf(spec.vram, gpuMemory)),
    ...given("--tensor-parallel-size", spec.tensorParallel > 1 ? spec.tensorParallel : undefined),
    ...byTask(spec),
  ];
  return mergedArguments(ours, spec.args, SAME);
}

/** The share of a card that so many bytes are, rounded down to a hundredth; `undefined`: it is not known, and vLLM takes its own. */
export function utilisationOf(vram: number, gpuMemory: number | undefined): number | undefined {
  if (vram <= 0 || gpuMemory === undefined || gpuMemory <= 0) return undefined;
  return Math.max(0.01, Math.min(MOST_UTILISATION, Math.floor((vram / gpuMemory) * 100) / 100));
}

const given = (flag: string, value: number | undefined): Argument[] => (value === undefined ? [] : [{ flag, values: [`${value}`] }]);

/** `--task` to 0.10.0, and gone since 0.13: it is the model's own architecture that says whether it embeds or ranks. */
function byTask({ task }: EngineSpec): Argument[] {
  switch (task) {
    case "chat":
      return [{ flag: "--enable-prefix-caching", values: [] }];
    case "embed":
    case "rerank":
      return [{ flag: "--runner", values: ["pooling"] }];
    default:
      return task satisfies never;
  }
}
