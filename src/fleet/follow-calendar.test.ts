import { expect, test } from "bun:test";
import { handTurned } from "../vocabulary/clock.fixture.ts";
import { testEngine } from "../vocabulary/engine.fixture.ts";
import { createCalendar } from "./calendar.ts";
import type { Desired, EngineState, FleetState } from "./core/state.ts";
import { EMPTY_FLEET, newEngine } from "./core/state.ts";
import { followCalendar } from "./follow-calendar.ts";
import { testMemory } from "./keeping/fleet-memory.fixture.ts";
import { DAY, NIGHT, SCHEDULE } from "./schedule/schedule.fixture.ts";
import type { Schedule } from "./schedule/schedule.ts";

const MINUTE = 60_000;
const DRAIN = 5 * MINUTE;

/** A calendar that is followed from this moment on; `told` is what the supervisor was told so far, `happened` what operators read. */
function following(from: string, schedule: Schedule = SCHEDULE) {
  const hands = handTurned();
  let ahead = Date.parse(from);
  const clock = { now: () => ahead + hands.clock.elapsed(), elapsed: hands.clock.elapsed };
  const calendar = createCalendar({ schedule: () => schedule, lead: () => 10 * MINUTE, memory: testMemory(), clock, insistOnHere: () => undefined });
  const specs = ["long", "short", "spare", "large", "always"].map((name) => testEngine({ name, preload: name === "always" }));
  const told: Desired[] = [];
  const happened: string[] = [];
  let state: FleetState = { ...EMPTY_FLEET, engines: new Map(specs.map((spec) => [spec.name, newEngine(spec, 0)])) };
  const follow = followCalendar({
    calendar,
    supervisor: {
      get state() {
        return state;
      },
      tell(event) {
        if (event.type !== "desired") return;
        told.push(event.desired);
        state = { ...state, desired: event.desired };
      },
    },
    happenings: { tell: ({ why }) => happened.push(why) },
    specs: () => specs,
    drain: () => DRAIN,
    clock,
  });
  return {
    told,
    happened,
    at: (time: string) => {
      hands.turnTo(hands.clock.elapsed() + Date.parse(time) - clock.now());
      follow();
    },
    /** The clock on the wall is set. */
    setTo: (time: string) => (ahead += Date.parse(time) - clock.now()),
    /** An engine is so from now on. */
    becomes(name: string, changes: Partial<EngineState>) {
      const engine = state.engines.get(name);
      if (engine !== undefined) state = { ...state, engines: new Map(state.engines).set(name, { ...engine, ...changes }) };
      follow();
    },
    elapsed: hands.clock.elapsed,
  };
}

const FAILED: Partial<EngineState> = { phase: { type: "failed", why: "no image" }, lastError: "no image" };
const READY: Partial<EngineState> = { phase: { type: "ready", since: 0, baseUrl: "http://here" } };

test("what is wanted is told when it changes, and not again", () => {
  const { told, at } = following("2026-11-23T01:00+01:00");
  for (const time of ["01:00", "01:01", "01:50", "01:51", "02:00", "02:01", "05:50", "06:00"]) at(`2026-11-23T${time}+01:00`);
  expect(told.map(({ window, mayRun = [], closing = [], toRun }) => [window, [...mayRun].join(" "), [...closing].join(" "), [...toRun].join(" ")])).toEqual([
    ["day", "long short spare always", "", "long short always"],
    ["day", "long short spare always", "long short spare", "long short always"],
    ["night", "large always", "", "large always"],
    ["night", "large always", "large", "large always"],
    ["day", "long short spare always", "", "long short always"],
  ]);
});

test("a gateway that begins after a boundary counts from that; one that was there, from when it noticed", () => {
  const late = following("2026-11-23T02:02+01:00");
  late.at("2026-11-23T02:02+01:00");
  expect(late.told.at(-1)?.drainUntil).toBe(DRAIN - 2 * MINUTE);
  const there = following("2026-11-23T01:55+01:00");
  there.at("2026-11-23T01:55+01:00");
  there.setTo("2026-11-23T02:10+01:00");
  there.at("2026-11-23T02:10+01:00");
  expect(there.told.at(-1)).toMatchObject({ window: "night", drainUntil: there.elapsed() + DRAIN });
});

test("without windows all may run; where there are some and none ever opens, what they name rests", () => {
  const free = following("2026-11-23T12:00+01:00", { windows: [] });
  free.at("2026-11-23T12:00+01:00");
  const shut = following("2026-11-23T12:00+01:00", { windows: [{ ...NIGHT, hours: { from: 0, to: 60, days: [] } }] });
  shut.at("2026-11-23T12:00+01:00");
  expect([free.told.at(-1)?.mayRun, [...(shut.told.at(-1)?.mayRun ?? [])].join(" ")]).toEqual([undefined, "long short spare always"]);
});

const RETURNS: readonly [what: string, becomes: readonly [string, Partial<EngineState>][], back: boolean][] = [
  [
    "all that it starts fails",
    [
      ["long", FAILED],
      ["short", FAILED],
    ],
    true,
  ],
  ["some of it fails", [["long", FAILED]], false],
  ["what always runs fails", [["always", FAILED]], false],
  [
    "it fails once it was up",
    [
      ["long", READY],
      ["long", FAILED],
      ["short", FAILED],
    ],
    false,
  ],
  [
    "it has failed five times in a row",
    [
      ["long", { failures: 5 }],
      ["short", { failures: 7 }],
    ],
    true,
  ],
  [
    "it has failed often, and not yet too often",
    [
      ["long", { failures: 4 }],
      ["short", { failures: 4 }],
    ],
    false,
  ],
];
test.each(RETURNS)("when %s", (_what, becomes, back) => {
  const { at, happened, ...rest } = following("2026-11-23T12:00+01:00", { ...SCHEDULE, windows: [NIGHT, DAY] });
  at("2026-11-23T12:00+01:00");
  for (const [name, changes] of becomes) rest.becomes(name, changes);
  expect(happened.slice(1)).toEqual(back ? [expect.stringMatching(/^back from day to night: long: /), "the window night is open"] : []);
});
