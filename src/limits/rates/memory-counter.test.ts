import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import type { Taken } from "./counter.ts";
import { limitedBy, mostWithin } from "./limited.fixture.ts";
import { MemoryCounter } from "./memory-counter.ts";
import { bindingOf } from "./reading.ts";
import type { RateKind } from "./rule.ts";
import { SlidingWindow } from "./sliding-window.ts";

const pauses = fc.array(fc.oneof(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 70_000 })), { minLength: 20, maxLength: 150 });

describe("never more than the limit, whatever span one looks at", () => {
  test("requests per minute and per hour", () => {
    fc.assert(
      fc.property(pauses, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 3, max: 20 }), (gaps, minute, hour) => {
        const { clock, turnTo } = handTurned();
        const counter = new MemoryCounter({ clock });
        const step = [limitedBy({ requestsPerMinute: minute, requestsPerHour: hour })];
        const admitted: { time: number; amount: number }[] = [];
        for (const gap of gaps) {
          turnTo(clock.elapsed() + gap);
          if (!counter.take(step, 0).refused) admitted.push({ time: clock.elapsed(), amount: 1 });
        }
        expect(mostWithin(60_000, admitted)).toBeLessThanOrEqual(minute);
        expect(mostWithin(3_600_000, admitted)).toBeLessThanOrEqual(hour);
        expect(admitted.length).toBeGreaterThan(0);
      }),
    );
  });

  test("requests per second: the burst, and the rate times the time, with some taken back at once", () => {
    const moves = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 400 }), undo: fc.integer({ min: 0, max: 5 }) }), { minLength: 20, maxLength: 120 });
    fc.assert(
      fc.property(moves, fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 6 }), (list, rate, burst) => {
        const { clock, turnTo } = handTurned();
        const counter = new MemoryCounter({ clock });
        const step = [limitedBy({ requestsPerSecond: rate, burst })];
        const all: { time: number; taken: Taken; kept: boolean }[] = [];
        for (const { gap, undo } of list) {
          turnTo(clock.elapsed() + gap);
          const taken = counter.take(step, 0);
          if (!taken.refused) all.push({ time: clock.elapsed(), taken, kept: true });
          const other = all.at(-undo);
          if (undo > 0 && other?.kept) {
            other.taken.undo();
            other.kept = false;
          }
        }
        const times = all.filter(({ kept }) => kept).map(({ time }) => time);
        for (let from = 0; from < times.length; from++)
          for (let to = from; to < times.length; to++) {
            const seconds = ((times[to] ?? 0) - (times[from] ?? 0)) / 1000;
            expect(to - from + 1).toBeLessThanOrEqual(burst + rate * (seconds + 1e-6));
          }
      }),
    );
  });

  test("and the whole burst is there at whatever time of the day one begins", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e9, noNaN: true }), fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 9 }), (time, rate, burst) => {
        const { clock, turnTo } = handTurned();
        turnTo(time);
        const counter = new MemoryCounter({ clock });
        const step = [limitedBy({ requestsPerSecond: rate, burst })];
        for (let each = 0; each < burst; each++) expect(counter.take(step, 0).refused).toBe(false);
        expect(counter.take(step, 0).refused).toBe(true);
      }),
    );
  });

  test("tokens, as they are reserved", () => {
    const moves = fc.array(
      fc.record({ gap: fc.integer({ min: 0, max: 9_000 }), tokens: fc.integer({ min: 1, max: 60 }), less: fc.integer({ min: 0, max: 60 }) }),
      {
        minLength: 20,
        maxLength: 100,
      },
    );
    fc.assert(
      fc.property(moves, (list) => {
        const { clock, turnTo } = handTurned();
        const counter = new MemoryCounter({ clock });
        const step = [limitedBy({ tokensPerMinute: 100 })];
        const used: { time: number; amount: number }[] = [];
        for (const { gap, tokens, less } of list) {
          turnTo(clock.elapsed() + gap);
          const taken = counter.take(step, tokens);
          if (taken.refused) continue;
          const amount = Math.max(0, tokens - less);
          used.push({ time: clock.elapsed(), amount });
          taken.end(amount);
        }
        expect(mostWithin(60_000, used)).toBeLessThanOrEqual(100);
      }),
    );
  });

  test("requests at once, and every slot comes back", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("take", "end", "undo", "end twice"), { maxLength: 80 }), fc.integer({ min: 1, max: 4 }), (moves, most) => {
        const { clock } = handTurned();
        const counter = new MemoryCounter({ clock });
        const step = [limitedBy({ maxParallel: most })];
        const open: Taken[] = [];
        for (const move of moves) {
          if (move === "take") {
            const taken = counter.take(step, 0);
            expect(taken.refused).toBe(open.length >= most);
            if (!taken.refused) open.push(taken);
            continue;
          }
          const one = open.shift();
          if (move === "undo") one?.undo();
          else one?.end(0);
          if (move === "end twice") one?.end(0);
        }
        for (const one of open) one.end(0);
        expect(counter.look(step).map(({ used }) => used)).toEqual([0]);
      }),
    );
  });
});

