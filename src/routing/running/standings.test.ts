import { describe, expect, test } from "bun:test";
import { gateFor } from "../../limits/gate.ts";
import { waitAt } from "../../limits/waiting.ts";
import type { FailureFacts, FailureKind } from "../../vocabulary/failure.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import type { Circuit } from "../health/breaker.ts";
import { circuitOf } from "./report.ts";
import { failureOf, keyed, runningWith, seated, targetOf } from "./running.fixture.ts";

const runningParts = runningWith({ gateFor, waitAt });

/** A call that fails so, at once. */
function failing(parts: ReturnType<typeof runningParts>, deployment: ReturnType<typeof keyed>) {
  return (kind: FailureKind, facts: FailureFacts = {}, key = parts.standings.of(deployment).nextKey(parts.clock.elapsed())) => {
    const seat = seated(parts.enter(targetOf(deployment, key)));
    seat.failed(failureOf(kind, facts));
    seat.leave();
  };
}

describe("what a failure leads to", () => {
  /** After so many of these: why the deployment rests, the key that is next, and why it rests no more at a time. */
  test.each<[string, FailureKind, number, FailureFacts, string | undefined, string | undefined]>([
    ["trouble of its own, now and then", "upstream-error", 2, {}, undefined, undefined],
    ["trouble, once too often", "upstream-timeout", 3, {}, "left alone after 3 failures, the last upstream-timeout", undefined],
    ["one that cannot be reached", "upstream-unreachable", 3, {}, "left alone after 3 failures, the last upstream-unreachable", undefined],
    [
      "too much to do",
      "overloaded",
      3,
      { retryAfter: 90 },
      "left alone after 3 failures, the last overloaded",
      "left alone after 3 failures, the last overloaded",
    ],
    ["a model it does not have", "upstream-model-missing", 1, {}, "left alone after upstream-model-missing", undefined],
    ["a key that is refused", "upstream-credentials", 1, {}, "its key: refused by its provider", undefined],
    ["an account that is empty", "quota-exhausted", 1, {}, "its key: refused by its provider", undefined],
    ["a key that asked too much", "rate-limited", 1, { retryAfter: 5 }, "its key: rate-limited", undefined],
    ["for longer", "rate-limited", 1, { retryAfter: 61 }, "its key: rate-limited", "its key: rate-limited"],
    ["the client's own fault", "invalid-request", 9, { upstreamStatus: 400 }, undefined, undefined],
    ["a prompt too long", "context-overflow", 9, { upstreamStatus: 400 }, undefined, undefined],
    ["a client that left", "client-left", 9, {}, undefined, undefined],
    ["our own mistake", "internal", 9, {}, undefined, undefined],
  ])("%s", (_name, kind, times, facts, atOnce, aMinuteLater) => {
    const parts = runningParts();
    const deployment = keyed("a");
    const fails = failing(parts, deployment);
    for (let time = 0; time < times; time++) fails(kind, facts);
    const standing = parts.standings.of(deployment);
    expect([standing.resting(0), standing.resting(60_000)]).toEqual([atOnce, aMinuteLater]);
    expect(standing.inFlight).toBe(0);
  });

  test("a client's fault is a sign of life: failures are counted anew", () => {
    const parts = runningParts();
    const deployment = keyed("a");
    const fails = failing(parts, deployment);
    for (const kind of ["upstream-error", "upstream-error"] as const) fails(kind);
    fails("content-refused", { upstreamStatus: 400 });
    for (const kind of ["upstream-error", "upstream-error"] as const) fails(kind);
    expect(parts.standings.of(deployment).resting(0)).toBeUndefined();
    fails("invalid-request"); // which was never sent
    fails("upstream-error");
    expect(parts.standings.of(deployment).resting(0)).toBe("left alone after 3 failures, the last upstream-error");
  });
});

