import { expect, test } from "bun:test";
import fc from "fast-check";
import { House } from "./house.ts";

const MINUTE = 60_000;
const ENGINES = ["llama_0", "llama_1", "qwen_72b_dual"];

const minutes = (least: number, most: number) => fc.integer({ min: least, max: most }).map((some) => some * MINUTE);
const pick = <const Words extends readonly string[]>(...words: Words) => fc.constantFrom(...words);

/** All that may happen in a house, in any order. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant("pass" as const), by: minutes(1, 12) }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant("ask" as const), model: pick("llama", "qwen-72b"), length: minutes(1, 30) }) },
  fc.record({ type: fc.constant("override" as const), window: pick("day", "night"), by: minutes(2, 40) }),
  fc.record({ type: fc.constant("withdraw" as const) }),
  fc.record({ type: fc.constant("clock" as const), by: minutes(-12, 12) }),
  fc.record({ type: fc.constant("restart" as const) }),
  fc.record({ type: fc.constant("windows" as const), to: pick("01:58", "02:06", "02:20", "06:00") }),
  fc.record({
    type: fc.constant("fault" as const),
    engine: pick(...ENGINES),
    fault: fc.constantFrom("out-of-memory" as const, "image-missing" as const, undefined),
  }),
  fc.record({
    type: fc.constant("order" as const),
    engine: pick(...ENGINES),
    order: fc.constantFrom("start" as const, "stop" as const, "pin" as const, "unpin" as const),
  }),
);
type AnyHappening = typeof happening extends fc.Arbitrary<infer Some> ? Some : never;

async function happen(house: House, one: AnyHappening): Promise<void> {
  switch (one.type) {
    case "pass":
      return await house.pass(one.by);
    case "ask":
      return void house.ask(one);
    case "override":
      return void house.fleet.calendar.override({ window: one.window, until: house.now + one.by, by: "ann" });
    case "withdraw":
      return house.fleet.calendar.withdraw();
    case "clock":
      return house.setClock(one.by);
    case "restart":
      return await house.restart();
    case "windows":
      return await house.reload((text) => text.replace('to: "06:00"', `to: "${one.to}"`));
    case "fault":
      return house.engines.breaks(one.engine, one.fault);
    case "order":
      return house.fleet.order(one.engine, one.order, "ann");
    default:
      one satisfies never;
  }
}

const RUNS = Number(process.env["FLEET_RUNS"] ?? 10);

test("whatever happens: no memory is held twice, nobody is cut off early, and once all is well what is to run does", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 25 }), async (happenings) => {
      const house = await House.open({ from: "2026-11-23T01:50" });
      try {
        for (const one of happenings) await happen(house, one);
        for (const engine of ENGINES) {
          house.engines.breaks(engine, undefined);
          house.fleet.order(engine, "unpin", "ann");
        }
        await house.reload((text) => text);
        // Starts that had begun with a fault may end with it.
        await house.pass(3 * MINUTE);
        house.fleet.calendar.withdraw();
        // By noon, when all drains and waits of the morning are over.
        await house.leap("2026-11-23T12:00");
        for (const engine of ["llama_0", "llama_1"]) house.fleet.order(engine, "start", "ann");
        await house.pass(20 * MINUTE);
        expect([house.states, house.breaches]).toEqual(["llama_0 ready, llama_1 ready, qwen_72b_dual absent", []]);
        expect(house.guests.filter(({ fate }) => fate === "waiting")).toEqual([]);
      } finally {
        house.close();
      }
    }),
    { numRuns: RUNS },
  );
}, 600_000);
