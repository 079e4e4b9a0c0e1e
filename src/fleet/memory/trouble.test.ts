import { describe, expect, test } from "bun:test";
import { classify, type Trouble } from "./trouble.ts";

/** What engines wrote before they died, as people put it into issues (named where it is one), cut to the lines that matter. */
const LOGS = {
  // pytorch/pytorch#175666
  foreign: `(EngineCore_DP0 pid=6940) ERROR 02-24 20:21:58 [core.py:946] EngineCore failed to start.
(EngineCore_DP0 pid=6940) ValueError: Free memory on device cuda:0 (19.77/22.05 GiB) on startup is less than desired GPU memory utilization (0.9, 19.84 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.
(APIServer pid=1) RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}`,
  foreignOlder: `ValueError: Free memory on device (3.27/15.98 GiB) on startup is less than desired GPU memory utilization (0.9, 14.39 GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.`,
  foreignWhileMeasuring: `AssertionError: Error in memory profiling. Initial free memory 24937824256, current free memory 25073876992. This happens when the GPU memory was not properly cleaned up before initializing the vLLM instance.`,
  // vllm-project/vllm#34076
  tooLong: `(EngineCore_DP0 pid=1094) ValueError: To serve at least one request with the models's max seq len (262144), (24.0 GiB KV cache is needed, which is larger than the available KV cache memory (3.18 GiB). Based on the available memory, the estimated maximum model length is 34736. Try increasing \`gpu_memory_utilization\` or decreasing \`max_model_len\` when initializing the engine.`,
  // vllm-project/vllm#16118
  tooLongEarlier: `ERROR 04-05 01:12:55 [core.py:390] ValueError: To serve at least one request with the models's max seq len (1048576), (24.00 GiB KV cache is needed, which is larger than the available KV cache memory (9.97 GiB). Try increasing \`gpu_memory_utilization\` or decreasing \`max_model_len\` when initializing the engine.`,
  // vllm-project/vllm#2418
  tooLongOld:
    "ValueError: The model's max seq len (4096) is larger than the maximum number of tokens that can be stored in KV cache (3664). Try increasing `gpu_memory_utilization` or decreasing `max_model_len` when initializing the engine.",
  // vllm-project/vllm#10439
  noBlocks:
    "ERROR 11-18 18:07:28 engine.py:366] ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the engine.",
  // NVIDIA/nccl#1645 and vllm-project/vllm#15105
  warming: `(VllmWorker rank=1 pid=2978) ERROR 03-19 07:27:53 [multiproc_executor.py:375] torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 1.74 GiB. GPU 1 has a total capacity of 23.57 GiB of which 605.88 MiB is free. Process 133288 has 22.97 GiB memory in use.
ERROR 03-20 02:29:07 [core.py:340] RuntimeError: CUDA out of memory occurred when warming up sampler with 1024 dummy requests. Please try lowering \`max_num_seqs\` or \`gpu_memory_utilization\` when initializing the engine.`,
  nccl: "(VllmWorker rank=7 pid=240) Cuda failure 'out of memory'",
  // gpustack/gpustack#1269
  llamaCache: `3.02.199.202 E ggml_backend_cuda_buffer_type_alloc_buffer: allocating 4480.00 MiB on device 3: cudaMalloc failed: out of memory
3.02.199.205 E llama_kv_cache_init: failed to allocate buffer for kv cache
3.02.792.354 E srv load_model: failed to load model, '/models/DeepSeek-R1-UD-IQ1_M-00001-of-00004.gguf'
E srv main: exiting due to model loading error`,
  // ollama/ollama#8447
  llamaWeights: "llama_model_load: error loading model: unable to allocate CUDA0 buffer",
  host: "RuntimeError: [enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 234881024 bytes.",
  shared: "ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory (shm).",
  disk: "RuntimeError: Data processing error: File reconstruction error: IO Error: No space left on device (os error 28)",
  // zhaoxlpku/DASC7606-A3#1
  gated: `OSError: You are trying to access a gated repo.
Make sure to have access to it at https://huggingface.co/meta-llama/Llama-2-7b-hf.
401 Client Error. (Request ID: Root=1-6735bc0f-11c9115414097adc4436e567)
Access to model meta-llama/Llama-2-7b-hf is restricted. You must have access to it and be authenticated to access it. Please log in.`,
  noModel: "OSError: my/other is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
  offline: "OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files.",
  noFile: "gguf_init_from_file: failed to open GGUF file '/models/a.gguf' (No such file or directory)",
  // vllm-project/vllm#35603
  task: "usage: vllm [-h] [-v] {chat,complete,serve,bench,collect-env,run-batch} ...\nvllm: error: unrecognized arguments: --task embedding",
  secretArgument: "api_server.py: error: unrecognized arguments: --api-keys sk-very-secret",
  llamaArgument: "error: invalid argument: --ctx-sizes",
  derived:
    "ValueError: User-specified max_model_len (65536) is greater than the derived max_model_len (max_position_embeddings=32768 or model_max_length=None in model's config.json).",
  heads: "ValueError: Total number of attention heads (28) must be divisible by tensor parallel size (3).",
  driver: "RuntimeError: The NVIDIA driver on your system is too old (found version 11040).",
  // ggml-org/llama.cpp#9665
  container:
    "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.6, please update your driver to a newer version, or use an earlier cuda container: unknown.",
  noGpu: "RuntimeError: No CUDA GPUs are available",
  port: "OSError: [Errno 98] Address already in use",
  crash: `(EngineCore_DP0 pid=1) ERROR 07-30 17:42:47 [core.py:708] RuntimeError: CUDA error: an illegal memory access was encountered
(APIServer pid=1) RuntimeError: Engine core initialization failed. See root cause above.`,
  token: "ValueError: bad credentials hf_AbCdEf0123456789",
  /** All is well: the words of trouble are in it all the same. */
  well: `INFO 04-23 14:48:46 [model_runner.py:1465] Capturing cudagraphs for decoding. If out-of-memory error occurs during cudagraph capture, consider decreasing \`gpu_memory_utilization\` or switching to eager mode.
(Worker_PP1_TP2 pid=4364) INFO 08-31 15:25:55 [gpu_worker.py:805] Free memory on device (22.93/23.56 GiB) on startup. Desired GPU memory utilization is (0.935, 22.03 GiB).
INFO: Application startup complete.`,
} as const;

