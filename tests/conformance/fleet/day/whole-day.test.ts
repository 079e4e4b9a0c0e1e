import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openBatch, type RunningBatch } from "./batch.ts";
import type { Guest } from "./guests.ts";
import { House } from "./house.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** From one morning to the next in Moscow, with guests all day: seed 002's house. */
describe("a day", () => {
  let house: House;
  let batch: RunningBatch;
  const notable: Record<string, Guest> = {};
  beforeAll(async () => {
    house = await House.open({ from: "2026-11-23T10:00" });
    const streams = [house.stream({ model: "llama" }, 20 * SECOND), house.stream({ model: "llama", tokens: 5000 }, MINUTE)];
    await house.until("2026-11-23T12:00");
    batch = await openBatch(house, { model: "qwen-72b", lines: 30, parallel: 1, length: 2 * MINUTE });
    await batch.rest();
    notable["the large model by day"] = house.ask({ model: "qwen-72b", length: MINUTE });
    await house.until("2026-11-24T01:57:50");
    notable["one that ends in time"] = house.ask({ model: "llama", length: 4 * MINUTE });
    notable["a long prompt that ends in time"] = house.ask({ model: "llama", tokens: 5000, length: 6 * MINUTE });
    notable["one that does not end"] = house.ask({ model: "llama", length: 30 * MINUTE });
    await house.until("2026-11-24T02:00:01");
    notable["a small model by night"] = house.ask({ model: "llama", length: SECOND });
    for (const end of streams) end();
    const nightly = house.stream({ model: "llama" }, 5 * MINUTE);
    for (let half = 0; half < 60; half++) {
      await house.pass(MINUTE / 2);
      await batch.rest();
    }
    // As n8n's cron has it.
    notable["a résumé at 02:30"] = house.ask({ model: "qwen-72b", length: MINUTE });
    while (house.time < "05:59") {
      await house.pass(MINUTE / 2);
      await batch.rest();
    }
    notable["a résumé that does not end"] = house.ask({ model: "qwen-72b", length: 30 * MINUTE });
    nightly();
    await house.until("2026-11-24T06:10");
    house.stream({ model: "llama" }, 20 * SECOND);
    await house.until("2026-11-24T10:00");
  }, 60_000);
  afterAll(async () => {
    await batch.close();
    house.close();
  });

  test("is this, and nothing else", () => {
    expect(house.log).toEqual([
      "10:00:00 window: the window day is open",
      "10:00:40 llama_0 ready: it is to run in the window day",
      "10:00:40 llama_1 ready: it is to run in the window day",
      "02:00:00 window: the window night is open",
      "02:00:00 llama_0 draining: it is outside its hours",
      "02:00:00 llama_1 draining: it is outside its hours",
      "02:03:50 llama_0 stopping: it is outside its hours",
      "02:03:53 llama_0 absent: it is outside its hours",
      "02:05:00 llama_1 stopping: it is outside its hours",
      "02:05:03 llama_1 absent: it is outside its hours",
      "02:06:33 qwen_72b_dual ready: it is to run in the window night",
      "06:00:00 window: the window day is open",
      "06:00:00 qwen_72b_dual draining: it is outside its hours",
      "06:05:00 qwen_72b_dual stopping: it is outside its hours",
      "06:05:03 qwen_72b_dual absent: it is outside its hours",
      "06:05:43 llama_0 ready: it is to run in the window day",
      "06:05:43 llama_1 ready: it is to run in the window day",
    ]);
  });

  const FATES: readonly [who: string, fate: Guest["fate"], engine: string | undefined, over: string, says?: string][] = [
    ["the large model by day", "refused", undefined, "12:00:00", "It can be asked from 2026-11-23T23:00:00.000Z on."],
    ["one that ends in time", "answered", "llama_1", "02:01:50"],
    ["a long prompt that ends in time", "answered", "llama_0", "02:03:50"],
    ["one that does not end", "cut", "llama_1", "02:05:00"],
    ["a small model by night", "refused", undefined, "02:00:01", "It can be asked from 2026-11-24T03:00:00.000Z on."],
    ["a résumé at 02:30", "answered", "qwen_72b_dual", "02:31:01"],
    ["a résumé that does not end", "cut", "qwen_72b_dual", "06:05:00"],
  ];
  test.each(FATES)("%s is %s", (who, fate, engine, over, says = "") => {
    const guest = notable[who];
    expect([guest?.fate, guest?.engine, house.timeOf(guest?.over)]).toEqual([fate, engine, over]);
    expect(guest?.failure?.message ?? "").toContain(says);
  });

  test("a batch submitted at noon runs by night, each line once, and before the morning all of it is answered", () => {
    expect(batch.asked.map(({ fate }) => fate)).toEqual(Array.from({ length: 30 }, () => "answered"));
    const times = batch.asked.map(({ begun, over }) => [house.timeOf(begun) ?? "", house.timeOf(over) ?? ""] as const);
    expect(times.filter(([from, to]) => from < "02:06:33" || to > "06:00:00")).toEqual([]);
    expect([times.some(([, to]) => to < "02:30:00"), times.some(([from]) => from > "02:30:00")]).toEqual([true, true]);
    expect(batch.now()).toMatchObject({ status: "completed", counts: { total: 30, completed: 30, failed: 0 } });
  });

  test("in figures", () => {
    const { answered, refused, cut, ...rest } = house.figures();
    console.log(`A day: ${answered} answered, ${refused} refused, ${cut} cut; ${JSON.stringify(rest)}`);
    expect({ cut, ...rest }).toEqual({ cut: 2, starts: 5, stops: 3, longestWait: 40 * SECOND });
    expect(answered).toBeGreaterThan(2000);
    const wrongly = house.guests.filter(({ fate, failure }) => fate === "refused" && failure?.kind !== "not-scheduled");
    expect(wrongly.map(({ failure }) => failure?.kind)).toEqual([]);
  });

  test("nobody was cut off but at a hard deadline", () => {
    const cut = house.guests.filter(({ fate }) => fate === "cut").map(({ over }) => house.timeOf(over));
    expect([cut, house.breaches]).toEqual([["02:05:00", "06:05:00"], []]);
  });
});
