import { expect, test } from "bun:test";
import type { RateLimits } from "../../vocabulary/bounds.ts";
import type { Behalf, Caller } from "../../vocabulary/caller.ts";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { callerOf, settingsOf } from "./limited.fixture.ts";
import { createLimiter, type RateLimiter } from "./limiter.ts";
import { MemoryCounter } from "./memory-counter.ts";
import { Turn } from "./turn.ts";
import type { RateSettings } from "./who.ts";

function limiterOf(limits: Partial<RateSettings["limits"]>) {
  const { clock, turnTo } = handTurned();
  let settings = settingsOf(limits);
  const limiter = createLimiter({ counter: new MemoryCounter({ clock }), settings: () => settings });
  return { limiter, turnTo, change: (other: Partial<RateSettings["limits"]>) => void (settings = settingsOf(other)) };
}
const asking = (caller: Caller = callerOf(), behalf?: Behalf) => ({ caller, behalf, network: () => "192.0.2.1" });
const wish = (tokens = 0, name = "m") => ({ model: { name }, tokens: () => tokens });

/** Asks at once: whoever counts in memory makes nobody wait. */
function admit(limiter: RateLimiter, who = asking()): Turn | undefined {
  const turn = limiter.admit(who);
  if (turn instanceof Promise) throw new Error("a promise, and nothing to wait for");
  return turn;
}

test("where nothing is limited nothing is counted, and nobody waits", () => {
  const { limiter } = limiterOf({ settings: { requestsPerMinute: 1 } });
  const counted = () => {
    throw new Error("tokens were counted for nobody");
  };
  expect(limiter.admit(asking())).toBeUndefined();
  expect(limiter.knock(() => "192.0.2.1")).toBeUndefined();
  expect(limiter.reserve(undefined, asking(), { model: { name: "m" }, tokens: counted })).toBeUndefined();
  expect(limiter.look(asking(), "m")).toEqual([]);
  expect([...limiter.counts()]).toEqual([]);
});

const SAID: readonly [what: string, defaults: RateLimits, own: RateLimits | undefined, limits: Record<string, number>][] = [
  ["the defaults", { requestsPerMinute: 5, maxParallel: 2 }, undefined, { minute: 5, parallel: 2 }],
  [
    "its own before them, field by field",
    { requestsPerMinute: 5, maxParallel: 2 },
    { requestsPerMinute: 9, requestsPerHour: 50 },
    { minute: 9, hour: 50, parallel: 2 },
  ],
  ["its own, though lower", { tokensPerMinute: 500 }, { tokensPerMinute: 5 }, { tokens: 5 }],
  ["what is not said changes nothing", { requestsPerMinute: 5 }, { requestsPerMinute: undefined }, { minute: 5 }],
];
test.each(SAID)("a user's limits are %s", async (_what, user, limits, expected) => {
  const { limiter } = limiterOf({ user });
  const caller = callerOf({ userId: "u", bounds: [{ scope: "user", id: "u", limits }] });
  const readings = await limiter.look(asking(caller));
  expect(Object.fromEntries(readings.map(({ rule }) => [rule.kind, rule.limit]))).toEqual(expected);
});

test("a changed config counts from the next request on, for callers that are known too, and forgets nothing", () => {
  const { limiter, change } = limiterOf({ user: { requestsPerMinute: 2 } });
  const who = asking();
  expect([admit(limiter, who)?.refusal, admit(limiter, who)?.refusal]).toEqual([undefined, undefined]);
  change({ user: { requestsPerMinute: 3 } });
  expect(admit(limiter, who)?.refusal).toBeUndefined();
  expect(admit(limiter, who)?.refusal?.kind).toBe("rate-limited");
});

test("what is told is the tightest of each kind, whole turns and refused ones alike", () => {
  const { limiter } = limiterOf({
    key: { requestsPerMinute: 3, maxParallel: 1 },
    user: { requestsPerHour: 10, tokensPerMinute: 100 },
    model: { requestsPerMinute: 1 },
  });
  const turn = admit(limiter);
  expect(turn?.left()).toEqual({ requests: { limit: 3, remaining: 2, resets: 60_000 }, tokens: undefined });
  expect(limiter.reserve(turn, asking(), wish(30))).toBe(turn);
  expect(turn?.left()).toEqual({ requests: { limit: 1, remaining: 0, resets: 60_000 }, tokens: { limit: 100, remaining: 70, resets: 60_000 } });
  turn?.end(10);
  const next = admit(limiter);
  limiter.reserve(next, asking(), wish(30));
  expect(next?.refusal?.message).toBe("All callers of m together may make 1 request per minute: 0 are left, and all again in 60 s. The next fits in 60 s.");
  // Refused by its model: the key's request and its slot are back.
  expect(admit(limiter)?.left().requests).toEqual({ limit: 3, remaining: 1, resets: 60_000 });
});

test("requests are counted once for each scope that they meet, and refused ones for the one that binds", () => {
  const { limiter } = limiterOf({ user: { requestsPerMinute: 2, tokensPerMinute: 1_000 }, global: { requestsPerMinute: 50 } });
  for (let time = 0; time < 3; time++) {
    const turn = admit(limiter);
    if (turn?.refusal === undefined) limiter.reserve(turn, asking(), wish(5));
  }
  expect([...limiter.counts()]).toEqual([
    { scope: "user", outcome: "admitted", count: 2 },
    { scope: "user", outcome: "rejected", count: 1 },
    { scope: "global", outcome: "admitted", count: 2 },
  ]);
});

test("who changes settings is limited by who it is", () => {
  const { limiter } = limiterOf({ settings: { requestsPerMinute: 1 } });
  const refusals = ["key a", "key a", "network 192.0.2.1"].map((id) => {
    const turn = limiter.manage(id);
    return turn instanceof Turn ? turn.refusal?.kind : "not limited";
  });
  expect(refusals).toEqual([undefined, "rate-limited", undefined]);
});
