import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Gate, type GateLimits, type Place } from "./gate.ts";
import { waitAt } from "./waiting.ts";

/** A gate whose limits can be turned, and who was let in so far. */
function opened(limits: GateLimits) {
  let now = limits;
  const gate = new Gate(() => now);
  const inside = new Map<string, Place>();
  return {
    gate,
    inside,
    limit: (limits: GateLimits) => void (now = limits),
    names: () => [...inside.keys()].join(" "),
    waits(name: string, priority = 0, takes = true) {
      const offered = (place: Place) => {
        if (takes) inside.set(name, place);
        return takes;
      };
      return gate.queue({ priority, offered });
    },
  };
}

function entered(gate: Gate): Place {
  const place = gate.enter();
  if (place === undefined) throw new Error("the gate is full");
  return place;
}

describe("a gate", () => {
  test("lets in as many as it may", () => {
    const { gate } = opened({ maxConcurrent: 2 });
    const [first, second] = [entered(gate), entered(gate)];
    expect([gate.enter(), gate.inside]).toEqual([undefined, 2]);
    first.leave();
    first.leave();
    expect(gate.inside).toBe(1);
    expect(gate.enter()).toBeDefined();
    second.leave();
    expect(gate.inside).toBe(1);
  });

  test("without a limit counts", () => {
    const { gate } = opened({});
    for (let count = 0; count < 1000; count++) entered(gate);
    expect(gate.inside).toBe(1000);
  });

  test.each<[string, [name: string, priority: number][], string]>([
    [
      "who came first",
      [
        ["a", 0],
        ["b", 0],
        ["c", 0],
      ],
      "a b c",
    ],
    [
      "who is more urgent",
      [
        ["a", 0],
        ["b", 5],
        ["c", -1],
        ["d", 5],
      ],
      "b d a c",
    ],
  ])("lets in %s", (_name, waiters, order) => {
    const { gate, inside, names, waits } = opened({ maxConcurrent: 1 });
    let place = entered(gate);
    for (const [name, priority] of waiters) waits(name, priority);
    for (const _ of waiters) {
      const before = inside.size;
      place.leave();
      expect([gate.inside, inside.size]).toEqual([1, before + 1]);
      place = [...inside.values()].at(-1) as Place;
    }
    expect(names()).toBe(order);
  });

  test("turns away whom its queue has no room for", () => {
    const { gate, waits } = opened({ maxConcurrent: 1, maxQueue: 1 });
    entered(gate);
    expect([waits("a"), waits("b"), gate.queued]).toEqual([true, false, 1]);
    expect(opened({ maxConcurrent: 1, maxQueue: 0 }).waits("a")).toBe(false);
  });

  test("offers a place that is turned down to the next", () => {
    const { gate, names, waits } = opened({ maxConcurrent: 1 });
    const place = entered(gate);
    waits("a", 0, false);
    waits("b");
    place.leave();
    expect([names(), gate.inside, gate.queued]).toEqual(["b", 1, 0]);
  });

  test("with a lower limit drains, with a higher one lets in those who wait before anybody new", () => {
    const { gate, limit, names, waits } = opened({ maxConcurrent: 3 });
    const places = [entered(gate), entered(gate), entered(gate)];
    waits("a");
    limit({ maxConcurrent: 1 });
    places[0]?.leave();
    places[1]?.leave();
    expect([names(), gate.inside]).toEqual(["", 1]);
    limit({ maxConcurrent: 2 });
    expect(gate.enter()).toBeUndefined();
    expect([names(), gate.inside]).toEqual(["a", 2]);
  });
});

describe("who waits at several gates", () => {
  const full = () => {
    const one = opened({ maxConcurrent: 1, maxQueue: 1 });
    return { ...one, place: entered(one.gate) };
  };
  const waiting = (takes: (index: number) => boolean = () => true) => {
    const log: string[] = [];
    const offered = (_place: Place, index: number) => {
      log.push(`${takes(index) ? "takes" : "declines"} ${index}`);
      return takes(index);
    };
    return { log, request: { priority: 0, offered, nowhere: () => void log.push("nowhere") } };
  };

  test("takes the first place that comes free and is forgotten elsewhere", () => {
    const [a, b] = [full(), full()];
    const { log, request } = waiting();
    expect(waitAt([a.gate, b.gate], request)).toBeDefined();
    b.place.leave();
    expect([a.gate.queued, b.gate.queued, b.gate.inside]).toEqual([0, 0, 1]);
    a.place.leave();
    expect([log, a.gate.inside]).toEqual([["takes 1"], 0]);
  });

  test("may decline, and hears when there is nothing left to wait for", () => {
    const [a, b] = [full(), full()];
    const { log, request } = waiting(() => false);
    waitAt([a.gate, b.gate], request);
    a.place.leave();
    expect([log, b.gate.queued]).toEqual([["declines 0"], 1]);
    b.place.leave();
    expect([log, a.gate.inside, b.gate.inside]).toEqual([["declines 0", "declines 1", "nowhere"], 0, 0]);
  });

  test("waits where there is room, and not at all where there is none", () => {
    const [a, b] = [full(), full()];
    a.waits("somebody");
    const { log, request } = waiting();
    expect(waitAt([a.gate], request)).toBeUndefined();
    const end = waitAt([a.gate, b.gate], request);
    expect([a.gate.queued, b.gate.queued]).toEqual([1, 1]);
    end?.();
    end?.();
    b.place.leave();
    expect([log, b.gate.queued, b.gate.inside]).toEqual([[], 0, 0]);
  });
});

