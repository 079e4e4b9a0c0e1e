import { afterEach, describe, expect, test } from "bun:test";
import type { Guest } from "./guests.ts";
import { House, type HouseRequest } from "./house.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const LARGE = "qwen_72b_dual";

let house: House;
async function open(request: HouseRequest): Promise<House> {
  house = await House.open(request);
  return house;
}
afterEach(() => {
  house.close();
  expect(house.breaches).toEqual([]);
});

const ends = (guest: Guest) => `${guest.fate} at ${house.timeOf(guest.over)}`;
const windows = () => house.log.filter((line) => line.includes(" window: "));

describe("nights on which the clocks change", () => {
  const NIGHTS: readonly [night: string, opens: string, hours: number][] = [
    ["2026-03-28", "02:00:00", 4],
    // 02:00 is not there: at that moment it is 03:00.
    ["2026-03-29", "03:00:00", 3],
    // 02:00 comes twice, and the window opens with the first.
    ["2026-10-25", "02:00:00", 5],
  ];
  test.each(NIGHTS)("in Berlin, %s: from %s on, for %d hours", async (night, opens, hours) => {
    await open({ from: `${night}T01:57`, timeZone: "Europe/Berlin" });
    await house.pass(8 * MINUTE);
    await house.leap(`${night}T05:58`);
    await house.until(`${night}T06:02`);
    expect(windows()).toEqual([
      "01:57:00 window: the window day is open",
      `${opens} window: the window night is open`,
      "06:00:00 window: the window day is open",
    ]);
    const [, from, to] = house.happenings.filter(({ type }) => type === "window").map(({ at }) => at);
    expect(((to ?? 0) - (from ?? 0)) / HOUR).toBe(hours);
    expect(house.engines.calls).toEqual([
      "start llama_0",
      "start llama_1",
      "stop llama_0",
      "stop llama_1",
      `start ${LARGE}`,
      `stop ${LARGE}`,
      "start llama_0",
      "start llama_1",
    ]);
  });
});

describe("a gateway that is killed and started again", () => {
  test("within the window finds what ran, and starts nothing", async () => {
    await open({ from: "2026-11-23T01:58" });
    await house.until("2026-11-23T02:05");
    await house.leap("2026-11-23T03:00");
    const calls = house.engines.calls.length;
    const lost = house.ask({ model: "qwen-72b", length: HOUR });
    await house.pass(SECOND);
    await house.restart();
    const next = house.ask({ model: "qwen-72b", length: MINUTE });
    await house.pass(2 * MINUTE);
    expect([house.states, house.engines.calls.length, lost.fate, next.fate]).toEqual([
      "llama_0 absent, llama_1 absent, qwen_72b_dual ready",
      calls,
      "lost",
      "answered",
    ]);
    expect((next.begun ?? 0) - next.asked).toBeLessThanOrEqual(SECOND);
  });

  test("while the old set drains goes on with that: whose guests were lost with the old gateway stops at once", async () => {
    await open({ from: "2026-11-23T01:58" });
    await house.until("2026-11-23T01:59");
    house.ask({ model: "llama", length: HOUR });
    await house.until("2026-11-23T02:02");
    await house.restart();
    await house.until("2026-11-23T02:05");
    expect([house.states, house.engines.calls]).toEqual([
      "llama_0 absent, llama_1 absent, qwen_72b_dual ready",
      ["start llama_0", "start llama_1", "stop llama_0", "stop llama_1", `start ${LARGE}`],
    ]);
  });

  test("knows of overrides, and of the way back from a window", async () => {
    await open({ from: "2026-11-23T01:58" });
    house.engines.breaks(LARGE, "image-missing");
    await house.until("2026-11-23T02:10");
    await house.restart();
    await house.until("2026-11-23T02:20");
    expect([house.states, windows().at(-1)]).toEqual(["llama_0 ready, llama_1 ready, qwen_72b_dual absent", "02:10:00 window: the window day is open"]);
  });
});

