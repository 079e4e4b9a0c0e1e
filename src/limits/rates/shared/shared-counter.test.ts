import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { RedisClient } from "bun";
import fc from "fast-check";
import { withRedisServer } from "../../../store/redis/redis-server.fixture.ts";
import { handTurned } from "../../../vocabulary/clock.fixture.ts";
import type { Taken } from "../counter.ts";
import { limitedBy, mostWithin } from "../limited.fixture.ts";
import { MemoryCounter } from "../memory-counter.ts";
import type { Step } from "../rule.ts";
import { together, withCounters } from "./counters.fixture.ts";
import type { SharedCounter } from "./shared-counter.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

/** A time that a test turns, for a counter in memory and for Redis alike. */
function handTime() {
  const { clock, turnTo } = handTurned();
  return { clock, turnTo, time: () => Math.round(clock.elapsed() * 1000) };
}

describe("Redis counts as memory does", () => {
  const act = fc.record({
    gap: fc.oneof(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 40_000 })),
    tokens: fc.integer({ min: 1, max: 60 }),
    after: fc.constantFrom("keep", "undo", "less", "more"),
  });
  const bounds = fc.record({
    requestsPerSecond: fc.option(fc.constantFrom(1, 2, 4, 5, 8), { nil: undefined }),
    burst: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
    requestsPerMinute: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    requestsPerHour: fc.option(fc.integer({ min: 3, max: 30 }), { nil: undefined }),
    tokensPerMinute: fc.option(fc.integer({ min: 20, max: 200 }), { nil: undefined }),
  });

  test("what is admitted, what is left, when it is whole, how long to wait", () =>
    withRedisServer((server) =>
      fc.assert(
        fc.asyncProperty(bounds, bounds, fc.array(act, { minLength: 5, maxLength: 40 }), async (one, other, acts) => {
          await server.flush();
          const { clock, turnTo, time } = handTime();
          const memory = new MemoryCounter({ clock });
          const step: Step = [limitedBy(one, "a", "key"), limitedBy(other, "", "global")];
          await withCounters(server.url, [{ time }], async ({ counter }) => {
            for (const { gap, tokens, after } of acts) {
              turnTo(clock.elapsed() + gap);
              const [here, there] = [memory.take(step, tokens), await counter.take(step, tokens)];
              expect(shown(there)).toEqual(shown(here));
              for (const taken of [here, there]) {
                if (after === "undo") taken.undo();
                else if (after !== "keep") taken.end(after === "less" ? tokens - 1 : tokens + 7);
              }
              expect(shown({ readings: await counter.look(step) })).toEqual(shown({ readings: memory.look(step) }));
            }
          });
        }),
        { numRuns: 40 },
      ),
    ));

  const shown = ({ readings }: Pick<Taken, "readings">) =>
    readings.map(({ of, rule, used, resets, wait }) => [of.scope, rule.kind, used, Math.round(resets), Number.isFinite(wait) ? Math.round(wait) : "never"]);
});

