import { expect, test } from "bun:test";
import { stands, withRedis } from "../../store/redis/opened.fixture.ts";
import { withRedisServer } from "../../store/redis/redis-server.fixture.ts";
import { memoryPlace } from "./memory.ts";
import type { Place } from "./place.ts";
import { sharedPlace } from "./shared.ts";

type Work = (place: Place) => Promise<void>;
const clock = { time: 0, now: () => clock.time, elapsed: () => clock.time };

/** Every place there is. */
const PLACES: Record<string, (work: Work) => Promise<void>> = {
  memory: (work) => work(memoryPlace({ bytes: 1_000_000, clock })),
  redis: (work) =>
    withRedisServer((server) =>
      withRedis({ url: server.url, deadline: 5000 }, async (store) => {
        await stands(store);
        await work(sharedPlace(store));
      }),
    ),
};

const bytes = (...values: number[]) => new Uint8Array(values);
const found = async (place: Place, key: string) => {
  const there = await place.get(key);
  return there === undefined ? undefined : [...there];
};

const BEHAVIOUR: Record<string, Work> = {
  "gives back what was kept, byte by byte": async (place) => {
    await place.set("a:1", bytes(0, 255, 10, 13), 60_000);
    expect([await found(place, "a:1"), await found(place, "a:2")]).toEqual([[0, 255, 10, 13], undefined]);
  },
  "shows what it holds without a use of it": async (place) => {
    await place.set("a:1", bytes(1), 60_000);
    expect([[...((await place.peek("a:1")) ?? [])], await place.peek("a:2")]).toEqual([[1], undefined]);
  },
  "keeps the last of two": async (place) => {
    await place.set("a:1", bytes(1), 60_000);
    await place.set("a:1", bytes(2), 60_000);
    expect(await found(place, "a:1")).toEqual([2]);
  },
  "removes what begins so, and says how many": async (place) => {
    for (const key of ["a:1", "a:2", "b:1", "a*:1"]) await place.set(key, bytes(1), 60_000);
    expect([await place.deleteAll("a:"), await found(place, "a:1"), await found(place, "b:1"), await found(place, "a*:1")]).toEqual([2, undefined, [1], [1]]);
    expect([await place.deleteAll("a:"), await place.deleteAll("a*"), await place.deleteAll("")]).toEqual([0, 1, 1]);
  },
};

for (const [name, open] of Object.entries(PLACES)) for (const [does, work] of Object.entries(BEHAVIOUR)) test(`${name} ${does}`, () => open(work));

test("memory forgets when it is time", async () => {
  const place = memoryPlace({ bytes: 10_000, clock });
  await place.set("a", bytes(1), 100);
  clock.time += 99;
  expect(await found(place, "a")).toEqual([1]);
  clock.time += 1;
  expect(await place.peek("a")).toBeUndefined();
  expect([await found(place, "a"), place.size()]).toEqual([undefined, { entries: 0, bytes: 0 }]);
});

test("memory holds so much and no more; what was unused for longest goes first", async () => {
  const place = memoryPlace({ bytes: 3000, clock });
  for (const key of ["a", "b", "c"]) {
    await place.set(key, new Uint8Array(1000), 1000);
    await place.get("a");
    await place.peek("b");
  }
  expect([await place.get("a"), await place.get("b"), await place.get("c")].map((each) => each?.length)).toEqual([1000, undefined, 1000]);
  await place.set("d", new Uint8Array(3000), 1000);
  expect([await place.get("d"), place.size()?.entries]).toEqual([undefined, 2]);
  expect(place.size()?.bytes).toBeLessThanOrEqual(3000);
});

test("Redis forgets by itself", () =>
  withRedisServer((server) =>
    withRedis({ url: server.url, deadline: 5000 }, async (store) => {
      await stands(store);
      const place = sharedPlace(store);
      await place.set("a", bytes(1), 1);
      while ((await place.get("a")) !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(place.size()).toBeUndefined();
    }),
  ));
