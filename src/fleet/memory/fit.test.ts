import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { testLlama } from "../engines/engine-spec.fixture.ts";
import { GIB, KIB, MIB, sized } from "../sizes.ts";
import { engineFit } from "./engine-fit.ts";
import { fit, type Wish } from "./fit.ts";
import { KNOWN_MODELS } from "./shape/known-models.ts";
import { cacheBytes, type ModelShape } from "./shape/model-shape.ts";

const LLAMA = "meta-llama/Llama-3.1-8B-Instruct";
const BIG = "Qwen/Qwen2.5-72B-Instruct-AWQ";
const shapeOf = (model: string): ModelShape => {
  const shape = KNOWN_MODELS[model];
  if (shape === undefined) throw new Error(`${model} is not known.`);
  return shape;
};
const fitOf = (wish: Omit<Wish, "tensorParallel"> & { readonly tensorParallel?: number }) => fit(shapeOf(wish.model), { tensorParallel: 1, ...wish });

describe("the figures of the fleet's design", () => {
  test("Llama 3.1 8B: 15.0 GiB and 128 KiB a token, 42 thousand of them on a card of 24 GB", () => {
    expect(sized(shapeOf(LLAMA).weights)).toBe("15.0 GiB");
    expect(cacheBytes(shapeOf(LLAMA).cache, 1, 1)).toBe(128 * KIB);
    const { tokens, fits, says } = fitOf({ model: LLAMA, vram: 22 * GIB, maxModelLen: 32768 });
    expect(Math.round((tokens ?? 0) / 1000)).toBe(42);
    expect(fits).toBe(true);
    expect(says).toBe(
      "Llama-3.1-8B-Instruct in 22.0 GiB leaves about 42k tokens: 32768 fit (15.0 GiB of weights and 1.9 GiB for activations, graphs, CUDA and what is lost leave 5.1 GiB, at 128 KiB a token).",
    );
  });

  test("Qwen2.5 72B AWQ on two cards of 24 GB leaves 6 thousand", () => {
    const { tokens, fits, hopeless, longest, says } = fitOf({ model: BIG, vram: 22 * GIB, tensorParallel: 2, maxModelLen: 16384, sequences: 2 });
    expect(Math.round((tokens ?? 0) / 1000)).toBe(6);
    expect([fits, hopeless, longest]).toEqual([false, true, 5936]);
    expect(says).toBe(
      "Qwen2.5-72B-Instruct-AWQ on 2 GPUs with 22.0 GiB of each leaves about 6k tokens: 16384 do not fit; the most is max_model_len 5936 (about 19.4 GiB of weights and 1.7 GiB for activations, graphs, CUDA and what is lost leave 0.9 GiB, at 160 KiB a token on each GPU).",
    );
  });
});

test.each<[string, Omit<Wish, "tensorParallel"> & { readonly tensorParallel?: number }, boolean, string]>([
  ["weights that do not fit", { model: BIG, vram: 22 * GIB, sequences: 2 }, false, "do not fit; it needs 18.6 GiB more, or more GPUs."],
  [
    "several at once wait for one another",
    { model: LLAMA, vram: 18 * GIB, maxModelLen: 8192, sequences: 6 },
    true,
    "8192 fit, of 6 requests that long 1 at once",
  ],
  ["embeddings keep nothing", { model: "BAAI/bge-m3", vram: 2 * GIB }, true, "it keeps no cache."],
  ["reranking in too little", { model: "BAAI/bge-reranker-v2-m3", vram: GIB }, false, "do not fit"],
  ["as long as it was made for", { model: "Qwen/Qwen2.5-Coder-7B-Instruct", vram: 22 * GIB }, true, "32768 fit"],
])("%s", (_case, wish, fits, says) => {
  const result = fitOf(wish);
  expect(result.fits).toBe(fits);
  expect(result.says).toContain(says);
});

