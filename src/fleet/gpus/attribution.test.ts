import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { attribute, type Holder } from "./attribution.ts";
import type { GpuProcess } from "./gpu.ts";
import { parentIn } from "./parent-of.ts";

/** Processes by who started them: 101 and 102 are of 100's, 900 is nobody's. */
const PARENTS = new Map([
  [100, 1],
  [101, 100],
  [102, 101],
  [900, 1],
]);
const parentOf = (pid: number) => PARENTS.get(pid);
const gpu = (used: number, processes: readonly GpuProcess[]) => ({ id: "0", name: "GPU", total: 24_000, used, processes, readAt: 0 });
const llama: Holder = { engine: "llama", pid: 100, granted: new Map([["0", 18_000]]) };
const qwen: Holder = { engine: "qwen", granted: new Map([["0", 6000]]) };
const process = (pid: number, used?: number) => ({ pid, name: `p${pid}`, used });

test.each<[string, number, GpuProcess[], Holder[], { ours: Record<string, number>; foreign: number; estimated: boolean; strangers?: number[] }]>([
  ["nobody", 100, [], [], { ours: {}, foreign: 100, estimated: false }],
  ["an engine's own process", 17_100, [process(100, 17_000)], [llama], { ours: { llama: 17_000 }, foreign: 100, estimated: false }],
  ["its children", 17_000, [process(101, 9000), process(102, 8000)], [llama], { ours: { llama: 17_000 }, foreign: 0, estimated: false }],
  [
    "a stranger beside it",
    20_000,
    [process(102, 8000), process(900, 12_000)],
    [llama],
    { ours: { llama: 8000 }, foreign: 12_000, estimated: false, strangers: [900] },
  ],
  ["no processes are shown: a container", 18_500, [], [llama], { ours: { llama: 18_000 }, foreign: 500, estimated: true }],
  ["it uses less than it was granted", 9000, [], [llama], { ours: { llama: 9000 }, foreign: 0, estimated: true }],
  ["processes that do not tell", 18_500, [process(100), process(900)], [llama], { ours: { llama: 18_000 }, foreign: 500, estimated: true, strangers: [900] }],
  ["not begun yet, and a stranger there", 10_000, [process(900, 10_000)], [llama], { ours: { llama: 0 }, foreign: 10_000, estimated: false, strangers: [900] }],
  ["one shows, one does not", 20_000, [process(100, 15_000)], [llama, qwen], { ours: { llama: 15_000, qwen: 5000 }, foreign: 0, estimated: true }],
  ["two that do not show share by what they were granted", 12_000, [], [llama, qwen], { ours: { llama: 9000, qwen: 3000 }, foreign: 0, estimated: true }],
  ["an engine of another GPU", 500, [], [{ ...llama, granted: new Map([["1", 1]]) }], { ours: {}, foreign: 500, estimated: false }],
])("%s", (_case, used, processes, holders, { ours, foreign, estimated, strangers = [] }) => {
  const [use] = attribute([gpu(used, processes)], holders, parentOf);
  expect({ ...use, ours: Object.fromEntries(use?.ours ?? []), strangers: use?.strangers.map(({ pid }) => pid) }).toEqual({
    id: "0",
    ours,
    foreign,
    estimated,
    strangers,
  });
});

test("nothing is counted twice, nothing is below nothing", () => {
  const bytes = fc.nat(30_000);
  const each = fc.record({ pid: fc.constantFrom(100, 101, 900, 901), name: fc.constant("p"), used: fc.option(bytes, { nil: undefined }) });
  fc.assert(
    fc.property(bytes, fc.array(each, { maxLength: 4 }), fc.subarray([llama, qwen]), (used, processes, holders) => {
      const [use] = attribute([gpu(used, processes)], holders, parentOf);
      const ours = [...(use?.ours.values() ?? [])].reduce((sum, one) => sum + one, 0);
      const told = processes.reduce((sum, one) => sum + (one.used ?? 0), 0);
      expect(use?.foreign).toBeGreaterThanOrEqual(0);
      expect(Math.min(...(use?.ours.values() ?? []), 0)).toBe(0);
      expect(ours).toBeLessThanOrEqual(Math.max(used, told));
      if (told <= used) expect(ours + (use?.foreign ?? 0)).toBe(used);
    }),
  );
});

describe("a process's parent", () => {
  test.each([
    ["28043 (cat) R 28034 28034 22339 0 -1", 28034],
    ["7372 (VLLM::Worker (TP0)) S 7300 7300 0", 7300],
    ["1 (systemd) S 0 1 1 0", undefined],
    ["", undefined],
  ])("%s", (stat, parent) => {
    expect(parentIn(stat)).toBe(parent as number);
  });
});
