import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { RedisClient } from "bun";
import fc from "fast-check";
import { until } from "../../../../tests/harness/until.ts";
import { stands, withRedis } from "../../../store/redis/opened.fixture.ts";
import type { SharedStore } from "../../../store/redis/redis.ts";
import { type RedisServer, withRedisServer } from "../../../store/redis/redis-server.fixture.ts";
import { handTurned } from "../../../vocabulary/clock.fixture.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import { systemTimer } from "../../../vocabulary/timer.ts";
import { keyOf } from "./keys.ts";
import { createThrottle } from "./memory-throttle.ts";
import { SharedThrottle } from "./shared-throttle.ts";
import type { Attempt, Throttle } from "./throttle.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

const MINUTE = 60_000;

/** Seconds somebody is told to wait, or the attempt they may make. */
async function tried(throttle: Throttle, network: string, account: string): Promise<number | Attempt> {
  try {
    return await throttle.attempt(network, account);
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== "rate-limited") throw error;
    return error.facts.retryAfter ?? Number.NaN;
  }
}
const waitOf = async (...who: Parameters<typeof tried>) => {
  const told = await tried(...who);
  return typeof told === "number" ? told : 0;
};
const times = async (count: number, ...who: Parameters<typeof tried>) => {
  const waits: number[] = [];
  for (let time = 0; time < count; time++) waits.push(await waitOf(...who));
  return waits;
};

/** A gateway's throttle over a connection of its own. */
interface Gateway {
  readonly throttle: SharedThrottle;
  readonly store: SharedStore;
}

interface Scene {
  readonly one: Gateway;
  readonly other: Gateway;
  readonly hands: ReturnType<typeof handTurned>;
}

/** Two gateways that have reached one Redis, where time is what the test turns it to. A busy machine is not a Redis that is away, where a test does not say so. */
function withGateways(server: RedisServer, work: (scene: Scene) => Promise<void>, deadline = 5_000): Promise<void> {
  const hands = handTurned();
  const parts = { clock: hands.clock, timer: systemTimer, time: () => hands.clock.elapsed() + 1_000_000 };
  const options = { url: server.url, deadline };
  return withRedis(options, (first) =>
    withRedis(options, async (second) => {
      await Promise.all([stands(first), stands(second)]);
      const [one, other] = [first, second].map((store): Gateway => ({ store, throttle: new SharedThrottle({ redis: store, ...parts }) }));
      if (one === undefined || other === undefined) throw new Error("There are two.");
      try {
        await work({ one, other, hands });
      } finally {
        one.throttle.close();
        other.throttle.close();
      }
    }),
  );
}

async function withClient<Result>({ url }: RedisServer, work: (client: RedisClient) => Promise<Result>): Promise<Result> {
  const client = new RedisClient(url);
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
const countAt = async (server: RedisServer, key: string) => Number(await withClient(server, (client) => client.hget(`signalbox:${key}`, "count")));

const gone = ({ store }: Gateway) => until("Redis to be known to be away", () => store.trouble() !== undefined);

describe("two gateways over one Redis", () => {
  const act = fc.record({
    gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 * MINUTE }), fc.integer({ min: 0, max: 40 * MINUTE })),
    network: fc.constantFrom("a", "b", "c"),
    account: fc.constantFrom("ann", "bob"),
    many: fc.integer({ min: 1, max: 8 }),
    right: fc.boolean(),
    at: fc.constantFrom("one", "other"),
  });

  test("count as one does in memory, wherever somebody tries, at any time", () =>
    withRedisServer((server) =>
      fc.assert(
        fc.asyncProperty(fc.array(act, { maxLength: 20 }), async (acts) => {
          await server.flush();
          await withGateways(server, async ({ hands, ...gateways }) => {
            const memory = createThrottle(hands.clock);
            for (const { gap, network, account, many, right, at } of acts) {
              hands.turnTo(hands.clock.elapsed() + gap);
              for (let time = 0; time < many; time++) {
                const [here, there] = [await tried(memory, network, account), await tried(gateways[at].throttle, network, account)];
                expect(typeof there === "number" ? there : 0).toBe(typeof here === "number" ? here : 0);
                if (right && time === 0) for (const attempt of [here, there]) if (typeof attempt !== "number") attempt.succeeded();
                // Whoever asks at the other after this knows of it.
                if (right) await waitOf(gateways[at].throttle, "nobody", `${hands.clock.elapsed()}`);
                if (right) await waitOf(memory, "nobody", `${hands.clock.elapsed()}`);
              }
            }
          });
        }),
        { numRuns: 40 },
      ),
    ));

  test("let five through between them, and nobody learns from Redis who it was", () =>
    withRedisServer((server) =>
      withGateways(server, async ({ one, other }) => {
        const told = await Promise.all(Array.from({ length: 20 }, (_, time) => waitOf((time % 2 ? one : other).throttle, "192.0.2.7", "ann@example.com")));
        expect(told.toSorted((left, right) => left - right)).toEqual([...Array(5).fill(0), ...Array(15).fill(60)]);
        const [keys, lives] = await withClient(server, async (client) => {
          const found = (await client.send("KEYS", ["*"])) as string[];
          return [found, await Promise.all(found.map((key) => client.pttl(key)))] as const;
        });
        expect(keys.map((key) => key.replace(/[^:]{22}$/, "…")).toSorted()).toEqual(
          ["account:…", "address:…", "memory", "pair:…"].map((key) => `signalbox:{logins}:${key}`),
        );
        for (const life of lives) expect(life).toBeGreaterThan(0);
      }),
    ));
});