describe("an override", () => {
  const until = Date.parse("2026-11-23T14:00+03:00");
  const begin = async () => {
    await open({ from: "2026-11-23T12:58" });
    await house.until("2026-11-23T13:00");
    expect(house.fleet.calendar.override({ window: "night", until, by: "ann", reason: "a demonstration" })).toBeUndefined();
  };

  test("brings its window for an hour, and its expiry the other one; who is being answered is not cut off", async () => {
    await begin();
    const before = house.ask({ model: "llama", length: 2 * MINUTE });
    await house.until("2026-11-23T13:05");
    await house.leap("2026-11-23T13:59");
    const within = house.ask({ model: "qwen-72b", length: 3 * MINUTE });
    await house.until("2026-11-23T14:04");
    expect([ends(before), ends(within)]).toEqual(["answered at 13:02:00", "answered at 14:02:00"]);
    expect(house.log.filter((line) => / (ready|window)/.test(line))).toEqual([
      "12:58:00 window: the window day is open",
      "12:58:40 llama_0 ready: it is to run in the window day",
      "12:58:40 llama_1 ready: it is to run in the window day",
      "13:00:00 window: the window night is open",
      "13:03:34 qwen_72b_dual ready: it is to run in the window night",
      "14:00:00 window: the window day is open",
      "14:02:44 llama_0 ready: it is to run in the window day",
      "14:02:44 llama_1 ready: it is to run in the window day",
    ]);
  });

  test("may be withdrawn early", async () => {
    await begin();
    await house.until("2026-11-23T13:30");
    house.fleet.calendar.withdraw();
    await house.until("2026-11-23T14:05");
    expect(windows().slice(1)).toEqual(["13:00:00 window: the window night is open", "13:30:00 window: the window day is open"]);
    expect(house.states).toBe("llama_0 ready, llama_1 ready, qwen_72b_dual absent");
  });

  test("tells whoever asks for the others when they come back", async () => {
    await begin();
    await house.pass(MINUTE);
    expect(house.ask({ model: "llama", length: SECOND }).failure).toBeUndefined();
    await house.pass(SECOND);
    expect(house.guests.at(-1)?.failure?.message).toContain("It can be asked from 2026-11-23T11:00:00.000Z on.");
  });
});