describe("a step is taken of all or of none", () => {
  test("what is refused anywhere is counted nowhere", () => {
    const scopes = ["ip", "key", "user", "team", "global"] as const;
    fc.assert(
      fc.property(
        fc.array(fc.record({ limit: fc.integer({ min: 1, max: 6 }), gap: fc.integer({ min: 0, max: 30_000 }) }), { minLength: 5, maxLength: 5 }),
        (list) => {
          const { clock, turnTo } = handTurned();
          const counter = new MemoryCounter({ clock });
          const step = list.map(({ limit }, index) =>
            limitedBy({ requestsPerMinute: limit, requestsPerSecond: 5, maxParallel: 9 }, "a", scopes[index] ?? "ip"),
          );
          for (const { gap } of [...list, ...list, ...list]) {
            turnTo(clock.elapsed() + gap);
            const before = counter.look(step);
            const taken = counter.take(step, 0);
            if (taken.refused) expect(counter.look(step)).toEqual(before);
            else taken.end(0);
          }
        },
      ),
    );
  });

  test("the limit that binds is the one that makes it wait longest, and what it says is true", () => {
    const { clock, turnTo } = handTurned();
    const counter = new MemoryCounter({ clock });
    const step = [limitedBy({ requestsPerSecond: 2, requestsPerMinute: 3 }), limitedBy({ requestsPerHour: 4 }, "", "global")];
    const tries: [time: number, binding: RateKind | undefined, wait: number][] = [
      [0, undefined, 0],
      [0, undefined, 0],
      [0, "second", 500],
      [500, undefined, 0],
      // What comes within a second of the first counts as long as the last of it.
      [500, "minute", 60_000],
      [60_499, "minute", 1],
      [60_500, undefined, 0],
      [60_500, "hour", 3_540_000],
    ];
    for (const [time, binding, wait] of tries) {
      turnTo(time);
      const taken = counter.take(step, 0);
      const binds = taken.refused ? bindingOf(taken.readings) : undefined;
      expect([time, binds?.rule.kind, binds?.wait ?? 0]).toEqual([time, binding, wait]);
    }
  });
});

describe("in bounded room", () => {
  const step = (id: string) => [limitedBy({ requestsPerMinute: 2 }, id)];

  test("who is idle is forgotten, newcomers beyond that count as one, and nobody has more than the limit", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ id: fc.integer({ min: 0, max: 12 }), gap: fc.integer({ min: 0, max: 20_000 }) }), { minLength: 50, maxLength: 200 }),
        (list) => {
          const { clock, turnTo } = handTurned();
          const counter = new MemoryCounter({ clock, most: 4 });
          const admitted = new Map<number, { time: number; amount: number }[]>();
          for (const { id, gap } of list) {
            turnTo(clock.elapsed() + gap);
            if (counter.take(step(`u${id}`), 0).refused) continue;
            admitted.set(id, [...(admitted.get(id) ?? []), { time: clock.elapsed(), amount: 1 }]);
          }
          expect(counter.subjects.size).toBeLessThanOrEqual(4);
          for (const events of admitted.values()) expect(mostWithin(60_000, events)).toBeLessThanOrEqual(2);
        },
      ),
    );
  });

  test("who holds a slot in the crowd stays in it until it is back", () => {
    const { clock, turnTo } = handTurned();
    const counter = new MemoryCounter({ clock, most: 1 });
    const slot = (id: string) => [limitedBy({ maxParallel: 1 }, id)];
    const first = counter.take(slot("a"), 0);
    const second = counter.take(slot("b"), 0);
    first.end(0);
    turnTo(10_000);
    expect(counter.take(slot("b"), 0).refused).toBe(true);
    second.end(0);
    expect(counter.take(slot("b"), 0).refused).toBe(false);
  });

  test("a window is at most 62 clumps, however many come", () => {
    const window = new SlidingWindow(60_000);
    const rule = { kind: "minute", limit: 1e9, burst: 1e9 } as const;
    for (let time = 0; time < 130_000; time += 10) window.charge(1, rule, time);
    expect([...window.counted(130_000)].length).toBeLessThanOrEqual(62);
    expect(window.used(rule, 130_000)).toBeGreaterThanOrEqual(6_000);
  });
});