describe("without Redis", () => {
  test("each goes on from what it has counted itself; once it is back, what was tried meanwhile counts everywhere", () =>
    withRedisServer((server) =>
      withGateways(server, async ({ one, other, hands }) => {
        expect(await times(3, one.throttle, "a", "ann")).toEqual([0, 0, 0]);
        expect(await times(1, other.throttle, "a", "ann")).toEqual([0]);
        await server.kill();
        await Promise.all([gone(one), gone(other)]);
        // Of the five, this one has seen three, and that one a single one.
        expect(await times(3, one.throttle, "a", "ann")).toEqual([0, 0, 60]);
        expect(await times(3, other.throttle, "a", "ann")).toEqual([0, 0, 0]);
        expect([one, other].map(({ throttle }) => throttle.trouble()?.includes("not counted in Redis"))).toEqual([true, true]);

        // It comes back with nothing. Nine have tried: that is four beyond what is free.
        await server.restart();
        await Promise.all([stands(one.store), stands(other.store)]);
        await waitOf(other.throttle, "somebody", "else");
        expect(await waitOf(one.throttle, "a", "ann")).toBe(900);
        expect(await waitOf(other.throttle, "a", "ann")).toBe(900);
        expect([one, other].map(({ throttle }) => throttle.trouble())).toEqual([undefined, undefined]);
        hands.turnTo(15 * MINUTE);
        expect(await times(2, one.throttle, "a", "ann")).toEqual([0, 900]);
      }),
    ));

  test("one that falls silent and comes back with all it knew is told only what it missed, with nobody asking", () =>
    withRedisServer((server) =>
      withGateways(
        server,
        async ({ one, other }) => {
          expect(await times(2, one.throttle, "a", "ann")).toEqual([0, 0]);
          server.pause();
          const late = waitOf(one.throttle, "a", "ann");
          await gone(one);
          expect(await late).toBe(0);
          expect(await times(2, one.throttle, "a", "ann")).toEqual([0, 0]);
          server.resume();
          await stands(other.store);
          // Five tries, the late one perhaps twice; nobody asks the gateway that allowed them any more.
          await until("Redis to know", async () => (await countAt(server, keyOf("pair", "a ann"))) >= 5);
          expect(await waitOf(other.throttle, "a", "ann")).toBeGreaterThan(0);
        },
        200,
      ),
    ));

  test("whoever has logged in at one is no stranger at the other, also after Redis has lost its memory", () =>
    withRedisServer((server) =>
      withGateways(server, async ({ one, other }) => {
        const attempt = await tried(one.throttle, "home", "ann");
        if (typeof attempt === "number") throw new Error("kept waiting");
        attempt.succeeded();
        await waitOf(one.throttle, "nobody", "nobody");
        await server.flush();
        await waitOf(one.throttle, "nobody", "nobody");
        for (let stranger = 0; stranger < 20; stranger++) await waitOf(other.throttle, `stranger ${stranger}`, "ann");
        expect([await waitOf(other.throttle, "elsewhere", "ann"), await waitOf(other.throttle, "home", "ann")]).toEqual([60, 0]);
      }),
    ));
});
