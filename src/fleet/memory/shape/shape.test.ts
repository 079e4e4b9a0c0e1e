import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { shapeOfConfig } from "./config-json.ts";
import { findShape, type ModelFiles } from "./find-shape.ts";
import { KNOWN_MODELS } from "./known-models.ts";
import { modelFiles } from "./model-files.ts";
import { cacheBytes, tokensIn } from "./model-shape.ts";

const KIB = 1024;
/** What of each model's `config.json` matters here. */
const CONFIGS = {
  "meta-llama/Llama-3.1-8B-Instruct": {
    architectures: ["LlamaForCausalLM"],
    hidden_size: 4096,
    intermediate_size: 14336,
    num_attention_heads: 32,
    num_hidden_layers: 32,
    num_key_value_heads: 8,
    vocab_size: 128256,
    max_position_embeddings: 131072,
    tie_word_embeddings: false,
    torch_dtype: "bfloat16",
  },
  "Qwen/Qwen2.5-Coder-7B-Instruct": {
    architectures: ["Qwen2ForCausalLM"],
    hidden_size: 3584,
    intermediate_size: 18944,
    num_attention_heads: 28,
    num_hidden_layers: 28,
    num_key_value_heads: 4,
    vocab_size: 152064,
    max_position_embeddings: 32768,
    sliding_window: 131072,
    use_sliding_window: false,
    tie_word_embeddings: false,
    torch_dtype: "bfloat16",
  },
  "Qwen/Qwen2.5-72B-Instruct-AWQ": {
    architectures: ["Qwen2ForCausalLM"],
    hidden_size: 8192,
    intermediate_size: 29696,
    num_attention_heads: 64,
    num_hidden_layers: 80,
    num_key_value_heads: 8,
    vocab_size: 152064,
    max_position_embeddings: 32768,
    torch_dtype: "float16",
    quantization_config: { bits: 4, group_size: 128, quant_method: "awq" },
  },
  "BAAI/bge-m3": {
    architectures: ["XLMRobertaModel"],
    hidden_size: 1024,
    intermediate_size: 4096,
    num_attention_heads: 16,
    num_hidden_layers: 24,
    vocab_size: 250002,
    max_position_embeddings: 8194,
    torch_dtype: "float32",
  },
} as const;

describe("a config is read as the model is known", () => {
  test.each(Object.keys(CONFIGS) as (keyof typeof CONFIGS)[])("%s", (model) => {
    const shape = shapeOfConfig(JSON.stringify(CONFIGS[model]));
    const known = KNOWN_MODELS[model];
    expect(shape?.cache).toEqual(known?.cache as NonNullable<typeof known>["cache"] & {});
    expect([shape?.layers, shape?.hidden, shape?.vocabulary]).toEqual([known?.layers, known?.hidden, known?.vocabulary]);
    // Reckoned without a file, to two percent.
    expect(shape?.weighed).toBe("reckoned");
    expect((shape?.weights ?? 0) / (known?.weights ?? 1)).toBeCloseTo(1, 1.4);
  });
});

test.each<[string, object, number, number]>([
  ["Llama 3.1 8B", CONFIGS["meta-llama/Llama-3.1-8B-Instruct"], 1, 128 * KIB],
  ["shared out over two GPUs", CONFIGS["meta-llama/Llama-3.1-8B-Instruct"], 2, 64 * KIB],
  ["more GPUs than heads", CONFIGS["Qwen/Qwen2.5-Coder-7B-Instruct"], 8, 14 * KIB],
  ["72B on two GPUs", CONFIGS["Qwen/Qwen2.5-72B-Instruct-AWQ"], 2, 160 * KIB],
  ["embeddings keep nothing", CONFIGS["BAAI/bge-m3"], 1, 0],
  [
    "DeepSeek V3: latent, whole on each GPU",
    { hidden_size: 7168, num_attention_heads: 128, num_hidden_layers: 61, kv_lora_rank: 512, qk_rope_head_dim: 64 },
    8,
    61 * 576 * 2,
  ],
  ["a head of a size of its own", { hidden_size: 5120, num_attention_heads: 32, num_key_value_heads: 8, head_dim: 128, num_hidden_layers: 40 }, 1, 160 * KIB],
  [
    "a model in parts, by its language",
    { vision_config: {}, text_config: { hidden_size: 4096, num_attention_heads: 32, num_key_value_heads: 8, num_hidden_layers: 32 } },
    1,
    128 * KIB,
  ],
  [
    "layers with a state keep no tokens",
    {
      hidden_size: 2048,
      num_attention_heads: 16,
      num_key_value_heads: 2,
      head_dim: 256,
      num_hidden_layers: 4,
      layer_types: ["linear_attention", "linear_attention", "linear_attention", "full_attention"],
    },
    1,
    2 * KIB,
  ],
])("bytes of a token: %s", (_case, config, gpus, bytes) => {
  expect(cacheBytes(shapeOfConfig(JSON.stringify(config))?.cache, 1, gpus)).toBe(bytes);
});