/** What may happen at a few gates, in any order. */
type Happening =
  | { readonly type: "enter" | "wait-everywhere"; readonly gate: number; readonly priority: number }
  | { readonly type: "leave" | "leave-twice" | "end-wait"; readonly pick: number }
  | { readonly type: "limit"; readonly gate: number; readonly maxConcurrent: number; readonly maxQueue: number };

const GATES = 3;
const gate = fc.nat(GATES - 1);
const happening: fc.Arbitrary<Happening> = fc.oneof(
  fc.record({ type: fc.constantFrom("enter", "wait-everywhere"), gate, priority: fc.nat(2) }),
  fc.record({ type: fc.constantFrom("leave", "leave-twice", "end-wait"), pick: fc.nat() }),
  fc.record({ type: fc.constant("limit"), gate, maxConcurrent: fc.integer({ min: 1, max: 4 }), maxQueue: fc.nat(4) }),
);

test("whatever happens, never one above the limit, nobody in two places, everything free at the end", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 200 }), (happenings) => {
      const limits = Array.from({ length: GATES }, () => ({ maxConcurrent: 2, maxQueue: 3 }));
      const told = limits.map(() => 0);
      const tellingGate = (_: unknown, index: number) =>
        new Gate(
          () => limits[index] ?? {},
          (calls) => void (told[index] = calls),
        );
      const gates = limits.map(tellingGate);
      const inside: { readonly gate: number; readonly place: Place }[] = [];
      const waits = new Set<() => void>();
      // A gate may hold more than a limit that was lowered, but takes nobody while it does.
      const taken = (gate: number, place: Place) => {
        inside.push({ gate, place });
        expect(gates[gate]?.inside).toBeLessThanOrEqual(limits[gate]?.maxConcurrent ?? 0);
      };
      const leave = (pick: number, times: number) => {
        const [left] = inside.length === 0 ? [] : inside.splice(pick % inside.length, 1);
        for (let time = 0; time < times; time++) left?.place.leave();
      };
      for (const each of happenings) {
        switch (each.type) {
          case "enter": {
            const place = gates[each.gate]?.enter();
            if (place !== undefined) taken(each.gate, place);
            break;
          }
          case "wait-everywhere": {
            let end: (() => void) | undefined;
            let seats = 0;
            const offered = (place: Place, index: number) => {
              // Now and then one is turned down.
              if (each.priority === 2 && index === each.gate) return false;
              expect(++seats).toBe(1);
              taken(index, place);
              if (end !== undefined) waits.delete(end);
              return true;
            };
            end = waitAt(gates, { priority: each.priority, offered, nowhere: () => void (end === undefined || waits.delete(end)) });
            if (end !== undefined) waits.add(end);
            break;
          }
          case "leave":
          case "leave-twice":
            leave(each.pick, each.type === "leave" ? 1 : 2);
            break;
          case "end-wait": {
            const end = [...waits][each.pick % Math.max(1, waits.size)];
            if (end === undefined) break;
            waits.delete(end);
            end();
            end();
            break;
          }
          case "limit":
            limits[each.gate] = each;
            break;
          default:
            each satisfies never;
        }
        expect(gates.map((one) => one.inside)).toEqual(gates.map((_, index) => inside.filter((one) => one.gate === index).length));
        for (const one of gates) expect(one.queued).toBeLessThanOrEqual(waits.size);
        expect(told).toEqual(gates.map((one) => one.inside + one.queued));
      }
      for (const end of waits) end();
      while (inside.length > 0) leave(0, 1);
      expect(gates.map((one) => [one.inside, one.queued])).toEqual(gates.map(() => [0, 0]));
    }),
    { numRuns: 300 },
  );
});
