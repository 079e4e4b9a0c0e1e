import { afterEach, expect, test } from "bun:test";
import { holding, type InProcessWorld, openInProcessWorld } from "../../tests/fakes/engine/in-process-driver.ts";
import { until } from "../../tests/harness/until.ts";
import { handTurned } from "../vocabulary/clock.fixture.ts";
import { testEngine } from "../vocabulary/engine.fixture.ts";
import { systemTimer, type Timer } from "../vocabulary/timer.ts";
import type { FleetEvent } from "./core/event.ts";
import type { Phase } from "./core/phase.ts";
import { EMPTY_FLEET, newEngine, withEngine } from "./core/state.ts";
import { Crew } from "./crew.ts";

const NAME = "signalbox-test-a-1";
const START = { type: "start", engine: "a", generation: 1 } as const;
const worlds: InProcessWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

/** A crew of one engine, whose phase the test says, over fakes. */
function crewOf(timer: Timer = systemTimer) {
  const world = openInProcessWorld();
  worlds.push(world);
  const told: FleetEvent[] = [];
  const engine = newEngine(testEngine({ name: "a" }), 1);
  let phase: Phase = { type: "creating", since: 0, why: "a request waits for it" };
  const crew = new Crew({
    drivers: new Map([["process", world.driver("test")]]),
    state: () => withEngine(EMPTY_FLEET, { ...engine, phase }),
    tell: (event) => told.push(event),
    nameOf: () => NAME,
    launch: (spec, generation) => ({ name: NAME, install: "test", generation, spec, args: [], env: {}, gpus: [] }),
    judge: () => ({ why: "", hopeless: false }),
    measure: () => undefined,
    timer,
  });
  const becomes = (next: Phase) => {
    phase = next;
  };
  return { world, crew, told, becomes };
}

test("an engine that is called off while it is made is not started any more", async () => {
  const { world, crew, told, becomes } = crewOf();
  const pull = holding();
  world.hinder("create", pull.hindrance);
  crew.perform(START);
  await until("it to be made", () => world.calls.length === 1);
  becomes({ type: "stopping", since: 0, why: "nobody waits for it any more", beside: new Map(), after: { type: "absent" } });
  crew.perform({ type: "stop", engine: "a", generation: 1, why: "nobody waits for it any more" });
  pull.release();
  await crew.idle(60_000);
  expect(world.calls).toEqual([`create ${NAME}`, `stop ${NAME}`, `remove ${NAME}`]);
  expect(told).toEqual([{ type: "stopped", engine: "a", generation: 1 }]);
  await crew.close();
});

test("nobody waits for ever for what was begun", async () => {
  const time = handTurned();
  const { world, crew, told } = crewOf(time.timer);
  world.hinder("create", holding().hindrance);
  crew.perform(START);
  const idle = crew.idle(1000);
  time.turnTo(1000);
  await idle;
  expect(told).toEqual([]);
  await crew.close();
});
