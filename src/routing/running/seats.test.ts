import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { gateFor } from "../../limits/gate.ts";
import { waitAt } from "../../limits/waiting.ts";
import { Failure, type FailureKind } from "../../vocabulary/failure.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import type { Seat, Waiting } from "../routing.ts";
import { failureOf, keyed, runningWith, seated, targetOf } from "./running.fixture.ts";

const runningParts = runningWith({ gateFor, waitAt });

/** Somebody who waits, patiently if nothing else is said. */
function waiter(priority = 0): Waiting & { callOff(reason: Failure): void } {
  let end: (reason: Failure) => void = () => {};
  return { priority, onCallOff: (then) => void (end = then), callOff: (reason) => end(reason) };
}

/** The seat's deployment and key, or how the wait failed. */
const outcome = (wait: Promise<Seat>) =>
  wait.then(
    ({ target }) => `${target.deployment.id} ${target.key.name}`.trim(),
    (failure: Failure) => `${failure.kind} ${failure.facts.retryAfter ?? ""}: ${failure.message}`,
  );

describe("a seat", () => {
  test("counts until it is left, once", () => {
    const parts = runningParts();
    const deployment = keyed("a");
    const [one, two] = [seated(parts.enter(targetOf(deployment))), seated(parts.enter(targetOf(deployment)))];
    const standing = parts.standings.of(deployment);
    expect(standing.inFlight).toBe(2);
    one.leave();
    one.leave();
    expect(standing.inFlight).toBe(1);
    two.leave();
    expect(standing.inFlight).toBe(0);
  });

  test("of a stream tells its pace: what counts is when the upstream was done, not when the client was", () => {
    const parts = runningParts();
    const deployment = keyed("a");
    const seat = seated(parts.enter(targetOf(deployment)));
    parts.turnTo(200);
    seat.answered();
    seat.answered();
    parts.turnTo(1200);
    seat.leave();
    parts.turnTo(9000);
    seat.finished(usageOf({ input: 30, cacheRead: 10, output: 101 }), { estimated: 20, tokens: () => 20 });
    const { pace, hitRate, tokenFactor } = parts.standings.of(deployment);
    expect({ ...pace, firstToken: pace.firstToken, perToken: pace.perToken, hitRate, tokenFactor }).toMatchObject({
      firstToken: 200,
      perToken: 10,
      hitRate: 0.25,
      tokenFactor: 2,
    });
    expect([pace.answers, pace.answerTokens, pace.since, parts.ended()]).toEqual([1, 101, 0, 1]);
  });

  test("has its prompt estimated afterwards at one answer of 32, and not before the client has its own", () => {
    const parts = runningParts();
    const deployment = keyed("a");
    let estimates = 0;
    const answer = () =>
      seated(parts.enter(targetOf(deployment))).finished(usageOf({ input: 30, output: 1 }), {
        tokens() {
          estimates++;
          return 20;
        },
      });
    answer();
    expect([estimates, parts.standings.of(deployment).tokenFactor]).toEqual([0, 1]);
    parts.turnTo(1);
    expect([estimates, parts.standings.of(deployment).tokenFactor]).toEqual([1, 1.5]);
    for (let time = 1; time < 65; time++) answer();
    parts.turnTo(2);
    expect(estimates).toBe(3);
  });

  test("has one verdict", () => {
    const parts = runningParts({ failures: 1 });
    const deployment = keyed("a");
    const seat = seated(parts.enter(targetOf(deployment)));
    seat.finished(undefined);
    seat.failed(failureOf("upstream-error"));
    seat.finished(undefined);
    expect([parts.standings.of(deployment).resting(0), parts.standings.of(deployment).pace.answers]).toEqual([undefined, 1]);
  });

  test("is refused while the deployment rests, but to those who are told to ask it nevertheless", () => {
    const parts = runningParts({ failures: 1 });
    const deployment = keyed("a");
    seated(parts.enter(targetOf(deployment))).failed(failureOf("upstream-error"));
    expect(parts.enter(targetOf(deployment))).toBe("left alone after upstream-error");
    const forced = seated(parts.enter({ ...targetOf(deployment), evenResting: true }));
    forced.finished(undefined);
    expect(typeof parts.enter(targetOf(deployment))).toBe("object");
  });

  test.each<[string, FailureKind | undefined, { requestsPerMinute?: number }, string]>([
    ["what the operator gives in a minute", undefined, { requestsPerMinute: 1 }, "its 1 requests a minute are used up"],
    ["when the provider wants to hear of the key again", "rate-limited", {}, "its key: rate-limited"],
  ])("is refused even to those, by %s", async (_name, kind, limits, words) => {
    const parts = runningParts();
    const target = { ...targetOf(keyed("a", 1, limits)), evenResting: true };
    const seat = seated(parts.enter(target));
    if (kind !== undefined) seat.failed(failureOf(kind, { retryAfter: 7 }));
    expect(parts.enter(target)).toBe(words);
    expect(await outcome(parts.wait([target], waiter()))).toMatch(/^rate-limited \d+: This model has nothing left for now \(a: its /);
  });

  test("is one alone when the rest is over, until it says how it went", () => {
    const parts = runningParts({ failures: 1 });
    const deployment = keyed("a");
    seated(parts.enter(targetOf(deployment))).failed(failureOf("upstream-error"));
    parts.turnTo(60_000);
    const standing = parts.standings.of(deployment);
    expect(standing.resting(60_000)).toBeUndefined();
    const trial = seated(parts.enter(targetOf(deployment)));
    expect([standing.resting(60_000), parts.enter(targetOf(deployment))]).toEqual(["one request is trying it", "one request is trying it"]);
    trial.failed(failureOf("client-left"));
    trial.leave();
    const another = seated(parts.enter(targetOf(deployment)));
    another.answered();
    expect(typeof parts.enter(targetOf(deployment))).toBe("object");
  });
});

describe("a wait", () => {
  const full = (...deployments: ReturnType<typeof keyed>[]) => {
    const parts = runningParts({ failures: 1 });
    return { ...parts, seats: deployments.map((deployment) => seated(parts.enter(targetOf(deployment)))), targets: deployments.map((each) => targetOf(each)) };
  };
  const one = (id: string, more = {}) => keyed(id, 1, { maxConcurrent: 1, ...more });

  test("is over at once where there is a place by now", async () => {
    const { wait, targets } = full(one("a"));
    expect(await outcome(wait([...targets, targetOf(one("b"))], waiter()))).toBe("b");
  });

  test("ends at whichever is free first, and nowhere else", async () => {
    const { wait, seats, targets, standings, running } = full(one("a"), one("b"));
    const waiting = outcome(wait(targets, waiter()));
    seats[1]?.leave();
    expect(await waiting).toBe("b");
    expect([standings.known("a")?.queued, standings.known("b")?.queued, standings.known("b")?.inFlight, running()]).toEqual([0, 0, 1, 0]);
  });

  test("is shorter for who is more urgent", async () => {
    const { wait, seats, targets } = full(one("a"));
    const order: string[] = [];
    const waits = [0, 9, 0].map((priority, index) =>
      wait(targets, waiter(priority)).then((seat) => {
        order.push(`${index}`);
        seat.leave();
      }),
    );
    seats[0]?.leave();
    await Promise.all(waits);
    expect(order.join("")).toBe("102");
  });

  test("gives up when it takes too long", async () => {
    const { wait, targets, turnTo, standings } = full(one("a"));
    const waiting = outcome(wait(targets, waiter()));
    turnTo(30_000);
    expect(await waiting).toBe("full 1: No deployment of this model had a place for this request within 30000 ms. Ask again in a moment.");
    expect(standings.known("a")?.queued).toBe(0);
  });

  test("gives up at once when all queues are full", async () => {
    const { wait, targets } = full(one("a", { maxQueue: 0 }), one("b", { maxQueue: 0 }));
    expect(await outcome(wait(targets, waiter()))).toStartWith("full 1: Every deployment of this model is full");
  });

  test("ends when it is called off, with the reason", async () => {
    const { wait, seats, targets, standings, running } = full(one("a"));
    const waiting = waiter();
    const result = outcome(wait(targets, waiting));
    waiting.callOff(failureOf("client-left"));
    expect(await result).toBe("client-left : it was client-left");
    seats[0]?.leave();
    waiting.callOff(failureOf("client-left"));
    expect([standings.known("a")?.inFlight, standings.known("a")?.queued, running()]).toEqual([0, 0, 0]);
  });

  test("does not end at a deployment that has come to rest meanwhile", async () => {
    const { wait, seats, targets } = full(one("a"), one("b"));
    const waiting = outcome(wait(targets, waiter()));
    seats[0]?.failed(failureOf("upstream-error"));
    seats[0]?.leave();
    seats[1]?.leave();
    expect(await waiting).toBe("b");
  });

  test("is over when they all have come to rest, and says when to ask again", async () => {
    const { wait, seats, targets } = full(one("a"));
    const waiting = outcome(wait(targets, waiter()));
    seats[0]?.failed(failureOf("upstream-error", { retryAfter: 59 }));
    seats[0]?.leave();
    expect(await waiting).toBe("no-healthy-deployment 60: No deployment of this model can be called now. Ask again in 60 s.");
    expect(await outcome(wait(targets, waiter()))).toStartWith("no-healthy-deployment 60");
  });

  test("is over when they all have nothing left, and says of what, and until when", async () => {
    const { wait, seats, targets } = full(one("a"), one("b"));
    const waiting = outcome(wait(targets, waiter()));
    for (const [index, retryAfter] of [7000, 9].entries()) {
      seats[index]?.failed(failureOf("rate-limited", { retryAfter }));
      seats[index]?.leave();
    }
    const words = "rate-limited 9: This model has nothing left for now (a: its key: rate-limited; b: its key: rate-limited). Ask again in 9 s.";
    expect([await waiting, await outcome(wait(targets, waiter()))]).toEqual([words, words]);
  });

  test("ends with another key when its own has come to rest meanwhile", async () => {
    const { wait, seats, targets } = full(keyed("a", 2, { maxConcurrent: 1 }));
    const waiting = outcome(wait(targets, waiter()));
    seats[0]?.failed(failureOf("rate-limited", { retryAfter: 7 }));
    seats[0]?.leave();
    expect(await waiting).toBe("a key 2");
  });
});

/** How a call goes, from its seat to its end. */
const call = fc.record({
  at: fc.nat(60_000),
  deployment: fc.nat(2),
  takes: fc.nat(40_000),
  end: fc.constantFrom<"ok" | "leave" | FailureKind>(
    "ok",
    "ok",
    "leave",
    "client-left",
    "upstream-error",
    "upstream-timeout",
    "rate-limited",
    "upstream-credentials",
  ),
  patient: fc.boolean(),
});

test("whatever calls do, never more at a deployment than it may have, never two that try it, and everything is free at the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 10, maxLength: 80 }), async (calls) => {
      const parts = runningParts({ failures: 2, open: 5000 });
      const deployments = [keyed("a", 2, { maxConcurrent: 3 }), keyed("b", 1, { maxConcurrent: 1, maxQueue: 4 }), keyed("c", 3)];
      const at = (index: number) => deployments[index % deployments.length] as (typeof deployments)[number];
      const target = (index: number) => targetOf(at(index), parts.standings.of(at(index)).nextKey(parts.clock.elapsed()));
      let open = 0;
      const sit = (seat: Seat, { takes, end }: (typeof calls)[number]) => {
        const standing = parts.standings.of(seat.target.deployment);
        expect(standing.inFlight).toBeLessThanOrEqual(seat.target.deployment.limits.maxConcurrent ?? Number.POSITIVE_INFINITY);
        if (standing.breaker.circuit(parts.clock.elapsed()) === "half_open") expect(standing.resting(parts.clock.elapsed())).toBe("one request is trying it");
        open++;
        parts.timer(takes, () => {
          if (end === "ok") seat.finished(undefined);
          else if (end !== "leave") seat.failed(failureOf(end));
          seat.leave();
          open--;
        });
      };
      for (const each of calls) {
        parts.timer(each.at, () => {
          const seat = parts.enter(target(each.deployment));
          if (typeof seat !== "string") return sit(seat, each);
          const waiting = waiter(each.takes % 3);
          parts.wait([target(each.deployment), target(each.deployment + 1)], waiting).then(
            (found) => sit(found, each),
            (failure: unknown) => expect(failure).toBeInstanceOf(Failure),
          );
          if (!each.patient) parts.timer(1000, () => waiting.callOff(failureOf("client-left")));
        });
      }
      // Waits end in promises: between two turns of the hands they are kept.
      for (let time = 0; time <= 200_000; time += 500) {
        parts.turnTo(time);
        for (let turn = 0; turn < 4; turn++) await Promise.resolve();
      }
      expect([open, ...parts.standings.report().map(({ inFlight, queued }) => inFlight + queued)]).toEqual([0, ...parts.standings.report().map(() => 0)]);
    }),
    { numRuns: 60 },
  );
});
