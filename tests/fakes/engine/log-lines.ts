import type { EngineOptions, Faults } from "./options.ts";

/** What vLLM says, in the words of its 0.2x releases: what reads an engine's log is tested on them. */

const CORE = "(EngineCore_DP0 pid=271) INFO 11-22 10:00:07";
const SERVER = "(APIServer pid=1) INFO 11-22 10:00:02";

/** What is said before anything is loaded. */
export function openingLines({ model, servedNames, maxModelLen }: EngineOptions): string[] {
  return [
    `${SERVER} [api_server.py:1885] vLLM API server version 0.29.0`,
    `${SERVER} [utils.py:326] non-default args: {'model': '${model}', 'max_model_len': ${maxModelLen}, 'served_model_name': [${servedNames.map((name) => `'${name}'`).join(", ")}]}`,
    `${CORE} [gpu_model_runner.py:2338] Starting to load model ${model}...`,
  ];
}

/** What is said while it loads, one after the other. */
export function loadingLines({ maxModelLen }: EngineOptions): string[] {
  const shards = [1, 2, 3, 4].map((shard) => `Loading safetensors checkpoint shards: ${shard * 25}% Completed | ${shard}/4 [00:0${shard}<00:00,  1.05s/it]`);
  return [
    ...shards,
    `${CORE} [default_loader.py:268] Loading weights took 4.31 seconds`,
    `${CORE} [gpu_model_runner.py:2392] Model loading took 14.9889 GiB and 5.102211 seconds`,
    `${CORE} [gpu_worker.py:298] Available KV cache memory: 5.23 GiB`,
    `${CORE} [kv_cache_utils.py:864] GPU KV cache size: ${grouped(KV_CACHE_TOKENS)} tokens`,
    `${CORE} [kv_cache_utils.py:868] Maximum concurrency for ${grouped(maxModelLen)} tokens per request: ${(KV_CACHE_TOKENS / maxModelLen).toFixed(2)}x`,
    `${CORE} [gpu_model_runner.py:3118] Graph capturing finished in 4 secs, took 0.55 GiB`,
  ];
}

/** What is said once it serves. */
export function servingLines(host: string, port: number): string[] {
  return [`${SERVER} [api_server.py:1680] Starting vLLM API server 0 on http://${host}:${port}`, "INFO:     Application startup complete."];
}

/** Why its start fails, if it does: what its faults say, or what does not fit. */
export function startFailure(faults: Faults, { maxModelLen, maxNumSeqs }: EngineOptions): StartFailure | undefined {
  if (faults.loading !== undefined && faults.loading !== "hang") return faults.loading;
  if (maxModelLen > (faults.fitsModelLen ?? Number.POSITIVE_INFINITY)) return "context-too-long";
  return maxNumSeqs > (faults.fitsSequences ?? Number.POSITIVE_INFINITY) ? "warming" : undefined;
}

type StartFailure = "memory-held" | "out-of-memory" | "port-taken" | "context-too-long" | "warming" | "exit";

/** What is said when its start fails; empty where it says nothing. */
export function failureLines(failure: StartFailure, faults: Faults, { gpuMemoryUtilization, maxModelLen, maxNumSeqs }: EngineOptions): string[] {
  const total = 23.64;
  switch (failure) {
    case "memory-held":
      return coreFailed(
        `ValueError: Free memory on device cuda:0 (2.31/${total} GiB) on startup is less than desired GPU memory utilization (${gpuMemoryUtilization}, ${(total * gpuMemoryUtilization).toFixed(2)} GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.`,
      );
    case "out-of-memory":
      return coreFailed(OUT_OF_MEMORY);
    case "context-too-long":
      return coreFailed(
        `ValueError: To serve at least one request with the model's max seq len (${maxModelLen}), (16.00 GiB KV cache is needed, which is larger than the available KV cache memory (5.23 GiB). Based on the available memory, the estimated maximum model length is ${faults.fitsModelLen}. Try increasing \`gpu_memory_utilization\` or decreasing \`max_model_len\` when initializing the engine.`,
      );
    case "warming":
      return coreFailed(
        `RuntimeError: CUDA out of memory occurred when warming up sampler with ${maxNumSeqs} dummy requests. Please try lowering \`max_num_seqs\` or \`gpu_memory_utilization\` when initializing the engine.`,
      );
    case "port-taken":
      return [`(APIServer pid=1) OSError: [Errno 98] Address already in use`];
    case "exit":
      return [];
    default:
      return failure satisfies never;
  }
}

/** What is said when the GPU is out of memory while it serves. */
export function outOfMemoryLines(): string[] {
  return [`(EngineCore_DP0 pid=271) ERROR 11-22 11:12:13 [core.py:710] ${OUT_OF_MEMORY}`, `(APIServer pid=1) ERROR 11-22 11:12:13 [async_llm.py:480] ${DEAD}`];
}

/** What clients are told by an engine whose core has died. */
export const DEAD = "EngineCore encountered an issue. See stack trace (above) for the root cause.";

const KV_CACHE_TOKENS = 42_816;

const OUT_OF_MEMORY =
  "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 896.00 MiB. GPU 0 has a total capacity of 23.64 GiB of which 512.00 MiB is free. Process 271 has 22.10 GiB memory in use.";

function coreFailed(line: string): string[] {
  return [
    `(EngineCore_DP0 pid=271) ERROR 11-22 10:00:09 [core.py:708] EngineCore failed to start.`,
    `(EngineCore_DP0 pid=271) ERROR 11-22 10:00:09 [core.py:708] ${line}`,
    "(APIServer pid=1) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}",
  ];
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}
