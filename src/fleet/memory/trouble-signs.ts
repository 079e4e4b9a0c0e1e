import type { Trouble, TroubleKind } from "./trouble.ts";

/** As `Trouble`, but that it depends on the time what running out of the GPU's memory is. */
export type Finding = Omit<Trouble, "kind"> & { readonly kind: Exclude<TroubleKind, "oom-loading" | "oom-serving"> | "oom" };

interface Sign {
  readonly pattern: RegExp;
  readonly finds: (match: RegExpExecArray) => Finding;
}

const GATED = "is gated at Hugging Face: accept its terms there, and give a token of that account as HF_TOKEN.";

const sign = (kind: Finding["kind"], pattern: RegExp, says: string): Sign => ({ pattern, finds: () => ({ kind, says }) });

/**
 * What engines write when they cannot go on: vLLM's words, its older ones, and llama.cpp's. The first that matches holds, so that what names a cause
 * stands before what follows from it.
 */
export const SIGNS: readonly Sign[] = [
  {
    // vLLM 0.8 and later. The same words without "less than" are a report of all being well.
    pattern: /Free memory on device (?:\S+ )?\(([\d.]+)\/([\d.]+) GiB\) on startup is\s+less than desired GPU memory utilization \(([\d.]+), ([\d.]+) GiB\)/,
    finds: ([, free, total, , wanted]) => ({
      kind: "foreign-memory",
      says: `Only ${free} of ${total} GiB of its GPU were free, and it was granted ${wanted} GiB: somebody else holds the rest, or an engine before it has not given it back.`,
    }),
  },
  // vLLM to 0.9: memory came and went while it measured.
  sign(
    "foreign-memory",
    /Error in memory profiling\. Initial free memory/,
    "Memory of its GPU was taken or given back by somebody else while it measured what it needs: it has to start alone.",
  ),
  {
    // vLLM 0.10 and later say what would fit, where something would.
    pattern:
      /max seq len \((\d+)\), \(([\d.]+) GiB KV\s+cache is needed, which is larger than the available KV cache memory \(([\d.]+) GiB\)(?:\.\s+Based on the available memory, the estimated maximum model length is (\d+))?/,
    finds: ([, wanted, needed, there, longest]) => ({
      kind: "context-too-long",
      says: `One request of ${wanted} tokens needs ${needed} GiB of cache, and ${there} GiB are left beside the weights${longest === undefined ? "" : `: ${longest} tokens would fit`}.`,
      longest: longest === undefined ? undefined : Number(longest),
    }),
  },
  {
    // vLLM to 0.8.
    pattern: /max seq len \((\d+)\) is larger than the maximum number of tokens that can be stored in KV cache \((\d+)\)/,
    finds: ([, wanted, longest]) => ({
      kind: "context-too-long",
      says: `One request of ${wanted} tokens does not fit into the cache that is left beside the weights: ${longest} tokens would.`,
      longest: Number(longest) || undefined,
    }),
  },
  sign(
    "no-kv-blocks",
    /No available memory for the cache blocks/,
    "Its weights and what it computes with leave no room for any cache: give it more vram, more GPUs, or a smaller model.",
  ),
  sign(
    "host-memory",
    /insufficient shared memory|out of shared memory|raise your shared memory limit/i,
    "It ran out of shared memory: with several GPUs its container needs shm_size of 8 GiB or more, or the host's IPC.",
  ),
  {
    // PyTorch tells how much there is and was left.
    pattern: /GPU (\d+) has a total capacity of ([\d.]+ [GM]iB) of which ([\d.]+ (?:[KMG]iB|bytes)) is free/,
    finds: ([, gpu, total, free]) => ({ kind: "oom", says: `: of GPU ${gpu}'s ${total} only ${free} were free` }),
  },
  sign(
    "oom",
    /CUDA out of memory|HIP out of memory|CUDA error: out of memory|CUDA_ERROR_OUT_OF_MEMORY|cudaErrorMemoryAllocation|Cuda failure 'out of memory'|torch\.(?:cuda\.)?OutOfMemoryError/,
    "",
  ),
  // llama.cpp's.
  sign(
    "oom",
    /cudaMalloc failed: out of memory|unable to allocate CUDA\d* buffer|failed to allocate buffer for kv cache|failed to allocate compute (?:pp )?buffers/,
    "",
  ),
  sign(
    "host-memory",
    /DefaultCPUAllocator: (?:can't|not enough) |std::bad_alloc|Cannot allocate memory|\bMemoryError\b/,
    "The machine ran out of memory (not the GPU's): give it more, or a smaller model.",
  ),
  sign(
    "disk-full",
    /No space left on device|os error 28|Errno 28|not enough free disk space/i,
    "The disk is full where models are kept: make room, or bind another one.",
  ),
  {
    pattern: /Access to model (\S+) is restricted|Repo model (\S+) is gated/,
    finds: ([, restricted, gated]) => ({ kind: "model-missing", says: `${restricted ?? gated} ${GATED}` }),
  },
  sign("model-missing", /GatedRepoError|gated repo/, `Its model ${GATED}`),
  sign(
    "model-missing",
    /RepositoryNotFoundError|Repository Not Found for url|is not a local folder and is not a valid model identifier|EntryNotFoundError|HFValidationError|Repo id must/,
    "There is no such model at Hugging Face, or not for this HF_TOKEN, and no such folder: see `model`, and `volumes` if it is a path.",
  ),
  sign(
    "model-missing",
    /couldn't connect to '?https:\/\/huggingface\.co|outgoing traffic has been disabled|LocalEntryNotFoundError|Failed to resolve 'huggingface\.co'|host='huggingface\.co'/,
    "Its model is not in the cache, and Hugging Face cannot be reached: fetch it first, or let the engine out.",
  ),
  sign(
    "model-missing",
    /failed to open GGUF file|failed to open .*\.gguf|No such file or directory.*\.gguf|\.gguf.*No such file or directory/,
    "There is no such file: see `model`, and `volumes` if it runs in a container.",
  ),
  {
    pattern:
      /error: unrecognized arguments: (.+)|error: argument (--[\w/, -]+): |error: invalid argument: (--?[\w-]+)|error while handling argument "(--?[\w-]+)"/,
    finds: ([, unknown, wrong, invalid, handled]) => ({
      kind: "bad-arguments",
      // Of values nothing is said: they may be secret.
      says: `It does not take its arguments: see ${(unknown ?? wrong ?? invalid ?? handled ?? "").match(/(?<!\S)--?[a-zA-Z][\w-]*/g)?.join(", ") ?? "`args`"} in \`args\`, and its version.`,
    }),
  },
  {
    pattern: /User-specified max_model_len \((\d+)\) is greater than the derived max_model_len \(\D*(\d+)/,
    finds: ([, wanted, most]) => ({
      kind: "bad-arguments",
      says: `Its model was made for ${most} tokens, not for ${wanted}: set max_model_len to ${most} or less.`,
    }),
  },
  {
    pattern: /attention heads \((\d+)\) must be divisible by tensor parallel size \((\d+)\)/,
    finds: ([, heads, gpus]) => ({ kind: "bad-arguments", says: `Its model cannot be shared out over ${gpus} GPUs: it has ${heads} attention heads.` }),
  },
  sign(
    "bad-arguments",
    /Model architectures? .* (?:are|is) not supported|unknown model architecture|does not recognize this architecture/,
    "This version of the engine does not know the model's architecture: take a newer image.",
  ),
  sign("bad-arguments", /Bfloat16 is only supported on GPUs with compute capability/, "Its GPU does not know bfloat16: add `--dtype half` to `args`."),
  sign(
    "driver-mismatch",
    /CUDA driver version is insufficient|NVIDIA driver on your system is too old|unsatisfied condition: cuda|forward compatibility was attempted|Driver\/library version mismatch/,
    "The NVIDIA driver does not suit the engine's CUDA: update the driver, reboot if it was just updated, or take an image of an older CUDA.",
  ),
  sign(
    "driver-mismatch",
    /No CUDA GPUs are available|no CUDA-capable device is detected|Failed to infer device type|Failed to initialize NVML|could not select device driver|libcuda\.so\.1: cannot open/,
    "It sees no GPU: see that the NVIDIA container toolkit is installed and that `nvidia-smi` answers on this machine.",
  ),
  sign(
    "port-taken",
    /address already in use|Errno 98\]|couldn't bind (?:HTTP server )?socket/i,
    "Its port was taken by another program: it is started at another one.",
  ),
];