describe("several gateways over one Redis", () => {
  test("admit together no more than the limit in any span, whoever asks when", () =>
    withRedisServer((server) =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 12 }), { minLength: 10, maxLength: 30 }),
          fc.integer({ min: 1, max: 9 }),
          async (rounds, limit) => {
            await server.flush();
            const { clock, turnTo, time } = handTime();
            const step: Step = [limitedBy({ requestsPerMinute: limit, requestsPerHour: 3 * limit }), limitedBy({ requestsPerMinute: 2 * limit }, "", "global")];
            await withCounters(server.url, [{ time }, { time }, { time }], async (...all) => {
              const admitted: { time: number; amount: number }[] = [];
              for (const [round, askers] of rounds.entries()) {
                turnTo(round * 4_000);
                const taken = await Promise.all(askers.map((asker) => all[asker]?.counter.take(step, 0)));
                admitted.push(...taken.filter((one) => one?.refused === false).map(() => ({ time: clock.elapsed(), amount: 1 })));
              }
              expect(mostWithin(60_000, admitted)).toBeLessThanOrEqual(limit);
              expect(mostWithin(3_600_000, admitted)).toBeLessThanOrEqual(3 * limit);
            });
          },
        ),
        { numRuns: 20 },
      ),
    ));

  test("hold no more slots than there are, and those of one that dies come back", () =>
    withRedisServer((server) => {
      const { turnTo, time, clock } = handTime();
      const slot: Step = [limitedBy({ maxParallel: 2 })];
      return withCounters(server.url, [{ time }, { time }], async (one, other) => {
        const taken = await Promise.all([one.counter.take(slot, 0), other.counter.take(slot, 0), one.counter.take(slot, 0)]);
        const inside = taken.filter(({ refused }) => !refused);
        expect(inside).toHaveLength(2);
        inside[0]?.end(0);
        inside[0]?.end(0);
        // Asked on the same line, it is answered once Redis knows that the slot is free.
        await Promise.all([one.counter.look(slot), other.counter.look(slot)]);
        expect((await other.counter.take(slot, 0)).refused).toBe(false);
        expect((await other.counter.take(slot, 0)).refused).toBe(true);
        // The other is gone without a word: nobody renews its leases.
        turnTo(clock.elapsed() + 31_000);
        expect((await one.counter.take(slot, 0)).refused).toBe(false);
      });
    }));

  test("leave nothing behind: every key ends by itself, and lies on one server of a cluster", () =>
    withRedisServer((server) =>
      withCounters(server.url, [{}], async ({ counter }) => {
        const step: Step = [
          limitedBy({ requestsPerSecond: 1, requestsPerMinute: 5, tokensPerMinute: 9, maxParallel: 1 }, "a"),
          limitedBy({ requestsPerHour: 5 }, "", "global"),
        ];
        await counter.take(step, 3);
        const client = new RedisClient(server.url);
        const ends = new Map<string, number>();
        for (const key of await client.keys("*")) ends.set(key, Number(await client.send("PTTL", [key])));
        client.close();
        expect([...ends.keys()].sort()).toEqual([
          "signalbox:{limits}:mark:g0",
          "signalbox:{limits}:slots:user:a",
          "signalbox:{limits}:state:global:",
          "signalbox:{limits}:state:user:a",
        ]);
        expect(
          [...ends].filter(([key, left]) => !(left > 0 && left <= (key.includes("mark") ? 7_200_000 : key.includes("global") ? 3_600_000 : 60_000))),
        ).toEqual([]);
      }),
    ));

  test("go on when the server has forgotten the scripts", () =>
    withRedisServer((server) =>
      withCounters(server.url, [{}], async ({ counter }) => {
        const step: Step = [limitedBy({ requestsPerMinute: 2 })];
        await counter.take(step, 0);
        const client = new RedisClient(server.url);
        await client.send("SCRIPT", ["FLUSH"]);
        client.close();
        expect(await verdicts(counter, step, 2)).toEqual([true, false]);
        expect(counter.trouble()).toBeUndefined();
      }),
    ));
});

/** Of so many requests, which are admitted. */
async function verdicts(counter: SharedCounter, step: Step, times: number): Promise<boolean[]> {
  const admitted: boolean[] = [];
  for (let time = 0; time < times; time++) admitted.push(!(await counter.take(step, 0)).refused);
  return admitted;
}

