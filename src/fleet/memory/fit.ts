import { GIB, sized, tokensSaid } from "../sizes.ts";
import { cacheBytes, type ModelShape, tokensIn } from "./shape/model-shape.ts";

/** How a model is to run. Memory is bytes on each of its GPUs. */
export interface Wish {
  readonly model: string;
  readonly vram: number;
  /** GPUs its layers are shared out over. */
  readonly tensorParallel: number;
  /** Tokens of prompt and answer; absent: as many as it was made for. */
  readonly maxModelLen?: number;
  /** Requests at once; absent: vLLM's own bound. */
  readonly sequences?: number;
  /** Tokens computed in one step; absent: vLLM's own bound on cards of this size. */
  readonly batchedTokens?: number;
  /** No CUDA graphs are recorded. */
  readonly eager?: boolean;
}

/** Bytes on each GPU. */
interface Parts {
  readonly weights: number;
  /** What the widest step needs for a moment, logits included. */
  readonly activations: number;
  readonly graphs: number;
  /** CUDA, its libraries, and NCCL where there are several GPUs. */
  readonly context: number;
  /** What is lost: the share rounded down to a hundredth, what the driver hides of a card (2 %), fragments. */
  readonly margin: number;
}

/** Whether a model fits, and by how much. Bytes on each GPU. */
export interface Fit {
  readonly fits: boolean;
  /** Not even if it took nothing but its weights, one request and the least that was ever seen beside them: it is not worth a start. */
  readonly hopeless: boolean;
  readonly parts: Parts;
  /** With one request of full length, and with as many as are to run at once. */
  readonly needed: number;
  readonly neededAtOnce: number;
  /** Tokens of cache that there is room for; absent: it keeps none. */
  readonly tokens?: number;
  /** The longest context that one request may have. */
  readonly longest: number;
  /** The arithmetic, in a sentence or two. */
  readonly says: string;
}

const CONTEXT = 0.5 * GIB;
const GRAPHS = 0.2 * GIB;
const MARGIN = 0.03;
/** Qwen3 8B on an RTX 4090: of 0.9 of the card 15.27 GiB were weights and 5.87 cache, and so little all else. */
const LEAST_BESIDE = 0.4 * GIB;
/** vLLM's own on cards under 70 GiB, and at any time. */
const BATCHED_TOKENS = 2048;
const SEQUENCES = 256;
/** A block of its cache, in tokens. */
const BLOCK = 16;

/** Whether the model fits as it is to run: reckoned before anything is started. What a first start measured is better: see `measured.ts`. */
export function fit(shape: ModelShape, wish: Wish): Fit {
  const { vram, tensorParallel } = wish;
  const wanted = wish.maxModelLen ?? shape.longest ?? BATCHED_TOKENS;
  const sequences = wish.sequences ?? SEQUENCES;
  const parts = partsOf(shape, wish, wanted);
  const fixed = Object.values(parts).reduce((sum, part) => sum + part, 0);
  const left = vram - fixed;
  const one = cacheBytes(shape.cache, wanted, tensorParallel);
  const most = shape.longest ?? wanted;
  const endless = tokensIn(shape.cache, left, tensorParallel);
  const room = left < 0 ? 0 : Number.isFinite(endless) ? endless : most;
  const tokens = shape.cache === undefined ? undefined : room;
  const fits = one <= left;
  const whole = Math.floor(room / BLOCK) * BLOCK;
  const longest = fits ? Math.min(most, Math.max(whole, wanted)) : whole;
  const hopeless = parts.weights + one + LEAST_BESIDE > vram;
  const figures = { fits, hopeless, parts, needed: fixed + one, neededAtOnce: fixed + one * sequences, tokens, longest };
  return { ...figures, says: said(shape, { ...wish, wanted, left, fixed }, figures) };
}

function partsOf(shape: ModelShape, { vram, tensorParallel, sequences = SEQUENCES, batchedTokens, eager }: Wish, wanted: number): Parts {
  // Without a cache a prompt is computed whole, whatever its length.
  const batched = batchedTokens ?? (shape.cache === undefined ? Math.max(BATCHED_TOKENS, wanted) : BATCHED_TOKENS);
  // 16 bits of the residual stream and what attention makes of it, eight widths; of the inner layer, two. Logits: 16 bits, and 32 twice over.
  const activations = batched * 2 * (8 * shape.hidden + (2 * shape.intermediate) / tensorParallel);
  const logits = shape.cache === undefined ? 0 : sequences * shape.vocabulary * 10;
  return {
    weights: shape.weights / tensorParallel,
    activations: activations + logits,
    graphs: eager || shape.cache === undefined ? 0 : GRAPHS,
    context: CONTEXT,
    margin: vram * MARGIN,
  };
}

interface Arithmetic extends Wish {
  readonly wanted: number;
  readonly left: number;
  readonly fixed: number;
}

function said(
  shape: ModelShape,
  { model, vram, tensorParallel, sequences, wanted, left, fixed }: Arithmetic,
  { fits, hopeless, parts, tokens, longest }: Omit<Fit, "says">,
): string {
  const name = model.split("/").at(-1) ?? model;
  const where = tensorParallel === 1 ? `in ${sized(vram)}` : `on ${tensorParallel} GPUs with ${sized(vram)} of each`;
  const weights = `${shape.weighed === "reckoned" ? "about " : ""}${sized(parts.weights)} of weights`;
  const beside = `${sized(fixed - parts.weights)} for activations, graphs, CUDA and what is lost`;
  const may = hopeless ? "do not" : "may not";
  if (left < 0)
    return `${name} ${where}: ${weights} and ${beside} ${may} fit; it needs ${sized(-left)} more${tensorParallel === 1 ? "" : " on each"}, or more GPUs.`;
  if (shape.cache === undefined) return `${name} ${where}: ${weights} and ${beside} leave ${sized(left)}; it keeps no cache.`;
  const each = cacheBytes(shape.cache, 1, tensorParallel);
  const leaves = `${name} ${where} leaves about ${tokensSaid(tokens ?? 0)} tokens`;
  const why = `${weights} and ${beside} leave ${sized(left)}, at ${sized(each)} a token${tensorParallel === 1 ? "" : " on each GPU"}`;
  if (!fits) return `${leaves}: ${wanted} ${may} fit; the most is max_model_len ${longest} (${why}).`;
  const atOnce = left / cacheBytes(shape.cache, wanted, tensorParallel);
  const few = sequences !== undefined && atOnce < sequences ? `, of ${sequences} requests that long ${Math.floor(atOnce)} at once` : "";
  return `${leaves}: ${wanted} fit${few} (${why}).`;
}
