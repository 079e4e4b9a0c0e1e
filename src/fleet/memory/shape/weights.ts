import { type JsonObject, numberOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import type { CacheShape } from "./model-shape.ts";

interface Measures {
  readonly layers: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly vocabulary: number;
  readonly heads: number;
  readonly cache?: CacheShape;
}

/**
 * Bytes of the weights, reckoned from a config where no file tells: the matrices of a usual transformer. Norms and biases are left out (well under a
 * percent). Right to a few percent for Llama, Qwen, Mistral and their like, and for mixtures of experts that say how many and how wide they are.
 */
export function reckonedWeights(config: JsonObject, { layers, hidden, intermediate, vocabulary, heads, cache }: Measures): number {
  const queries = heads * (cache?.kind === "heads" ? cache.headSize : hidden / heads);
  const keys = cache?.kind === "heads" ? cache.heads * cache.headSize : queries;
  const attention = 2 * hidden * queries + 2 * hidden * keys;
  const experts = count(config, "num_local_experts", "num_experts", "n_routed_experts") ?? 0;
  const expertWidth = count(config, "moe_intermediate_size") ?? intermediate;
  // A gate, a way up and a way down; those without a cache (BERT) have no gate.
  const matrices = cache === undefined ? 2 : 3;
  const inner = experts > 0 ? matrices * hidden * expertWidth * (experts + (count(config, "n_shared_experts") ?? 0)) : matrices * hidden * intermediate;
  const tables = config["tie_word_embeddings"] === true || cache === undefined ? 1 : 2;
  return layers * (attention + inner) * bytesPerWeight(objectOf(config["quantization_config"])) + tables * vocabulary * hidden * 2;
}

/** Four bits in groups: the scale of each group and its zero come to another 1/16 bytes of a weight, or less. */
function bytesPerWeight(quantisation: JsonObject): number {
  const method = stringOf(quantisation["quant_method"]);
  if (method === undefined) return 2;
  const bits = numberOf(quantisation["bits"]) ?? numberOf(quantisation["w_bit"]) ?? (/fp8|int8|w8/i.test(method) ? 8 : 4);
  const group = numberOf(quantisation["group_size"]) ?? numberOf(quantisation["q_group_size"]) ?? 128;
  return bits / 8 + (bits < 8 && group > 0 ? (2 + bits / 8) / group : 0);
}

const count = (config: JsonObject, ...names: string[]) => names.map((name) => numberOf(config[name])).find((value) => value !== undefined);
