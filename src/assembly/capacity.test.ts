import { describe, expect, test } from "bun:test";
import type { Caller } from "../vocabulary/caller.ts";
import type { Deployment } from "../vocabulary/deployment.ts";
import { Failure } from "../vocabulary/failure.ts";
import { testDeployment, testModel, testService } from "../vocabulary/model.fixture.ts";
import { capacityOf } from "./capacity.ts";

const ANN: Caller = { keyId: "k", keyName: "k", role: "member" };
/** 2026-11-20, 13:00 UTC. */
const NOW = Date.UTC(2026, 10, 20, 13);
const NIGHT = { from: 2 * 60, to: 6 * 60, timeZone: "UTC" };
const OPENS = Date.UTC(2026, 10, 21, 2);

/** An engine that may run at night, and one that may now. */
const engines = {
  readiness: (engine: string) => ({ type: engine === "night" ? ("closed" as const) : ("cold" as const) }),
  opensFor: () => OPENS,
};

const capacity = (deployments: readonly Deployment[], busy: Readonly<Record<string, readonly [inFlight: number, queued: number]>> = {}) =>
  capacityOf({
    models: {
      find(name) {
        if (name !== "m") throw new Failure("model-not-found", "There is none.");
        return testModel("m", deployments);
      },
    },
    standings: { of: ({ id }) => ({ inFlight: busy[id]?.[0] ?? 0, queued: busy[id]?.[1] ?? 0 }) },
    engines,
    clock: { now: () => NOW },
    share: () => 0.75,
  });

describe("a model is up", () => {
  const local = testDeployment("local", { service: testService("local", { local: true }), hours: NIGHT });
  test.each<[string, readonly Deployment[], Caller, object]>([
    ["at any hour", [testDeployment("a")], ANN, { now: true }],
    ["as long as one of its deployments is", [local, testDeployment("a")], ANN, { now: true }],
    ["when the first of them opens", [local, testDeployment("b", { hours: { ...NIGHT, from: 4 * 60 } })], ANN, { now: false, from: OPENS }],
    ["when a local one opens, for whom no other may serve", [local, testDeployment("a")], { ...ANN, localOnly: true }, { now: false, from: OPENS }],
    ["when its engine may run", [testDeployment("a", { engine: "night" })], ANN, { now: false, from: OPENS }],
    ["at any hour, where an engine has only to be started", [testDeployment("a", { engine: "day" })], ANN, { now: true }],
    ["never, on no day", [testDeployment("a", { hours: { ...NIGHT, days: [] } })], ANN, { now: false, from: undefined }],
  ])("%s", async (_name, deployments, caller, expected) => {
    expect(await capacity(deployments).whenServed("m", caller)).toMatchObject(expected);
  });

  test("or not there: whoever asks is told", async () => {
    expect([await capacity([]).whenServed("none", ANN), await capacity([]).idle("none", ANN)]).toEqual([{ now: true }, true]);
  });
});

describe("there is room for a batch", () => {
  const bounded = (maxConcurrent: number) => testDeployment("a", { limits: { maxConcurrent } });
  test.each<[string, readonly Deployment[], readonly [number, number], boolean]>([
    ["where there is no bound", [testDeployment("a")], [1000, 0], true],
    ["below the share", [bounded(8)], [5, 0], true],
    ["not above it", [bounded(8)], [6, 0], false],
    ["in the only place there is, while nobody is in it", [bounded(1)], [0, 0], true],
    ["not while somebody is", [bounded(1)], [1, 0], false],
    ["not while somebody waits", [bounded(8)], [0, 1], false],
    ["not where it is closed", [testDeployment("a", { hours: NIGHT }), testDeployment("b", { limits: { maxConcurrent: 1 } })], [0, 0], true],
  ])("%s", async (_name, deployments, standing, expected) => {
    expect(await capacity(deployments, { a: standing }).idle("m", ANN)).toBe(expected);
  });
});