describe("between what surely fits and what cannot", () => {
  test("there is what may: it is worth a start", () => {
    const { fits, hopeless, says } = fitOf({ model: BIG, vram: 22 * GIB, tensorParallel: 2, maxModelLen: 8192, sequences: 2 });
    expect([fits, hopeless]).toEqual([false, false]);
    expect(says).toContain("8192 may not fit");
  });

  test("vLLM's own figure lies there", () => {
    // It said 15.27 GiB of weights and 42,768 tokens on an RTX 4090 (24,564 MiB) at 0.9.
    const qwen3: ModelShape = {
      ...shapeOf(LLAMA),
      weights: 15.27 * GIB,
      layers: 36,
      intermediate: 12_288,
      vocabulary: 151_936,
      cache: { kind: "heads", heads: 8, headSize: 128, bytesPerValue: 2, layers: { full: 36, sliding: 0, window: 0 } },
    };
    const { tokens, hopeless } = fit(qwen3, { model: "Qwen/Qwen3-8B", vram: 0.9 * 24_564 * MIB, tensorParallel: 1, maxModelLen: 42_768 });
    expect(Math.round((tokens ?? 0) / 1000)).toBe(32);
    expect(hopeless).toBe(false);
  });
});

describe("an engine's own arguments count", () => {
  const spec = testLlama({ model: BIG, gpus: ["0", "1"], tensorParallel: 2, maxModelLen: 10_000, maxConcurrent: 2 });
  test.each<[string, string[], boolean]>([
    ["none", [], false],
    ["a cache of 8 bits", ["--kv-cache-dtype", "fp8"], true],
    ["no graphs, and smaller steps", ["--enforce-eager", "--max-num-batched-tokens=512"], false],
    ["a shorter context", ["--max-model-len", "5000"], true],
  ])("%s", (_case, args, fits) => {
    expect(engineFit({ ...spec, args }, shapeOf(BIG), undefined).fits).toBe(fits);
  });

  test("and what was learnt", () => {
    expect(engineFit(spec, shapeOf(BIG), { maxModelLen: 5000, since: 0 }).fits).toBe(true);
  });

  test("without graphs, and in smaller steps, there is room for more", () => {
    const tokensWith = (...args: string[]) => engineFit({ ...spec, args }, shapeOf(BIG), undefined).tokens ?? 0;
    expect(tokensWith("--enforce-eager")).toBeGreaterThan(tokensWith());
    expect(tokensWith("--enforce-eager", "--max-num-batched-tokens=512")).toBeGreaterThan(tokensWith("--enforce-eager"));
  });
});

test("the longest that fits does fit, and more memory never holds less", () => {
  const models = fc.constantFrom(...Object.keys(KNOWN_MODELS));
  fc.assert(
    fc.property(
      models,
      fc.integer({ min: 1, max: 80 }),
      fc.constantFrom(1, 2, 4, 8),
      fc.integer({ min: 1, max: 64 }),
      (model, gib, tensorParallel, sequences) => {
        const wish = { model, vram: gib * GIB, tensorParallel, sequences, maxModelLen: 131_072 };
        const { fits, hopeless, longest, tokens = 0, needed, neededAtOnce } = fitOf(wish);
        expect(fits && hopeless).toBe(false);
        if (longest > 0 && shapeOf(model).cache !== undefined) expect(fitOf({ ...wish, maxModelLen: longest }).fits).toBe(true);
        expect(neededAtOnce).toBeGreaterThanOrEqual(needed);
        expect(fitOf({ ...wish, vram: (gib + 1) * GIB }).tokens ?? 0).toBeGreaterThanOrEqual(tokens);
      },
    ),
  );
});

test.each<[number, string]>([
  [15.04 * GIB, "15.0 GiB"],
  [160 * KIB, "160 KiB"],
  [64 * KIB * KIB, "64 MiB"],
  [0.2 * GIB, "0.2 GiB"],
])("%p is %s", (bytes, says) => {
  expect(sized(bytes)).toBe(says);
});
