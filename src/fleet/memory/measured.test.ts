import { expect, test } from "bun:test";
import { GIB } from "../sizes.ts";
import { measuredIn } from "./measured.ts";

/** Lines that vLLM wrote for people who put them into its issues, by version. */
const LOGS = {
  // vllm-project/vllm#12569
  "0.7, V1": `INFO 01-30 03:18:12 gpu_model_runner.py:848] Loading model weights took 67.7229 GB
INFO 01-30 03:19:13 monitor.py:31] torch.compile takes 54.73 s in total
INFO 01-30 03:19:14 kv_cache_utils.py:395] # GPU blocks: 1381
INFO 01-30 03:19:14 kv_cache_utils.py:398] Maximum concurrency for 2048 tokens per request: 10.79x`,
  // vllm-project/vllm#14452, two GPUs
  "0.8, V0, two GPUs": `INFO 04-23 14:48:44 [worker.py:287] model weights take 10.80GiB; non_torch_memory takes 0.33GiB; PyTorch activation peak memory takes 1.01GiB; the rest of the memory reserved for KV Cache is 14.52GiB.
(VllmWorkerProcess pid=12897) INFO 04-23 14:48:44 [worker.py:287] the current vLLM instance can use total_gpu_memory (31.37GiB) x gpu_memory_utilization (0.85) = 26.66GiB
(VllmWorkerProcess pid=12897) INFO 04-23 14:48:44 [worker.py:287] model weights take 10.30GiB; non_torch_memory takes 0.33GiB; PyTorch activation peak memory takes 1.77GiB; the rest of the memory reserved for KV Cache is 14.26GiB.
INFO 04-23 14:48:44 [executor_base.py:112] # cuda blocks: 7299, # CPU blocks: 2048
INFO 04-23 14:48:44 [executor_base.py:117] Maximum concurrency for 50000 tokens per request: 2.34x`,
  // vllm-project/vllm#28228
  "0.11": `(Worker_TP0 pid=26347) INFO 11-06 10:51:48 [gpu_worker.py:349] Available KV cache memory: 2.30 GiB
(EngineCore_DP0 pid=26283) INFO 11-06 10:51:48 [kv_cache_utils.py:1229] GPU KV cache size: 75,840 tokens
(EngineCore_DP0 pid=26283) INFO 11-06 10:51:48 [kv_cache_utils.py:1234] Maximum concurrency for 120,000 tokens per request: 2.48x
(EngineCore_DP0 pid=212) INFO 10-06 12:00:40 [gpu_model_runner.py:3480] Graph capturing finished in 8 secs, took 0.31 GiB`,
  // vllm-project/vllm#38820 and wtdcode/vllm-backport#34
  "0.21 and later": `(Worker_TP0 pid=34322) INFO 05-06 20:59:57 [default_loader.py:384] Loading weights took 24.84 seconds
(Worker_TP0 pid=34322) INFO 05-06 20:59:59 [gpu_model_runner.py:4879] Model loading took 12.66 GiB memory and 31.657031 seconds
(Worker_PP1_TP2 pid=4364) INFO 08-31 15:25:55 [gpu_worker.py:742] CUDA graph pool memory: 0.1 GiB (actual), 0.58 GiB (estimated), difference: 0.47 GiB (457.5%).
(Worker_PP1_TP2 pid=4364) INFO 08-31 15:25:55 [gpu_worker.py:805] Free memory on device (22.93/23.56 GiB) on startup. Desired GPU memory utilization is (0.935, 22.03 GiB). Actual usage is 19.47 GiB for consumed memory (weights + non-torch), 0.6 GiB for peak activation, and 0.1 GiB for CUDAGraph memory. Current kv cache memory in use is 1.95 GiB.`,
  // vllm-project/vllm#14574
  "0.7, of little": "INFO 03-10 08:07:20 [gpu_model_runner.py:1067] Model loading took 0.2389 GB and 0.977005 seconds",
} as const;

test.each<[keyof typeof LOGS, ReturnType<typeof measuredIn>]>([
  ["0.7, V1", { weights: 67.7229 * GIB, tokens: 22_096, atOnce: 10.79, length: 2048 }],
  ["0.8, V0, two GPUs", { weights: 10.8 * GIB, activations: 1.77 * GIB, cache: 14.26 * GIB, tokens: 116_784, atOnce: 2.34, length: 50_000 }],
  ["0.11", { graphs: 0.31 * GIB, cache: 2.3 * GIB, tokens: 75_840, atOnce: 2.48, length: 120_000 }],
  ["0.21 and later", { weights: 12.66 * GIB, activations: 0.6 * GIB, graphs: 0.1 * GIB }],
  ["0.7, of little", { weights: 0.2389 * GIB }],
])("vLLM %s", (version, measured) => {
  expect(measuredIn(LOGS[version])).toEqual(measured as NonNullable<typeof measured>);
});

test("nothing said is nothing measured", () => {
  expect(measuredIn("INFO: Application startup complete.")).toBeUndefined();
});