describe("windows", () => {
  const gemma = {
    hidden_size: 3840,
    num_attention_heads: 16,
    num_key_value_heads: 8,
    head_dim: 256,
    num_hidden_layers: 48,
    sliding_window: 1024,
    sliding_window_pattern: 6,
  };
  const mistral = { model_type: "mistral", hidden_size: 4096, num_attention_heads: 32, num_key_value_heads: 8, num_hidden_layers: 32, sliding_window: 4096 };
  const typed = {
    ...mistral,
    model_type: "gpt_oss",
    sliding_window: 128,
    layer_types: Array.from({ length: 32 }, (_, at) => (at % 2 ? "full_attention" : "sliding_attention")),
  };
  test.each<[string, object, number, number]>([
    ["every sixth layer sees all", gemma, 10_000, 8 * KIB * (8 * 10_000 + 40 * 1024)],
    ["none does", mistral, 10_000, 4 * KIB * 32 * 4096],
    ["shorter than the window", mistral, 100, 4 * KIB * 32 * 100],
    ["each layer says", typed, 1000, 4 * KIB * (16 * 1000 + 16 * 128)],
  ])("%s", (_case, config, tokens, bytes) => {
    const cache = shapeOfConfig(JSON.stringify(config))?.cache;
    expect(cacheBytes(cache, tokens, 1)).toBe(bytes);
    const fitting = tokensIn(cache, bytes, 1);
    expect(fitting === Number.POSITIVE_INFINITY || fitting === tokens).toBe(true);
  });
});

describe("where shapes are found", () => {
  const config = JSON.stringify(CONFIGS["meta-llama/Llama-3.1-8B-Instruct"]);
  const disk = (texts: Record<string, string>, sizes: Record<string, number> = {}): ModelFiles => ({
    text: async (path) => texts[path],
    list: async (folder) =>
      [...Object.keys(texts), ...Object.keys(sizes)]
        .filter((path) => path.startsWith(`${folder}/`))
        .map((path) => ({ name: path.slice(folder.length + 1), bytes: sizes[path] ?? 1 })),
  });
  const SNAPSHOT = "/hub/models--my--llama/snapshots/abc";
  const CACHED = { "/hub/models--my--llama/refs/main": "abc\n", [`${SNAPSHOT}/config.json`]: config };

  test.each<[string, string, ModelFiles, number | undefined, string | undefined]>([
    [
      "a folder with an index",
      "/m",
      disk({ "/m/config.json": config, "/m/model.safetensors.index.json": '{"metadata":{"total_size":16060522496}}' }),
      16_060_522_496,
      "files",
    ],
    [
      "a folder with files",
      "/m",
      disk({ "/m/config.json": config }, { "/m/model-1.safetensors": 9e9, "/m/model-2.safetensors": 7e9, "/m/consolidated.safetensors": 16e9 }),
      16e9,
      "files",
    ],
    ["a folder with files of PyTorch's", "/m", disk({ "/m/config.json": config }, { "/m/pytorch_model.bin": 16e9 }), 16e9, "files"],
    ["32 bits are loaded as 16", "/m", disk({ "/m/config.json": config.replace("bfloat16", "float32") }, { "/m/model.safetensors": 32e9 }), 16e9, "files"],
    ["a folder that is not there", "/m", disk({}), undefined, undefined],
    ["a folder with nonsense", "/m", disk({ "/m/config.json": "{" }), undefined, undefined],
    ["the cache", "my/llama", disk(CACHED, { [`${SNAPSHOT}/model.safetensors`]: 16e9 }), 16e9, "files"],
    ["nothing but a name that is known", "Qwen/Qwen2.5-Coder-7B-Instruct", disk({}), 15_231_233_024, "files"],
    ["nothing but a name", "my/other", disk({}), undefined, undefined],
  ])("%s", async (_case, model, files, weights, weighed) => {
    const shape = await findShape(model, { files, hub: "/hub" });
    expect([shape?.weights, shape?.weighed]).toEqual([weights, weighed as "files"]);
  });

  test("on a disk", async () => {
    const folder = mkdtempSync(join(tmpdir(), "signalbox-model-"));
    try {
      writeFileSync(join(folder, "config.json"), config);
      writeFileSync(join(folder, "model.safetensors"), "12345678");
      expect((await findShape(folder, { files: modelFiles }))?.weights).toBe(8);
      expect(await findShape(join(folder, "not-there"), { files: modelFiles })).toBeUndefined();
      expect(await modelFiles.list(join(folder, "not-there"))).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
