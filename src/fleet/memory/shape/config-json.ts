import { isObject, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import type { CacheLayers, CacheShape, ModelShape } from "./model-shape.ts";
import { reckonedWeights } from "./weights.ts";

/** Beside the config: what the weights' files come to, in bytes, if that is known. */
interface Files {
  readonly weights?: number;
}

/** vLLM computes in 16 bits what was saved in 32, and keeps the cache so. */
const BYTES_PER_VALUE = 2;

/** A model's shape by its `config.json`; `undefined`: it is none, or of a model without layers. Models in parts (vision) are taken by their language part. */
export function shapeOfConfig(text: string, files: Files = {}): ModelShape | undefined {
  const whole = parseJson(text);
  if (!isObject(whole)) return undefined;
  const config: JsonObject = isObject(whole["text_config"]) ? { ...whole, ...whole["text_config"] } : whole;
  const count = (...names: string[]) => names.map((name) => numberOf(config[name])).find((value) => value !== undefined);
  const layers = count("num_hidden_layers", "n_layer");
  const hidden = count("hidden_size", "n_embd");
  const heads = count("num_attention_heads", "n_head");
  if (layers === undefined || hidden === undefined || heads === undefined) return undefined;
  const shape = {
    layers,
    hidden,
    intermediate: count("intermediate_size", "n_inner") ?? 4 * hidden,
    vocabulary: count("vocab_size") ?? 0,
    cache: cacheOf(config, { layers, heads, headSize: count("head_dim") ?? hidden / heads }),
    longest: count("max_position_embeddings", "n_positions"),
  };
  if (files.weights === undefined) return { ...shape, weights: reckonedWeights(config, { ...shape, heads }), weighed: "reckoned" };
  const saved = stringOf(config["torch_dtype"]) ?? stringOf(config["dtype"]);
  return { ...shape, weights: saved === "float32" ? files.weights / 2 : files.weights, weighed: "files" };
}

interface Attention {
  readonly layers: number;
  readonly heads: number;
  readonly headSize: number;
}

/** Whose every token sees all others, before and after it, generates nothing and keeps nothing. */
const ENCODERS = /ForSequenceClassification$|ForMaskedLM$|^(Bert|Roberta|XLMRoberta|ModernBert|NomicBert|Gte|New)Model$/;

function cacheOf(config: JsonObject, { layers, heads, headSize }: Attention): CacheShape | undefined {
  const architecture = stringOf(listOf(config["architectures"])[0]) ?? "";
  if (ENCODERS.test(architecture) || config["is_decoder"] === false) return undefined;
  const kept = { bytesPerValue: BYTES_PER_VALUE, layers: cacheLayers(config, layers) };
  const latent = numberOf(config["kv_lora_rank"]);
  if (latent !== undefined) return { ...kept, kind: "latent", width: latent + (numberOf(config["qk_rope_head_dim"]) ?? 0) };
  return { ...kept, kind: "heads", heads: numberOf(config["num_key_value_heads"]) ?? heads, headSize };
}

/** Layers that keep a state of fixed size (linear attention, Mamba) keep no tokens; their state is not counted. */
function cacheLayers(config: JsonObject, layers: number): CacheLayers {
  const window = numberOf(config["sliding_window"]) ?? 0;
  const types = listOf(config["layer_types"]);
  if (types.length > 0) {
    const sliding = window > 0 ? types.filter((type) => type === "sliding_attention").length : 0;
    const stateful = types.filter((type) => type === "linear_attention" || type === "mamba").length;
    return { full: types.length - sliding - stateful, sliding, window };
  }
  // Gemma 3: every sixth layer sees all; Mistral's first: none does. Others name a window they do not use.
  const pattern = numberOf(config["sliding_window_pattern"]);
  if (window > 0 && pattern !== undefined) return { full: Math.floor(layers / pattern), sliding: layers - Math.floor(layers / pattern), window };
  if (window > 0 && stringOf(config["model_type"]) === "mistral") return { full: 0, sliding: layers, window };
  return { full: layers, sliding: 0, window: 0 };
}

/** `total_size` of a `*.safetensors.index.json`, in bytes. */
export function totalSizeOf(index: string): number | undefined {
  return numberOf(objectOf(objectOf(parseJson(index))["metadata"])["total_size"]);
}