describe("a Redis that is away", () => {
  const step: Step = [limitedBy({ requestsPerHour: 4 })];
  const PATIENCE = { deadline: () => 40 };

  test("is not waited for a second time; one gateway goes on from what it has counted, and so does Redis when it is back", () =>
    withRedisServer((server) =>
      withCounters(server.url, [PATIENCE], async ({ counter }) => {
        expect(await verdicts(counter, step, 2)).toEqual([true, true]);
        server.pause();
        expect(await verdicts(counter, step, 1)).toEqual([true]);
        expect(counter.trouble()).toContain("grants the whole of every limit (limits.replicas is 1). Redis did not answer within 40 ms.");
        // At once, without a promise: nobody is asked.
        const fourth = counter.take(step, 0);
        expect([fourth instanceof Promise, (await fourth).refused, (await fourth).alone]).toEqual([false, false, true]);
        expect(await verdicts(counter, step, 1)).toEqual([false]);
        server.resume();
        await together(counter);
        expect(await verdicts(counter, step, 1)).toEqual([false]);
      }),
    ));

  test("and comes back empty is told by each gateway all that it has counted", () =>
    withRedisServer((server) =>
      withCounters(server.url, [PATIENCE, PATIENCE], async (one, other) => {
        expect(await verdicts(one.counter, step, 1)).toEqual([true]);
        expect(await verdicts(other.counter, step, 1)).toEqual([true]);
        await server.kill();
        expect(await verdicts(one.counter, step, 1)).toEqual([true]);
        await server.restart();
        await Promise.all([together(one.counter), together(other.counter)]);
        // The other has not asked since: it finds out by asking.
        expect(await verdicts(other.counter, step, 1)).toEqual([true]);
        await together(other.counter);
        expect(await verdicts(one.counter, step, 1)).toEqual([false]);
        expect(await verdicts(other.counter, step, 1)).toEqual([false]);
      }),
    ));

  test("or is flushed under way, too", () =>
    withRedisServer((server) =>
      withCounters(server.url, [{}], async ({ counter }) => {
        const both: Step = [limitedBy({ requestsPerHour: 4, tokensPerMinute: 300, requestsPerSecond: 1, burst: 9, maxParallel: 3 })];
        for (let time = 0; time < 3; time++) expect((await counter.take(both, 50)).refused).toBe(false);
        await server.flush();
        const fourth = await counter.take(both, 50);
        expect([fourth.refused, fourth.readings.map(({ rule }) => rule.kind)]).toEqual([true, ["second", "hour", "parallel", "tokens"]]);
        await together(counter);
        expect((await counter.look(both)).map(({ used }) => used)).toEqual([3, 3, 3, 150]);
      }),
    ));

  test("makes each of several grant its share, of what it had granted before too", () =>
    withRedisServer((server) =>
      withCounters(
        server.url,
        [
          { ...PATIENCE, gateways: () => 2 },
          { ...PATIENCE, gateways: () => 2 },
        ],
        async (one, other) => {
          expect(await verdicts(one.counter, step, 1)).toEqual([true]);
          await server.kill();
          expect(await verdicts(one.counter, step, 2)).toEqual([true, false]);
          expect(await verdicts(other.counter, step, 3)).toEqual([true, true, false]);
          expect(one.counter.trouble()).toContain("grants 1/2 of every limit");
          expect((await one.counter.look(step)).map(({ rule }) => [rule.limit, rule.whole])).toEqual([[2, 4]]);
        },
      ),
    ));

  test("gets slots back that were freed meanwhile, and keeps those that are held", () =>
    withRedisServer((server) =>
      withCounters(server.url, [PATIENCE, PATIENCE], async (one, other) => {
        const slot: Step = [limitedBy({ maxParallel: 2 })];
        const first = await one.counter.take(slot, 0);
        server.pause();
        const second = await one.counter.take(slot, 0);
        expect((await one.counter.take(slot, 0)).refused).toBe(true);
        first.end(0);
        server.resume();
        await Promise.all([together(one.counter), together(other.counter)]);
        expect(await verdicts(other.counter, slot, 2)).toEqual([true, false]);
        second.end(0);
        expect(await verdicts(one.counter, slot, 2)).toEqual([true, false]);
      }),
    ));

  test("never lets one gateway admit more than the limit, however often it goes and comes, with and without its memory", () =>
    withRedisServer((server) =>
      fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom("take", "take", "undo", "pause", "resume", "restart", "flush", "back"), { minLength: 10, maxLength: 30 }),
          async (acts) => {
            await server.restart();
            let paused = false;
            await withCounters(server.url, [{ deadline: () => 20 }], async ({ counter }) => {
              let admitted = 0;
              const both: Step = [limitedBy({ requestsPerHour: 4 }), limitedBy({ requestsPerMinute: 6, requestsPerHour: 9 }, "", "global")];
              for (const act of acts) {
                if (act === "take" || act === "undo") {
                  const taken = await counter.take(both, 0);
                  if (act === "undo") taken.undo();
                  else if (!taken.refused) admitted++;
                } else if (act === "restart") {
                  await server.restart();
                  paused = false;
                } else if (act === "flush" && !paused) await server.flush();
                else if (act === "back" && !paused) await together(counter);
                else if (act === "pause" || act === "resume") {
                  server[act]();
                  paused = act === "pause";
                }
              }
              expect(admitted).toBeLessThanOrEqual(4);
              server.resume();
            });
          },
        ),
        { numRuns: 15 },
      ),
    ));

  test("costs nobody more than the one wait, however many ask and however often it stops", () =>
    withRedisServer((server) =>
      withCounters(server.url, [{ deadline: () => 15 }], async ({ counter }) => {
        const many: Step = [limitedBy({ requestsPerMinute: 1e6 })];
        for (let round = 0; round < 3; round++) {
          server.pause();
          let waited = 0;
          for (let asked = 0; asked < 200; asked++) {
            const taken = counter.take(many, 0);
            if (taken instanceof Promise) waited++;
            expect((await taken).refused).toBe(false);
          }
          expect(waited).toBeLessThanOrEqual(1);
          server.resume();
          await together(counter);
        }
        // All of the 600 are known to Redis, each of the late ones perhaps twice.
        const [reading] = await counter.look(many);
        expect(reading?.used).toBeGreaterThanOrEqual(600);
        expect(reading?.used).toBeLessThanOrEqual(603);
      }),
    ));
});
