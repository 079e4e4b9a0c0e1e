import { describe, expect, test } from "bun:test";
import type { EngineSpec } from "../../vocabulary/engine.ts";
import { GIB } from "../sizes.ts";
import { argumentOf, mergedArguments } from "./arguments.ts";
import { testLlama } from "./engine-spec.fixture.ts";
import { llamaCppArguments } from "./llama-cpp-arguments.ts";
import { type Start, utilisationOf, vllmArguments } from "./vllm-arguments.ts";

const NAME = "signalbox-ab12-llama_0-7";
const start = (spec: Partial<EngineSpec>, more: Partial<Start> = {}): Start => ({ spec: testLlama(spec), name: NAME, gpuMemory: 24 * GIB, ...more });

describe("vLLM", () => {
  const LLAMA = `--model meta-llama/Llama-3.1-8B-Instruct --served-model-name meta-llama/Llama-3.1-8B-Instruct ${NAME} --host {host} --port {port}`;
  test.each<[string, Partial<EngineSpec>, Partial<Start>, string]>([
    ["as little as there is", { vram: 0 }, {}, `${LLAMA} --enable-prefix-caching`],
    [
      "as seed 002 has it",
      { maxModelLen: 32768, maxConcurrent: 3 },
      {},
      `${LLAMA} --max-model-len 32768 --max-num-seqs 3 --gpu-memory-utilization 0.91 --enable-prefix-caching`,
    ],
    ["a GPU nobody measured", {}, { gpuMemory: undefined }, `${LLAMA} --enable-prefix-caching`],
    [
      "two GPUs",
      { model: "Q/72B", gpus: ["0", "1"], tensorParallel: 2 },
      {},
      `--model Q/72B --served-model-name Q/72B ${NAME} --host {host} --port {port} --gpu-memory-utilization 0.91 --tensor-parallel-size 2 --enable-prefix-caching`,
    ],
    [
      "what was learnt",
      { maxModelLen: 32768, maxConcurrent: 8 },
      { caps: { maxModelLen: 20000, maxNumSeqs: 4, utilisation: 0.88, maxConcurrent: 2, since: 0 } },
      `${LLAMA} --max-model-len 20000 --max-num-seqs 4 --gpu-memory-utilization 0.88 --enable-prefix-caching`,
    ],
    [
      "the config's own hold, however they are written",
      { maxModelLen: 32768, maxConcurrent: 3, args: ["--max-model-len=4096", "--max_num_seqs", "9", "--no-enable-prefix-caching", "--dtype", "half"] },
      {},
      `${LLAMA} --gpu-memory-utilization 0.91 --max-model-len=4096 --max_num_seqs 9 --no-enable-prefix-caching --dtype half`,
    ],
    [
      "embeddings",
      { model: "BAAI/bge-m3", task: "embed", vram: 2 * GIB },
      {},
      `--model BAAI/bge-m3 --served-model-name BAAI/bge-m3 ${NAME} --host {host} --port {port} --gpu-memory-utilization 0.08 --runner pooling`,
    ],
    [
      "reranking, by an old image",
      { model: "r", task: "rerank", vram: 0, args: ["--task", "score"] },
      {},
      `--model r --served-model-name r ${NAME} --host {host} --port {port} --task score`,
    ],
    ["by its short name", { vram: 0, gpus: ["0", "1"], tensorParallel: 2, args: ["-tp", "1"] }, {}, `${LLAMA} --enable-prefix-caching -tp 1`],
  ])("%s", (_case, spec, more, expected) => {
    expect(vllmArguments(start(spec, more)).join(" ")).toBe(expected);
  });

  test.each<[number, number | undefined, number | undefined]>([
    [22, 24, 0.91],
    [18, 24, 0.75],
    [24, 24, 0.98],
    [0.1, 24, 0.01],
    [0, 24, undefined],
    [22, undefined, undefined],
  ])("%p of %p GiB", (vram, total, share) => {
    expect(utilisationOf(vram * GIB, total === undefined ? undefined : total * GIB)).toBe(share as number);
  });
});

describe("llama.cpp", () => {
  test.each<[string, Partial<EngineSpec>, Partial<Start>, string]>([
    ["a file", { model: "/models/a.gguf" }, {}, `-m /models/a.gguf --alias /models/a.gguf,${NAME} --host {host} --port {port} --metrics --n-gpu-layers 999`],
    [
      "one of Hugging Face's, on no GPU",
      { model: "o/a-GGUF:Q4_K_M", gpus: [] },
      {},
      `-hf o/a-GGUF:Q4_K_M --alias o/a-GGUF:Q4_K_M,${NAME} --host {host} --port {port} --metrics --n-gpu-layers 0`,
    ],
    [
      "each request gets the whole length",
      { model: "a.gguf", maxModelLen: 8192, maxConcurrent: 4 },
      {},
      `-m a.gguf --alias a.gguf,${NAME} --host {host} --port {port} --ctx-size 32768 --parallel 4 --metrics --n-gpu-layers 999`,
    ],
    [
      "what was learnt",
      { model: "a.gguf", maxModelLen: 8192, maxConcurrent: 4 },
      { caps: { maxNumSeqs: 2, since: 0 } },
      `-m a.gguf --alias a.gguf,${NAME} --host {host} --port {port} --ctx-size 16384 --parallel 2 --metrics --n-gpu-layers 999`,
    ],
    [
      "the config's own hold",
      { model: "a.gguf", maxModelLen: 8192, args: ["-c", "4096", "-ngl", "20", "--model", "b.gguf"] },
      {},
      `--alias a.gguf,${NAME} --host {host} --port {port} --parallel 1 --metrics -c 4096 -ngl 20 --model b.gguf`,
    ],
    [
      "embeddings",
      { model: "e.gguf", task: "embed" },
      {},
      `-m e.gguf --alias e.gguf,${NAME} --host {host} --port {port} --metrics --n-gpu-layers 999 --embedding`,
    ],
    [
      "reranking",
      { model: "r.gguf", task: "rerank", args: ["--rerank"] },
      {},
      `-m r.gguf --alias r.gguf,${NAME} --host {host} --port {port} --metrics --n-gpu-layers 999 --rerank`,
    ],
  ])("%s", (_case, spec, more, expected) => {
    expect(llamaCppArguments(start(spec, more)).join(" ")).toBe(expected);
  });
});

test("nothing stands twice", () => {
  const ours = [
    { flag: "--a", values: ["1"] },
    { flag: "--b", values: [] },
    { flag: "--c-d", values: ["2"] },
  ];
  expect(mergedArguments(ours, ["--c_d=3", "--no-b"])).toEqual(["--a", "1", "--c_d=3", "--no-b"]);
});

test.each<[string, string | undefined]>([
  ["--x 1", "1"],
  ["--x=1", "1"],
  ["--x 1 --x=2", "2"],
  ["--x", ""],
  ["--x --y", ""],
  ["--x -1", "-1"],
  ["--y 1", undefined],
])("%s says of --x: %p", (words, value) => {
  expect(argumentOf(words.split(" "), "--x")).toBe(value as string);
});
