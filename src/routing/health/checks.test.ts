import { describe, expect, test } from "bun:test";
import { gateFor } from "../../limits/gate.ts";
import { waitAt } from "../../limits/waiting.ts";
import type { Deployment } from "../../vocabulary/deployment.ts";
import { testDeployment, testService } from "../../vocabulary/model.fixture.ts";
import { failureOf, runningWith, seated, targetOf } from "../running/running.fixture.ts";
import { type CheckSettings, startChecks } from "./checks.ts";

const runningParts = runningWith({ gateFor, waitAt });

const SETTINGS: CheckSettings = { mode: "cheap", every: 10_000, maxFails: 3, failTimeout: 30_000, timeout: 5000 };

/** A service with such deployments; its own or somebody's in a cloud. */
function service(name: string, own: boolean, ...models: string[]): Deployment[] {
  const it = testService(name, { check: { url: `http://${name}/health`, own } });
  return models.map((model) => testDeployment(`${name}/${model}`, { model, service: it }));
}

/** Checks over services that answer as `status` says: `0` is no answer, `wait` none yet. */
function checked(deployments: readonly Deployment[], settings: Partial<CheckSettings> = {}) {
  const parts = runningParts({ failures: 1 });
  const current = { ...SETTINGS, ...settings };
  const status: Record<string, number | "wait"> = {};
  const asked: string[] = [];
  const answer = async (what: string): Promise<number> => {
    asked.push(what);
    const given = status[what] ?? 200;
    if (given === "wait") return new Promise(() => {});
    if (given === 0) throw failureOf("upstream-unreachable");
    return given;
  };
  const stop = startChecks({
    standings: parts.standings,
    deployments: () => deployments,
    settings: () => current,
    probe: async (url) => ({ status: await answer(new URL(url).hostname), text: "" }),
    oneToken: ({ id }) =>
      answer(id).then(
        (given) => (given === 200 ? "answered" : given === 204 ? "does-not-chat" : failureOf(given >= 500 ? "upstream-error" : "upstream-credentials")),
        () => failureOf("upstream-unreachable"),
      ),
    clock: parts.clock,
    timer: parts.timer,
    random: () => 0.5,
  });
  return {
    ...parts,
    settings: current,
    status,
    stop,
    /** So many rounds; who was asked in them. */
    async rounds(count: number): Promise<string> {
      asked.length = 0;
      for (let round = 0; round < count; round++) {
        parts.turnTo(parts.clock.elapsed() + current.every);
        await Bun.sleep(0);
      }
      return asked.join(" ");
    },
    resting: () => deployments.map(({ id }) => parts.standings.of(deployments.find((each) => each.id === id) as Deployment).resting(parts.clock.elapsed())),
    fail: (deployment: Deployment) => seated(parts.enter(targetOf(deployment))).failed(failureOf("upstream-error")),
  };
}

describe("a round", () => {
  test("looks at the operator's own services, once each, and at others only while they fail", async () => {
    const [cloud = testDeployment("")] = service("cloud", false, "x", "y");
    const { rounds, fail, enter } = checked([...service("own", true, "x", "y"), cloud]);
    expect(await rounds(2)).toBe("own own");
    fail(cloud);
    expect(await rounds(1)).toBe("own cloud");
    seated(enter({ ...targetOf(cloud), evenResting: true })).finished(undefined);
    expect(await rounds(1)).toBe("own");
  });

  test("passes over whom it has asked and not heard of yet, and whoever has nothing to be asked for", async () => {
    const bare = testDeployment("bare/x", { service: testService("bare", { check: undefined }) });
    const { rounds, status } = checked([...service("a", true, "x"), ...service("b", true, "x"), bare]);
    status["a"] = "wait";
    expect(await rounds(3)).toBe("a b b b");
  });

  test("goes by the settings as they are then", async () => {
    const { rounds, settings, stop, running } = checked(service("a", true, "x"));
    (settings as { mode: string }).mode = "off";
    expect(await rounds(2)).toBe("");
    (settings as { mode: string }).mode = "completion";
    expect(await rounds(1)).toBe("a/x");
    stop();
    expect([await rounds(3), running()]).toEqual(["", 0]);
  });
});

describe("a service", () => {
  test.each<[string, number, string | undefined]>([
    ["that answers", 200, undefined],
    ["that wants another key", 401, undefined],
    ["that forbids", 403, undefined],
    ["that has no such page", 404, undefined],
    ["that has been asked too often", 429, undefined],
    ["that is broken", 500, "down: 3 checks in a row failed, the last: it answered 500"],
    ["that is loading its model", 503, "down: 3 checks in a row failed, the last: it answered 503"],
    ["that does not answer", 0, "down: 3 checks in a row failed, the last: nothing answered"],
  ])("%s", async (_name, given, why) => {
    const { rounds, status, resting } = checked(service("a", true, "x", "y"));
    status["a"] = given;
    await rounds(2);
    expect(resting()).toEqual([undefined, undefined]);
    await rounds(1);
    expect(resting()).toEqual([why, why]);
  });

  test("is down until a check succeeds, for some time at least", async () => {
    const { rounds, status, resting } = checked(service("a", true, "x"));
    const down = () => resting()[0] !== undefined;
    status["a"] = 0;
    await rounds(9);
    expect(down()).toBe(true);
    status["a"] = 200;
    await rounds(1);
    expect(down()).toBe(false);
    status["a"] = 0;
    await rounds(3);
    status["a"] = 200;
    await rounds(2);
    expect(down()).toBe(true);
    await rounds(1);
    expect(down()).toBe(false);
  });

  test("that nobody looks at any more is not down for ever", async () => {
    const { rounds, status, resting, stop, turnTo, clock } = checked(service("a", true, "x"));
    status["a"] = 0;
    await rounds(3);
    stop();
    turnTo(clock.elapsed() + 30_000);
    expect(resting()).toEqual([undefined]);
  });
});

describe("one token of each", () => {
  test("tells of each deployment by itself; an answer closes its breaker", async () => {
    const deployments = service("a", true, "x", "y", "z");
    const { rounds, status, resting, fail } = checked(deployments, { mode: "completion" });
    Object.assign(status, { "a/x": 500, "a/y": 401, "a/z": 200 });
    for (const each of deployments) fail(each);
    expect(await rounds(1)).toBe("a/x a/y a/z");
    expect(resting()).toEqual(["left alone after upstream-error", "left alone after upstream-error", undefined]);
    await rounds(6);
    expect(resting()).toEqual(["down: 7 checks in a row failed, the last: upstream-error", undefined, undefined]);
  });

  test("is not asked of who is full, nor counted against who does not chat", async () => {
    const [x, y] = service("a", true, "x", "y");
    if (x === undefined || y === undefined) throw new Error("two were made");
    const full = { ...x, limits: { maxConcurrent: 1 } };
    const { rounds, status, enter, fail, resting } = checked([full, y], { mode: "completion" });
    seated(enter(targetOf(full)));
    status["a/y"] = 204;
    fail(y);
    expect(await rounds(4)).toBe("a/y a/y a/y a/y");
    expect(resting()).toEqual([undefined, "left alone after upstream-error"]);
  });
});
