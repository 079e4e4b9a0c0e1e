import { expect, test } from "bun:test";
import { lineOf, lineText } from "../store/ledger/journal-line.ts";
import { spent } from "./gateways.fixture.ts";
import { recovered } from "./recovery.ts";

const line = (requestId: string, used: bigint, final = true) => lineText({ final, settlement: { ...spent(used), requestId, budgets: ["b"], held: 2n ** 60n } });

test("a line is read as it was written", () => {
  const { settlement } = lineOf(line("req_a", 9_007_199_254_740_993n));
  expect([settlement.used, settlement.held, settlement.requestId]).toEqual([9_007_199_254_740_993n, 2n ** 60n, "req_a"]);
  expect(() => lineOf("{}")).toThrow("This is no line of the ledger's journal");
});

test("what was settled is entered as settled, what was noted as noted last, each once", () => {
  const found = [
    { first: 1, lines: [line("a", 1n, false), line("b", 5n), line("a", 2n, false)] },
    { first: 4, lines: [line("c", 7n, false), line("a", 3n), line("c", 8n, false)] },
  ];
  const { lines, last } = recovered(found);
  expect(lines.map(({ number, text }) => [number, lineOf(text).settlement.requestId, lineOf(text).settlement.used])).toEqual([
    [2, "b", 5n],
    [5, "a", 3n],
    [7, "c", 8n],
  ]);
  expect(last).toBe(7);
});

test("an empty journal is nothing to enter", () => {
  expect(recovered([])).toEqual({ lines: [], last: 0 });
});
