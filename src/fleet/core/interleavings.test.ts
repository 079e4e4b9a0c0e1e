import { expect, test } from "bun:test";
import fc from "fast-check";
import type { DriverReason } from "../drivers/driver.ts";
import { GIB, testCardEngine, World } from "./world.fixture.ts";

/** What may happen, in any order. */
type Happening =
  | { readonly type: "ask"; readonly engine: number; readonly priority: number }
  | { readonly type: "answer" | "leave"; readonly which: number }
  | { readonly type: "pass"; readonly milliseconds: number }
  | { readonly type: "crash"; readonly engine: number }
  | { readonly type: "fail"; readonly how: DriverReason | "exits" | "hangs" }
  | { readonly type: "stuck"; readonly times: number }
  | { readonly type: "order"; readonly engine: number; readonly order: "start" | "stop" | "pin" | "unpin" }
  | { readonly type: "foreign"; readonly gpu: number; readonly gib: number }
  | { readonly type: "window"; readonly may: number; readonly run: number }
  | { readonly type: "driver"; readonly lost: boolean }
  | { readonly type: "config"; readonly engine: number };

const SPECS = [
  testCardEngine("a", { gpus: ["0"], vram: 10 * GIB }),
  testCardEngine("b", { gpus: ["0"], vram: 16 * GIB }),
  testCardEngine("c", { gpus: ["1"], vram: 12 * GIB }),
  testCardEngine("d", { gpus: ["0", "1"], vram: 22 * GIB, tensorParallel: 2, idleTimeout: 0 }),
  testCardEngine("e", { gpus: ["0"], vram: 6 * GIB }),
];
const NAMES = SPECS.map(({ name }) => name);
const GPUS = { 0: 24 * GIB, 1: 24 * GIB };

const engine = fc.integer({ min: 0, max: SPECS.length - 1 });
const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant("ask" as const), engine, priority: fc.constantFrom(0, 0, 5, -50) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constantFrom("answer" as const, "leave" as const), which: fc.nat(30) }) },
  { weight: 8, arbitrary: fc.record({ type: fc.constant("pass" as const), milliseconds: fc.constantFrom(10, 500, 3000, 10_000, 40_000) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("crash" as const), engine }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("fail" as const),
      how: fc.constantFrom("failed" as const, "name-taken" as const, "driver-gone" as const, "exits" as const, "hangs" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant("order" as const),
      engine,
      order: fc.constantFrom("start" as const, "stop" as const, "pin" as const, "unpin" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("stuck" as const), times: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("foreign" as const), gpu: fc.nat(1), gib: fc.constantFrom(0, 3, 20) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("window" as const), may: fc.nat(31), run: fc.nat(31) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("driver" as const), lost: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("config" as const), engine }) },
);

async function happen(world: World, one: Happening): Promise<void> {
  const name = "engine" in one ? (NAMES[one.engine] ?? "a") : "a";
  switch (one.type) {
    case "ask":
      world.ask(name, one.priority);
      return;
    case "answer":
    case "leave": {
      const those = world.asked.filter(({ state }) => state === (one.type === "answer" ? "active" : "waiting"));
      those[one.which % Math.max(1, those.length)]?.leave();
      return;
    }
    case "pass":
      return await world.pass(one.milliseconds);
    case "crash":
      return world.crash(name);
    case "fail":
      world.habits.failing = one.how;
      return;
    case "stuck":
      world.habits.stuck = one.times;
      return;
    case "order":
      return world.tell({ type: "operator", engine: name, order: one.order });
    case "foreign":
      world.foreign.set(String(one.gpu), one.gib * GIB);
      return;
    case "window": {
      const some = (mask: number) => new Set(NAMES.filter((_, index) => (mask >> index) % 2 === 1));
      const mayRun = some(one.may);
      return world.want({
        window: `w${one.may}`,
        mayRun,
        toRun: new Set([...some(one.run)].filter((each) => mayRun.has(each))),
        drainUntil: world.now + 60_000,
      });
    }
    case "driver":
      return world.tell({ type: "driver", runner: "process", lost: one.lost ? "it is away" : undefined });
    case "config":
      return world.configure(world.specs.map((spec) => (spec.name === name ? { ...spec, hash: `${spec.hash}+` } : spec)));
    default:
      one satisfies never;
  }
}

/** Drains take minutes, and what was begun may take long: past those deadlines a request may be cut off. */
async function run(happenings: readonly Happening[]): Promise<World> {
  const world = new World(SPECS, GPUS, { drainFor: 1e9 });
  for (const one of happenings) {
    // A window's own deadline comes while requests go on: those it cuts off are cut off rightly.
    world.mayCut ||= one.type === "window";
    await happen(world, one);
  }
  return world;
}

const RUNS = Number(process.env["FLEET_RUNS"] ?? 150);

test("whatever happens in whatever order: no memory is given twice, one starts at a time, no engine runs twice, nobody is cut off", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 60 }), async (happenings) => {
      expect((await run(happenings)).breaches).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 600_000);

test("and every wait ends, once all is well again", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { minLength: 5, maxLength: 40 }), async (happenings) => {
      const world = await run(happenings);
      world.mayCut = true;
      world.habits.failing = undefined;
      world.foreign.clear();
      world.tell({ type: "driver", runner: "process" });
      world.want({});
      for (const name of NAMES) world.tell({ type: "operator", engine: name, order: "unpin" });
      // Whoever is answered leaves after a while.
      for (let round = 0; round < 60 && world.asked.some(({ state }) => state === "waiting"); round++) {
        await world.pass(10_000);
        for (const one of world.asked) if (one.state === "active") one.leave();
      }
      expect(world.asked.filter(({ state }) => state === "waiting").map(({ engine: waited }) => `${waited} (${world.phases})`)).toEqual([]);
      expect(world.breaches).toEqual([]);
    }),
    { numRuns: RUNS },
  );
}, 600_000);