const starting = (name: keyof typeof LOGS) => classify({ log: LOGS[name], exit: { code: 1, outOfMemory: false }, served: false });

test.each<[keyof typeof LOGS, Trouble["kind"], string]>([
  ["foreign", "foreign-memory", "Only 19.77 of 22.05 GiB of its GPU were free, and it was granted 19.84 GiB: somebody else holds the rest"],
  ["foreignOlder", "foreign-memory", "Only 3.27 of 15.98 GiB"],
  ["foreignWhileMeasuring", "foreign-memory", "it has to start alone"],
  ["tooLong", "context-too-long", "One request of 262144 tokens needs 24.0 GiB of cache, and 3.18 GiB are left beside the weights: 34736 tokens would fit."],
  ["tooLongEarlier", "context-too-long", "and 9.97 GiB are left beside the weights."],
  ["tooLongOld", "context-too-long", "3664 tokens would"],
  ["noBlocks", "no-kv-blocks", "no room for any cache"],
  ["warming", "oom-loading", "ran out while it started: of GPU 1's 23.57 GiB only 605.88 MiB were free."],
  ["nccl", "oom-loading", "The GPU's memory ran out while it started."],
  ["llamaCache", "oom-loading", "ran out while it started"],
  ["llamaWeights", "oom-loading", "ran out while it started"],
  ["host", "host-memory", "not the GPU's"],
  ["shared", "host-memory", "shm_size"],
  ["disk", "disk-full", "disk is full"],
  ["gated", "model-missing", "meta-llama/Llama-2-7b-hf is gated at Hugging Face"],
  ["noModel", "model-missing", "no such model"],
  ["offline", "model-missing", "cannot be reached"],
  ["noFile", "model-missing", "no such file"],
  ["task", "bad-arguments", "see --task in `args`"],
  ["llamaArgument", "bad-arguments", "see --ctx-sizes in `args`"],
  ["derived", "bad-arguments", "set max_model_len to 32768 or less"],
  ["heads", "bad-arguments", "cannot be shared out over 3 GPUs: it has 28 attention heads"],
  ["driver", "driver-mismatch", "does not suit"],
  ["container", "driver-mismatch", "does not suit"],
  ["noGpu", "driver-mismatch", "sees no GPU"],
  ["port", "port-taken", "another program"],
  ["crash", "crash", "It ended with 1: RuntimeError: CUDA error: an illegal memory access was encountered."],
  ["well", "crash", "It ended with 1; its last lines name no error."],
])("%s is %s", (name, kind, says) => {
  const trouble = starting(name);
  expect([trouble.kind, trouble.says]).toEqual([kind, expect.stringContaining(says)]);
});

test.each<[keyof typeof LOGS, number | undefined]>([
  ["tooLong", 34_736],
  ["tooLongOld", 3664],
  ["tooLongEarlier", undefined],
  ["warming", undefined],
])("%s: %p tokens would fit", (name, longest) => {
  expect(starting(name).longest).toBe(longest as number);
});

describe("the same words mean another thing", () => {
  // vllm-project/vllm#15039
  const LOG = `ERROR 03-19 10:55:18 [engine.py:158] OutOfMemoryError('CUDA out of memory. Tried to allocate 128.00 MiB. GPU 0 has a total capacity of 79.33 GiB of which 16.00 MiB is free.`;
  test("while it serves", () => {
    expect(classify({ log: LOG, exit: { code: 1, outOfMemory: false }, served: true })).toEqual({
      kind: "oom-serving",
      says: "The GPU's memory ran out while it served: of GPU 0's 79.33 GiB only 16.00 MiB were free.",
    });
  });

  test("when the machine's memory ran out, whatever it wrote", () => {
    expect(classify({ log: LOG, exit: { code: 137, outOfMemory: true }, served: false }).kind).toBe("host-memory");
  });
});

test.each<[string, Parameters<typeof classify>[0], string]>([
  ["nobody looked", { log: "", served: true }, "It ended; its last lines name no error."],
  ["killed", { log: "", exit: { code: 137, outOfMemory: false }, served: true }, "It ended with 137 (it was killed); its last lines name no error."],
  ["a token of Hugging Face", { log: LOGS.token, exit: { outOfMemory: false }, served: false }, "It ended: ValueError: bad credentials hf_…."],
])("a crash: %s", (_case, remains, says) => {
  expect(classify(remains).says).toBe(says);
});

test("values of arguments are not repeated: they may be secret", () => {
  expect(starting("secretArgument").says).not.toContain("very-secret");
});
