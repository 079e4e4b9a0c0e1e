import { expect, test } from "bun:test";
import fc from "fast-check";
import { GIB } from "../sizes.ts";
import { fitTogether, residentSets } from "./residents.ts";

const engine = (name: string, gpus: string, gib: number) => ({ name, gpus: gpus.split(" "), vram: gib * GIB });
/** The nine of seed 002 on two cards of 24 GB. */
const NINE = [
  engine("llama_0", "0", 22),
  engine("qwen_coder_0", "0", 21),
  engine("deepseek_r1_0", "0", 22),
  engine("llama_1", "1", 18),
  engine("qwen_coder_1", "1", 18),
  engine("deepseek_r1_1", "1", 18),
  engine("bge_m3_1", "1", 2),
  engine("reranker_1", "1", 2),
  engine("qwen_72b_dual", "0 1", 22),
];
const TWO = [
  { id: "0", bytes: 24 * GIB },
  { id: "1", bytes: 24 * GIB },
];

test("what can be resident at once: one 8B on each, with embeddings and reranking, or the 72B", () => {
  const small = (left: string, right: string) => [left, right, "bge_m3_1", "reranker_1"].join(" ");
  const lefts = ["llama_0", "qwen_coder_0", "deepseek_r1_0"];
  const rights = ["llama_1", "qwen_coder_1", "deepseek_r1_1"];
  const expected = [...lefts.flatMap((left) => rights.map((right) => small(left, right))), "bge_m3_1 qwen_72b_dual", "reranker_1 qwen_72b_dual"];
  const sets = residentSets(NINE, TWO).map((set) => set.map(({ name }) => name).join(" "));
  expect(sets.sort()).toEqual(expected.sort());
});

test("one that fits nowhere, or on a GPU that is not there, is in none", () => {
  expect(residentSets([engine("a", "0", 25), engine("b", "5", 1)], TWO)).toEqual([]);
});

test("many that all fit are one set", () => {
  const many = Array.from({ length: 40 }, (_, at) => engine(`e${at}`, `${at % 2}`, 1));
  expect(residentSets(many, TWO).length).toBe(1);
});

test("every set fits, and none could take another", () => {
  const each = fc.record({ gpus: fc.constantFrom("0", "1", "0 1"), gib: fc.integer({ min: 1, max: 26 }) });
  fc.assert(
    fc.property(fc.array(each, { minLength: 1, maxLength: 9 }), (wishes) => {
      const engines = wishes.map(({ gpus, gib }, at) => engine(`e${at}`, gpus, gib));
      for (const set of residentSets(engines, TWO)) {
        expect(fitTogether(set, TWO)).toBe(true);
        for (const other of engines) if (!set.includes(other)) expect(fitTogether([...set, other], TWO)).toBe(false);
      }
    }),
  );
});