describe("keys", () => {
  const usedBy = (parts: ReturnType<typeof runningParts>, deployment: ReturnType<typeof keyed>, times: number) =>
    Array.from({ length: times }, () => {
      const key = parts.standings.of(deployment).nextKey(parts.clock.elapsed());
      const seat = seated(parts.enter(targetOf(deployment, key)));
      seat.finished(undefined);
      seat.leave();
      return key.name.slice(-1);
    }).join("");

  test("take turns, by their use", () => {
    const parts = runningParts();
    const deployment = keyed("a", 3);
    expect(parts.standings.of(deployment).nextKey(0)).toBe(parts.standings.of(deployment).nextKey(0));
    expect(usedBy(parts, deployment, 7)).toBe("1231231");
  });

  test("that rest are left out; when all do, the first to be due is next, and one that is only ill before those with nothing left", () => {
    const parts = runningParts();
    const deployment = keyed("a", 3);
    const fails = failing(parts, deployment);
    fails("rate-limited", { retryAfter: 30 });
    expect(usedBy(parts, deployment, 4)).toBe("2323");
    fails("rate-limited", { retryAfter: 10 });
    expect(usedBy(parts, deployment, 2)).toBe("33");
    expect(parts.enter(targetOf(deployment))).toBe("its key 1: rate-limited");
    fails("upstream-credentials");
    const standing = parts.standings.of(deployment);
    expect(standing.resting(0)).toBe("none of its 3 keys may be used, the last: refused by its provider");
    expect([standing.nextKey(0).name, standing.usedUp(0)]).toEqual(["key 3", undefined]);
    parts.turnTo(10_000);
    expect([standing.resting(10_000), usedBy(parts, deployment, 2)]).toEqual([undefined, "22"]);
  });

  test("that are told nothing rest by themselves, twice as long each time in a row, to half a minute", () => {
    const parts = runningParts();
    const deployment = keyed("a");
    let now = 0;
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      failing(parts, deployment)("rate-limited");
      expect(parts.standings.of(deployment).resting(now + seconds * 1000 - 1)).toBe("its key: rate-limited");
      parts.turnTo((now += seconds * 1000));
    }
    const seat = seated(parts.enter(targetOf(deployment)));
    seat.finished(undefined);
    failing(parts, deployment)("rate-limited");
    expect(parts.standings.of(deployment).resting(now + 1000)).toBeUndefined();
  });

  test("of which many calls hear the same, rest once for all of them", () => {
    const parts = runningParts();
    const deployment = keyed("a");
    const calls = [1, 2, 3].map(() => seated(parts.enter(targetOf(deployment))));
    for (const seat of calls) seat.failed(failureOf("rate-limited"));
    const standing = parts.standings.of(deployment);
    expect([standing.resting(999), standing.resting(1000)]).toEqual(["its key: rate-limited", undefined]);
  });

  test("are known by what they send, not by their names", () => {
    const parts = runningParts();
    const before = keyed("a", 2);
    failing(parts, before)("upstream-credentials");
    const [one, two] = before.service.keys;
    const after = {
      ...before,
      service: {
        ...before.service,
        keys: [
          { ...one, name: "key 2" },
          { name: "key 1", headers: { authorization: "Bearer new" } },
        ] as const,
      },
    };
    expect(parts.standings.of(after)).toBe(parts.standings.of(before));
    const report = () => parts.standings.report()[0]?.keys.map(({ name, circuit }) => `${name} ${circuit}`);
    parts.standings.of(after);
    expect(report()).toEqual(["key 2 open", "key 1 closed"]);
    // A request that began before the reload still holds the key that is gone.
    if (two !== undefined) expect(typeof parts.enter(targetOf(after, two))).toBe("object");
  });

  test("whose quota is used up, by what the answer says, rest until it is whole again", () => {
    const parts = runningParts();
    const deployment = keyed("a");
    const seat = seated(parts.enter(targetOf(deployment)));
    seat.heard(new Headers({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s" }));
    seat.finished(undefined);
    const standing = parts.standings.of(deployment);
    expect([standing.resting(1999), standing.resting(2000)]).toEqual(["its key: its quota is used up", undefined]);
  });
});

test("an upstream that never speaks of limits is hardly ever listened to", () => {
  const parts = runningParts();
  const target = targetOf(keyed("a"));
  let looks = 0;
  const get = (name: string) => {
    if (name === "x-ratelimit-remaining-requests") looks++;
    return null;
  };
  for (let time = 0; time < 1000; time++) seated(parts.enter(target)).heard({ get, [Symbol.iterator]: () => [].values() });
  expect(looks).toBeLessThan(50);
  // Until it does speak: then each word counts again.
  const words = new Headers({ "x-ratelimit-remaining-requests": "9" });
  for (let time = 0; time < 100; time++) seated(parts.enter(target)).heard(words);
  seated(parts.enter(target)).heard(new Headers({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "2s" }));
  expect(parts.enter(target)).toBe("its key: its quota is used up");
});

describe("what the operator gives in a minute", () => {
  test("of requests, and a little after a minute again", () => {
    const parts = runningParts();
    const deployment = keyed("a", 1, { requestsPerMinute: 2 });
    for (const _ of [1, 2]) seated(parts.enter(targetOf(deployment))).leave();
    expect(parts.enter(targetOf(deployment))).toBe("its 2 requests a minute are used up");
    parts.turnTo(61_000);
    expect(typeof parts.enter(targetOf(deployment))).toBe("object");
  });

  test("of tokens, counted when answers are finished", () => {
    const parts = runningParts();
    const deployment = keyed("a", 1, { tokensPerMinute: 100 });
    for (const output of [40, 40]) {
      const seat = seated(parts.enter(targetOf(deployment)));
      seat.finished(usageOf({ input: 5, cacheRead: 5, output }));
    }
    expect(parts.enter(targetOf(deployment))).toBe("its 100 tokens a minute are used up");
  });
});

describe("hints", () => {
  const hint = (until: number, parts: ReturnType<typeof runningParts>) => ({
    deployment: "a",
    until: parts.epoch + until,
    reason: "left alone after 5 failures",
  });

  test("are told when a deployment is left alone, by the time of day", () => {
    const parts = runningParts();
    parts.turnTo(500);
    failing(parts, keyed("a"))("upstream-model-missing");
    expect(parts.told).toEqual([{ deployment: "a", until: parts.epoch + 60_500, reason: "left alone after upstream-model-missing" }]);
  });

  test("are heeded until their time, or until a call of our own is answered that began after", () => {
    const parts = runningParts();
    const deployment = keyed("a");
    const standing = parts.standings.of(deployment);
    const early = seated(parts.enter(targetOf(deployment)));
    parts.turnTo(100);
    parts.hint(hint(5000, parts));
    parts.hint({ ...hint(1, parts), deployment: "unheard of" });
    const words = "another replica says: left alone after 5 failures";
    expect([standing.resting(4999), standing.resting(5000)]).toEqual([words, undefined]);
    parts.hint(hint(5000, parts));
    early.finished(undefined);
    expect(standing.resting(200)).toBe(words);
    const forced = seated(parts.enter({ ...targetOf(deployment), evenResting: true }));
    forced.answered();
    expect(standing.resting(200)).toBeUndefined();
    expect(parts.told).toEqual([]);
  });

  test("are not believed for longer than an hour", () => {
    const parts = runningParts();
    const standing = parts.standings.of(keyed("a"));
    parts.hint(hint(1e12, parts));
    expect([standing.resting(3_599_999) === undefined, standing.resting(3_600_000)]).toEqual([false, undefined]);
  });
});

describe("states", () => {
  test("outlive their deployments' descriptions, and are forgotten when those are gone and nobody is there", () => {
    const parts = runningParts();
    const [gone, busy, kept] = [keyed("gone"), keyed("busy"), keyed("kept")];
    const before = [gone, busy, kept].map((each) => parts.standings.of(each));
    const seat = seated(parts.enter(targetOf(busy)));
    const inForce = (id: string) => (id === "kept" ? kept : undefined);
    parts.standings.takeOver(inForce);
    expect(["gone", "busy", "kept"].map((id) => parts.standings.known(id) !== undefined)).toEqual([false, true, true]);
    expect(parts.standings.of({ ...kept, weight: 7 })).toBe(before[2] as never);
    seat.leave();
    parts.standings.takeOver(inForce);
    expect(parts.standings.known("busy")).toBeUndefined();
  });

  test("obey limits that a reload changes", () => {
    const parts = runningParts();
    const deployment = keyed("a", 1, { maxConcurrent: 1 });
    seated(parts.enter(targetOf(deployment)));
    expect(parts.enter(targetOf(deployment))).toBe("full: it is answering 1");
    const wider = { ...deployment, limits: { maxConcurrent: 2 } };
    const seat = seated(parts.enter(targetOf(wider)));
    expect([parts.enter(targetOf(wider)), parts.enter(targetOf(deployment))]).toEqual(["full: it is answering 2", "full: it is answering 2"]);
    // Who began before the reload goes by what is in force now.
    seat.leave();
    expect(typeof parts.enter(targetOf(deployment))).toBe("object");
  });

  test("let in who waits, at once, when a reload gives them more room", async () => {
    const parts = runningParts();
    const deployment = keyed("a", 1, { maxConcurrent: 1 });
    seated(parts.enter(targetOf(deployment)));
    const waits = [1, 2, 3].map(() => parts.wait([targetOf(deployment)], { priority: 0, onCallOff: () => {} }));
    const standing = parts.standings.of(deployment);
    expect([standing.inFlight, standing.queued]).toEqual([1, 3]);
    parts.standings.takeOver(() => ({ ...deployment, limits: { maxConcurrent: 3 } }));
    expect([standing.inFlight, standing.queued]).toEqual([3, 1]);
    await Promise.all(waits.slice(0, 2));
  });

  test("of names that clients think of do not fill the memory", () => {
    const parts = runningParts();
    seated(parts.enter(targetOf(keyed("busy"))));
    for (let count = 0; count < 25_000; count++) parts.standings.of(keyed(`openai/model-${count}`));
    expect([parts.standings.report().length, parts.standings.forgotten]).toEqual([5003, 2]);
    expect(parts.standings.known("busy")).toBeDefined();
  });

  test("are as if nothing had been, once they are reset; the operator's own bounds stand", () => {
    const parts = runningParts();
    const deployment = keyed("a", 2, { requestsPerMinute: 8 });
    const fails = failing(parts, deployment);
    const [one, two] = deployment.service.keys;
    const whyResting = () => parts.standings.reportOn("a")?.resting;
    fails("upstream-credentials", {}, one);
    fails("rate-limited", { retryAfter: 600 }, two);
    expect(whyResting()).toBe("none of its 2 keys may be used, the last: rate-limited");
    parts.standings.reset("a");
    for (const _ of [1, 2, 3]) fails("upstream-error");
    parts.standings.of(deployment).rest("outlier", { reason: "slow", now: 0, until: 1e9, least: 1e9 });
    expect(parts.standings.reportOn("a")).toMatchObject({ resting: "slow", circuit: "open" });
    parts.standings.reset("a");
    expect(parts.standings.reportOn("a")).toMatchObject({
      resting: undefined,
      circuit: "closed",
      failures: 0,
      keys: [{ circuit: "closed" }, { resting: undefined }],
    });
    for (const _ of [1, 2, 3]) seated(parts.enter(targetOf(deployment)));
    expect(whyResting()).toContain("minute");
    parts.standings.reset("a");
    expect(whyResting()).toContain("minute");
    parts.standings.reset("nobody");
    expect(parts.standings.reportOn("nobody")).toBeUndefined();
  });

  test.each<[string, Circuit, readonly Circuit[], Circuit]>([
    ["its own", "open", ["closed"], "open"],
    ["its only key's", "closed", ["open"], "open"],
    ["any key's that is closed", "closed", ["open", "closed", "half_open"], "closed"],
    ["the best of its keys'", "closed", ["open", "half_open"], "half_open"],
  ])("have one circuit: %s", (_whose, circuit, keys, expected) => {
    expect(circuitOf({ circuit, keys: keys.map((each) => ({ name: "", circuit: each, failures: 0 })) })).toBe(expected);
  });

  test("are reported for people", () => {
    const parts = runningParts();
    const deployment = keyed("a", 2);
    const fails = failing(parts, deployment);
    parts.turnTo(1000);
    for (const _ of [1, 2, 3]) fails("upstream-error", { upstreamStatus: 500 });
    seated(parts.enter({ ...targetOf(deployment), evenResting: true }));
    expect(parts.standings.report()).toEqual([
      {
        deployment: "a",
        resting: "left alone after 3 failures, the last upstream-error",
        circuit: "open",
        failures: 3,
        until: parts.epoch + 61_000,
        inFlight: 1,
        queued: 0,
        pace: { firstToken: undefined, perToken: undefined, answerTokens: undefined, answers: 0 },
        hitRate: 0,
        tokenFactor: 1,
        keys: [
          { name: "key 1", resting: undefined, circuit: "closed", failures: 0 },
          { name: "key 2", resting: undefined, circuit: "closed", failures: 0 },
        ],
        lastFailure: { at: parts.epoch + 1000, kind: "upstream-error", message: "it was upstream-error", status: 500 },
      },
    ]);
  });
});
