import { expect, test } from "bun:test";
import type { Model } from "../vocabulary/model.ts";
import type { Engines, Readiness } from "./engines.ts";
import { CHAT, idsOf, modelOf, testRanker } from "./ranking.fixture.ts";

const NOON = Date.parse("2026-11-20T12:00Z");
const CLOSED: Readiness = { type: "closed", soon: false };
const SOON: Readiness = { type: "closed", soon: true };
const READY: Readiness = { type: "ready" };

/** Engines by their names; those that are closed open ten minutes after noon. */
const engines = (standing: Readonly<Record<string, Readiness>>): Engines => ({
  readiness: (engine) => standing[engine] ?? READY,
  opensFor: () => NOON + 600_000,
  limitOf: () => undefined,
  missed: () => undefined,
});

const TABLE: readonly [
  what: string,
  outside: Model["outsideSchedule"],
  standing: Readonly<Record<string, Readiness>>,
  asked: string,
  nobody: string | undefined,
  waits: boolean,
][] = [
  ["one that is open is asked, whatever the policy", "reject", { a: READY, b: CLOSED }, "a", undefined, false],
  ["none is, and the client is told when", "reject", { a: CLOSED, b: CLOSED }, "", "not-scheduled", false],
  ["one that opens soon is told the same without a queue", undefined, { a: SOON, b: SOON }, "", "not-scheduled", false],
  ["and waited for with one", "queue", { a: CLOSED, b: SOON }, "b", undefined, true],
  ["behind one that is open", "queue", { a: SOON, b: READY }, "b a", undefined, true],
  ["one that does not open soon is not", "queue", { a: CLOSED, b: CLOSED }, "", "not-scheduled", true],
  ["nor where another model answers", { alias: "other" }, { a: SOON, b: CLOSED }, "", "not-scheduled", false],
];
test.each(TABLE)("%s", (_what, outsideSchedule, standing, asked, nobody, waits) => {
  const model = modelOf({ a: { engine: "a" }, b: { engine: "b" } }, { outsideSchedule });
  const ranking = testRanker({ engines: engines(standing) }).rank(model, CHAT);
  const all = { targets: [...ranking.targets, ...ranking.lower()] };
  expect([idsOf(all), ranking.nobody?.kind as string | undefined, ranking.waitsForHours === true]).toEqual([asked, nobody, waits]);
  if (nobody !== undefined)
    expect(ranking.nobody).toMatchObject({ message: expect.stringContaining("from 2026-11-20T12:10:00.000Z on"), facts: { retryAfter: 600 } });
});
