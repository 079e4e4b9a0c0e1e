import type { CacheShape, ModelShape } from "./model-shape.ts";

const heads = (layers: number, count: number, headSize: number): CacheShape => ({
  kind: "heads",
  heads: count,
  headSize,
  bytesPerValue: 2,
  layers: { full: layers, sliding: 0, window: 0 },
});

const llama8b: ModelShape = {
  // 8,030,261,248 parameters of 16 bits: `total_size` of its index.
  weights: 16_060_522_496,
  weighed: "files",
  layers: 32,
  hidden: 4096,
  intermediate: 14_336,
  vocabulary: 128_256,
  cache: heads(32, 8, 128),
  longest: 131_072,
};

/** XLM-RoBERTa large with 8,192 places: 568 million parameters, saved in 32 bits and loaded in 16. It keeps no cache. */
const xlmRobertaLarge: ModelShape = {
  weights: 1_135_509_504,
  weighed: "files",
  layers: 24,
  hidden: 1024,
  intermediate: 4096,
  vocabulary: 250_002,
  longest: 8192,
};

/**
 * Models of which the fit is known before anything was fetched, by the name at Hugging Face: from `config.json` and `model.safetensors.index.json` of
 * each, or reckoned from the former, where said so.
 */
export const KNOWN_MODELS: Readonly<Record<string, ModelShape>> = {
  "meta-llama/Llama-3.1-8B": llama8b,
  "meta-llama/Llama-3.1-8B-Instruct": llama8b,
  "meta-llama/Meta-Llama-3.1-8B-Instruct": llama8b,
  "deepseek-ai/DeepSeek-R1-Distill-Llama-8B": llama8b,
  "Qwen/Qwen2.5-Coder-7B-Instruct": {
    // 7,615,616,512 parameters of 16 bits.
    weights: 15_231_233_024,
    weighed: "files",
    layers: 28,
    hidden: 3584,
    intermediate: 18_944,
    vocabulary: 152_064,
    cache: heads(28, 4, 128),
    longest: 32_768,
  },
  "Qwen/Qwen2.5-72B-Instruct-AWQ": {
    // Reckoned: 70.5 thousand million weights of 4 bits in groups of 128 (its inner width is padded to 29,696), and two tables of 16 bits.
    weights: 41_590_000_000,
    weighed: "reckoned",
    layers: 80,
    hidden: 8192,
    intermediate: 29_696,
    vocabulary: 152_064,
    cache: heads(80, 8, 128),
    longest: 32_768,
  },
  "BAAI/bge-m3": xlmRobertaLarge,
  "BAAI/bge-reranker-v2-m3": xlmRobertaLarge,
};
