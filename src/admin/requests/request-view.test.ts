import { expect, test } from "bun:test";
import { record } from "../../store/temporary.fixture.ts";
import type { AttemptTrace, RequestRecord } from "../../vocabulary/record.ts";
import { AS_OPERATORS_SEE, AS_OWNERS_SEE } from "./request-view.ts";

const HOUSE = "house/secret";
const attempt = (different: Partial<AttemptTrace>): AttemptTrace => ({
  ...{
    deployment: HOUSE,
    key: HOUSE,
    why: HOUSE,
    startedMs: 1,
    totalMs: 2,
    status: 418,
    failure: "upstream-error",
    message: HOUSE,
    decision: "gave up: it is so",
  },
  ...different,
});

/** A request that a deployment of this name answered, with everything about the others in one word. */
const served: RequestRecord = record(1, {
  deployment: "ours/gpt",
  cost: 418n,
  trace: {
    candidates: [{ deployment: HOUSE, why: HOUSE, score: { in_flight: 418 } }],
    attempts: [
      attempt({ again: 1, decision: `next: ${HOUSE}` }),
      attempt({ decision: "dropped: another answered first", failure: undefined }),
      attempt({ deployment: "ours/gpt", decision: "answered", failure: undefined, firstTokenMs: 3 }),
    ],
    warnings: ["temperature was dropped"],
  },
});

const shown = (view: typeof AS_OWNERS_SEE, request: RequestRecord) => JSON.parse(JSON.stringify({ ...view.row(request), trace: view.trace(request) }));

test("owners see who served them and what became of each attempt, and of the house nothing", () => {
  const own = shown(AS_OWNERS_SEE, served);
  expect(own.trace).toEqual({
    warnings: ["temperature was dropped"],
    attempts: [
      { deployment: null, again: 1, started_ms: 1, first_token_ms: null, total_ms: 2, failure: "upstream-error", decision: "next" },
      { deployment: null, again: 0, started_ms: 1, first_token_ms: null, total_ms: 2, failure: null, decision: "dropped" },
      { deployment: "ours/gpt", again: 0, started_ms: 1, first_token_ms: 3, total_ms: 2, failure: null, decision: "answered" },
    ],
  });
  expect(JSON.stringify(own)).not.toMatch(/house|418|cost/);
  expect(own).toMatchObject({ deployment: "ours/gpt", charge_nano: "20", usage: { output: 5 } });
});

test("operators see all of it, and otherwise the same", () => {
  const [own, whole] = [shown(AS_OWNERS_SEE, served), shown(AS_OPERATORS_SEE, served)];
  const { trace, cost, cost_nano, accounts: _, ...row } = whole;
  expect([{ ...row, trace: own.trace }, cost_nano, cost]).toEqual([own, "418", 4.18e-7]);
  expect(trace.candidates).toEqual(served.trace.candidates);
  expect(trace.attempts[0]).toMatchObject({ deployment: HOUSE, key: HOUSE, why: HOUSE, status: 418, message: HOUSE, decision: `next: ${HOUSE}` });
});
