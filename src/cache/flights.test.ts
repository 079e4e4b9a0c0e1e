import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Flights, type Turn } from "./flights.ts";

/** Three who wait behind one who leads, and what each was told. */
function three() {
  const flights = new Flights<string>();
  expect(flights.lead("k")).toBe(true);
  const told: (Turn<string> | undefined)[] = [undefined, undefined, undefined];
  const leave = told.map((_, index) => {
    expect(flights.lead("k")).toBe(false);
    return flights.follow("k", (turn) => {
      expect(told[index]).toBeUndefined();
      told[index] = turn;
    });
  });
  return { flights, leave, types: () => told.map((turn) => turn?.type) };
}

describe("who waits", () => {
  test("gets the answer", () => {
    const { flights, types } = three();
    flights.land("k", { type: "answer", answer: "a" });
    expect([types(), flights.size]).toEqual([["answer", "answer", "answer"], 0]);
  });

  test("asks alone when the answer is not for others", () => {
    const { flights, types } = three();
    flights.land("k", { type: "private" });
    expect([types(), flights.size]).toEqual([["alone", "alone", "alone"], 0]);
  });

  test("leads when the answer is lost, the first who came first", () => {
    const { flights, leave, types } = three();
    leave[0]?.();
    flights.land("k", { type: "lost" });
    expect([types(), flights.lead("k")]).toEqual([[undefined, "lead", undefined], false]);
    flights.land("k", { type: "lost" });
    expect(types()).toEqual([undefined, "lead", "lead"]);
    flights.land("k", { type: "lost" });
    expect([flights.size, flights.lead("k")]).toEqual([0, true]);
  });

  test("behind nobody asks alone", () => {
    const told: string[] = [];
    new Flights<string>().follow("k", ({ type }) => told.push(type));
    expect(told).toEqual(["alone"]);
  });
});

test("whoever comes, leaves or lands in whatever order, everybody is told once or has left, and one leads at a time", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("come", "leave", "lost", "answer", "private"), { maxLength: 30 }), (steps) => {
      const flights = new Flights<string>();
      let leading = false;
      const waiting = new Map<number, () => void>();
      let count = 0;
      const come = () => {
        if (flights.lead("k")) {
          expect(leading).toBe(false);
          leading = true;
          return;
        }
        const id = count++;
        const leave = flights.follow("k", (turn) => {
          expect(waiting.delete(id)).toBe(true);
          if (turn.type === "lead") leading = true;
        });
        waiting.set(id, leave);
      };
      for (const step of [...steps, "answer"] as const) {
        if (step === "come") come();
        else if (step === "leave") {
          const [first] = waiting;
          first?.[1]();
          if (first !== undefined) waiting.delete(first[0]);
        } else if (leading) {
          leading = false;
          flights.land("k", step === "answer" ? { type: step, answer: "a" } : { type: step });
        }
        expect(leading || waiting.size === 0).toBe(true);
      }
      expect([waiting.size, flights.size]).toEqual([0, 0]);
    }),
  );
});