describe("a large model that does not start", () => {
  const REASONS = [
    ["out-of-memory", /^02:0[5-9]:\d\d window: back from night to day: qwen_72b_dual: it did not start: The GPU's memory ran out/],
    ["image-missing", /^02:00:03 window: back from night to day: qwen_72b_dual: There is no image vllm\/vllm-openai:v0.29.0/],
  ] as const;
  test.each(REASONS)("(%s) gives the night back to the others, and is tried again the next one", async (fault, told) => {
    await open({ from: "2026-11-23T01:58" });
    house.engines.breaks(LARGE, fault);
    await house.until("2026-11-23T02:20");
    await house.leap("2026-11-23T05:55");
    await house.until("2026-11-23T06:10");
    expect(windows()).toEqual([
      "01:58:00 window: the window day is open",
      "02:00:00 window: the window night is open",
      expect.stringMatching(told),
      expect.stringContaining("window: the window day is open"),
    ]);
    expect(house.happenings.filter(({ type, alert }) => type === "window" && alert).length).toBe(1);
    expect(house.states).toBe("llama_0 ready, llama_1 ready, qwen_72b_dual absent");
    // Nothing happened at 06:00: the day had come back already.
    expect(house.log.at(-1)?.slice(0, 2)).toBe("02");
    await house.leap("2026-11-24T01:58");
    house.engines.breaks(LARGE, undefined);
    await house.until("2026-11-24T02:05");
    expect([house.states, house.log.at(-1)]).toEqual([
      "llama_0 absent, llama_1 absent, qwen_72b_dual ready",
      "02:01:33 qwen_72b_dual ready: it is to run in the window night",
    ]);
  });

  test("and where the others do not start either, all is tried again with the next window", async () => {
    await open({ from: "2026-11-23T01:58" });
    await house.until("2026-11-23T01:59");
    for (const engine of ["llama_0", "llama_1", LARGE]) house.engines.breaks(engine, "image-missing");
    await house.until("2026-11-23T02:10");
    expect(house.states).toBe("llama_0 failed, llama_1 failed, qwen_72b_dual absent");
    for (const engine of ["llama_0", "llama_1", LARGE]) house.engines.breaks(engine, undefined);
    await house.leap("2026-11-23T06:00");
    await house.pass(MINUTE);
    expect(house.states).toBe("llama_0 ready, llama_1 ready, qwen_72b_dual absent");
  });

  test("one of several that is broken by day does not bring the night", async () => {
    await open({ from: "2026-11-23T11:58" });
    await house.until("2026-11-23T12:00");
    house.engines.breaks("llama_0", "image-missing");
    house.fleet.order("llama_0", "stop", "ann");
    await house.pass(MINUTE);
    house.fleet.order("llama_0", "start", "ann");
    await house.until("2026-11-23T12:30");
    expect([house.states, windows().length]).toEqual(["llama_0 failed, llama_1 ready, qwen_72b_dual absent", 1]);
  });
});

describe("a model outside its hours", () => {
  const asking = async (policy: string, from: string) => {
    await open({ from, edit: (text) => text.replace("outside_schedule: reject", `outside_schedule: ${policy}`) });
    await house.pass(MINUTE);
    const guest = house.ask({ model: "qwen-72b", length: MINUTE });
    await house.pass(SECOND);
    return guest;
  };

  test("another one answers", async () => {
    const guest = await asking("{ alias: llama }", "2026-11-23T12:00");
    await house.pass(2 * MINUTE);
    expect([ends(guest), guest.engine]).toEqual(["answered at 12:02:00", "llama_1"]);
  });

  test("the request waits for them where they come soon, among the first", async () => {
    const guest = await asking("queue", "2026-11-23T01:48");
    expect([guest.fate, guest.engine]).toEqual(["waiting", LARGE]);
    expect(guest.outlook()).toBe("waiting for qwen_72b_dual, which opens at 2026-11-22T23:00:00.000Z");
    await house.until("2026-11-23T02:01");
    expect(guest.outlook()).toBe("waiting for qwen_72b_dual (loading)");
    await house.until("2026-11-23T02:05");
    expect([ends(guest), house.timeOf(guest.begun)]).toEqual(["answered at 02:02:33", "02:01:33"]);
  });

  test("no longer than any request waits for an engine", async () => {
    const guest = await asking("queue", "2026-11-23T01:46");
    const hanging = house.ask({ model: "llama", length: 10 * HOUR });
    await house.until("2026-11-23T02:04");
    // Until 02:05 somebody is being answered by the small models: the large one cannot come before.
    expect([hanging.fate, ends(guest), guest.failure?.message]).toEqual([
      "served",
      "refused at 02:02:00",
      "The engine qwen_72b_dual was not up within 900 s. Ask again in a moment.",
    ]);
  });

  test("and is refused where they come late", async () => {
    const guest = await asking("queue", "2026-11-23T01:40");
    expect([guest.fate, guest.failure?.message]).toEqual(["refused", expect.stringContaining("It can be asked from 2026-11-22T23:00:00.000Z on.")]);
  });
});

describe("what nobody planned", () => {
  test("windows that are changed in the night hold at once, and give who is being answered their time", async () => {
    await open({ from: "2026-11-23T01:58" });
    await house.until("2026-11-23T02:05");
    await house.leap("2026-11-23T04:29");
    const short = house.ask({ model: "qwen-72b", length: 3 * MINUTE });
    const long = house.ask({ model: "qwen-72b", length: HOUR });
    await house.until("2026-11-23T04:30");
    await house.reload((text) => text.replace('to: "06:00"', 'to: "04:00"'));
    await house.until("2026-11-23T04:40");
    expect([ends(short), ends(long)]).toEqual(["answered at 04:32:00", "cut at 04:35:00"]);
    expect(house.states).toBe("llama_0 ready, llama_1 ready, qwen_72b_dual absent");
  });

  test("how long a window's engines may finish is the schedule's; how long others may, the fleet's", async () => {
    await open({
      from: "2026-11-23T01:58",
      edit: (text) => text.replace("timezone:", "drain: 2m\n    timezone:").replace("  driver: docker", "  drain: 8m\n  driver: docker"),
    });
    await house.until("2026-11-23T01:59");
    const boundary = house.ask({ model: "llama", length: HOUR });
    await house.until("2026-11-23T02:05");
    await house.leap("2026-11-23T03:00");
    const stopped = house.ask({ model: "qwen-72b", length: HOUR });
    await house.pass(MINUTE);
    house.fleet.order(LARGE, "stop", "ann");
    await house.until("2026-11-23T03:20");
    expect([ends(boundary), ends(stopped)]).toEqual(["cut at 02:02:00", "cut at 03:09:00"]);
  });

  test("before a window ends nothing new is begun for as long as the config says, and what runs goes on", async () => {
    await open({ from: "2026-11-23T01:40", edit: (text) => text.replace("timezone:", "lead: 10m\n    timezone:") });
    await house.until("2026-11-23T01:49:59");
    const long = house.ask({ model: "llama", length: 12 * MINUTE });
    await house.until("2026-11-23T01:50:01");
    const late = house.ask({ model: "llama", length: SECOND });
    await house.until("2026-11-23T02:03");
    expect([ends(long), ends(late), late.failure?.message]).toEqual([
      "answered at 02:01:59",
      "refused at 01:50:01",
      expect.stringContaining("It can be asked from 2026-11-23T03:00:00.000Z on."),
    ]);
  });

  test("one that is let go of by its operator outside its hours is given time as well", async () => {
    await open({ from: "2026-11-23T01:58" });
    await house.until("2026-11-23T01:59");
    house.fleet.order("llama_1", "pin", "ann");
    await house.until("2026-11-23T02:05");
    await house.leap("2026-11-23T03:00");
    const guest = house.ask({ model: "llama", length: 4 * MINUTE });
    await house.pass(MINUTE);
    house.fleet.order("llama_1", "unpin", "ann");
    await house.until("2026-11-23T03:10");
    expect([ends(guest), house.states]).toEqual(["answered at 03:04:00", "llama_0 absent, llama_1 absent, qwen_72b_dual ready"]);
  });

  const JUMPS: readonly [what: string, at: string, by: number, back: number][] = [
    ["forward over a boundary, and back", "2026-11-23T01:55", 10, -10],
    ["back over a boundary, and forward", "2026-11-23T02:01", -3, 3],
    ["forward within a window, and back", "2026-11-23T01:00", 10, -10],
  ];
  test.each(JUMPS)("a clock that is set %s opens each window once, and cuts nobody off", async (_what, at, by, back) => {
    await open({ from: "2026-11-23T00:58" });
    await house.until(at);
    const guest = house.ask({ model: house.time < "02:00" ? "llama" : "qwen-72b", length: 4 * MINUTE });
    house.setClock(by * MINUTE);
    await house.pass(MINUTE);
    house.setClock(back * MINUTE);
    await house.until("2026-11-23T02:10");
    expect(windows().map((line) => line.slice(9))).toEqual(["window: the window day is open", "window: the window night is open"]);
    expect([guest.fate, house.states]).toEqual(["answered", "llama_0 absent, llama_1 absent, qwen_72b_dual ready"]);
  });

  test("nor does an override end when the clock is set back to before it", async () => {
    await open({ from: "2026-11-23T12:58" });
    await house.until("2026-11-23T13:00");
    house.fleet.calendar.override({ window: "night", until: Date.parse("2026-11-23T14:00+03:00"), by: "ann" });
    await house.pass(SECOND);
    house.setClock(-5 * MINUTE);
    await house.until("2026-11-23T14:01");
    expect(windows().length).toBe(3);
  });
});
