import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import type { FleetDesk, FleetRole } from "../../vocabulary/fleet-role.ts";
import { RoleKeeper } from "./role-keeper.ts";

/** A database of one row, which may be away, and whose answers may be lost. */
function simulatedDesk() {
  let role: FleetRole | undefined;
  const state = { away: false, answersLost: false };
  const answer = async <Value>(work: () => Value): Promise<Value> => {
    if (state.away) throw new Error("away");
    const value = work();
    if (state.answersLost) throw new Error("lost");
    return value;
  };
  const desk: Pick<FleetDesk, "role" | "take" | "leave"> = {
    role: () => answer(() => role),
    take: ({ from, ...wanted }) =>
      answer(() => {
        if (from === undefined ? role !== undefined : role?.holder !== from.holder || role.beat !== from.beat) return false;
        role = { ...wanted, beat: (from?.beat ?? 0) + 1 };
        return true;
      }),
    leave: (holder) => answer(() => void (role = role?.holder === holder ? undefined : role)),
  };
  return { desk, state, holder: () => role?.holder };
}

/** Gateways over one database, each with its own road there, and one clock. */
function houseOf(names: readonly string[]) {
  const time = handTurned();
  const shared = simulatedDesk();
  const believers = new Set<string>();
  const told: string[] = [];
  const cut = new Set<string>();
  const gateways = new Map(
    names.map((name) => {
      const road = <Value>(work: () => Promise<Value>) => (cut.has(name) ? Promise.reject(new Error("away")) : work());
      const keeper = new RoleKeeper({
        desk: {
          role: () => road(shared.desk.role),
          take: (role) => road(() => shared.desk.take(role)),
          leave: (holder) => road(() => shared.desk.leave(holder)),
        },
        self: () => ({ holder: name, address: `http://${name}`, secret: name }),
        clock: time.clock,
        timer: time.timer,
        took() {
          believers.add(name);
          told.push(`${name} took`);
        },
        others: ({ holder }) => void told.push(`${name} heard of ${holder}`),
        lost() {
          believers.delete(name);
          told.push(`${name} lost`);
        },
      });
      return [name, keeper] as const;
    }),
  );
  const pass = async (milliseconds: number) => {
    for (const end = time.clock.elapsed() + milliseconds; time.clock.elapsed() < end; ) {
      time.turnTo(Math.min(end, time.clock.elapsed() + 250));
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  const of = (name: string) => gateways.get(name) as RoleKeeper;
  return { shared, believers, told, cut, pass, of };
}

describe("the role of looking after engines", () => {
  test("is the first one's; the others hear of it, and take it when it is given back", async () => {
    const { of, told, pass } = houseOf(["a", "b"]);
    await of("a").start();
    await of("b").start();
    await pass(60_000);
    expect(told).toEqual(["a took", "b heard of a"]);
    await of("a").stop();
    await pass(1500);
    expect(told.slice(2)).toEqual(["b took"]);
  });

  test("is taken from one who has said nothing for some seconds, who then loses it", async () => {
    const { of, told, cut, pass } = houseOf(["a", "b"]);
    await of("a").start();
    await of("b").start();
    await pass(3000);
    cut.add("a");
    await pass(3000);
    expect(told).toEqual(["a took", "b heard of a"]);
    await pass(4000);
    expect(told.slice(2)).toEqual(["b took"]);
    cut.delete("a");
    await pass(3000);
    expect(told.slice(3)).toEqual(["a lost", "a heard of b"]);
  });

  test("stays where it is while the database is away, and where an answer was lost", async () => {
    const { of, told, shared, pass } = houseOf(["a", "b"]);
    await of("a").start();
    await of("b").start();
    shared.state.away = true;
    await pass(60_000);
    shared.state.away = false;
    await pass(5000);
    shared.state.answersLost = true;
    await pass(3000);
    shared.state.answersLost = false;
    await pass(60_000);
    expect(told).toEqual(["a took", "b heard of a"]);
  });

  test("is nobody's twice as long as all can reach the database, whoever comes and goes", async () => {
    const names = ["a", "b", "c"];
    const step = fc.record({ what: fc.constantFrom("start", "kill", "stop"), who: fc.constantFrom(...names), after: fc.constantFrom(100, 1000, 5000, 9000) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        const { of, cut, believers, shared, pass } = houseOf(names);
        const gone = new Set<string>();
        for (const { what, who, after } of steps) {
          if (what === "start") {
            if (!gone.has(who)) await of(who).start();
          } else {
            if (what === "stop") await of(who).stop();
            gone.add(who);
            cut.add(who);
            believers.delete(who);
          }
          await pass(after);
          expect(believers.size).toBeLessThanOrEqual(1);
          for (const believer of believers) expect(shared.holder()).toBe(believer);
        }
      }),
    );
  });
});
