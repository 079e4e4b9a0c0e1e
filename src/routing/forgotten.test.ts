import { describe, expect, test } from "bun:test";
import { gateFor } from "../limits/gate.ts";
import { waitAt } from "../limits/waiting.ts";
import { handTurned } from "../vocabulary/clock.fixture.ts";
import type { Deployment } from "../vocabulary/deployment.ts";
import { testModel } from "../vocabulary/model.fixture.ts";
import type { Model } from "../vocabulary/model.ts";
import { createRouting } from "./create.ts";
import { CHAT } from "./ranking.fixture.ts";
import { failureOf, keyed, seated, targetOf } from "./running/running.fixture.ts";

/** Names that clients think of make deployments without end; what is forgotten of them is forgotten by all. */
const NAMED = testModel("named", [keyed("a"), keyed("b")], { strategy: "least_busy" });
const made = (name: string): Model => testModel(name, [keyed(`${name}-1`), keyed(`${name}-2`)], { strategy: "least_busy" });

function house() {
  const { clock, timer } = handTurned();
  const settings = { breaker: { enabled: true, failures: 1, window: 60_000, open: 60_000 }, outliers: { enabled: false, slower: 4, rest: 1 }, patience: 1000 };
  const parts = { instead: () => [], models: () => [NAMED], settings: () => settings, gateFor, waitAt, clock, timer, random: () => 0.5 };
  const routing = createRouting(parts);
  return { ...routing, busy: (model: Model) => routing.rank(model, CHAT).candidates.map(({ deployment, score }) => `${deployment} ${score?.["in_flight"]}`) };
}

const fill = ({ standings }: ReturnType<typeof house>) => {
  const before = standings.forgotten;
  for (let count = 0; standings.forgotten === before; count++) standings.of(keyed(`thought of ${count}`));
};

describe("past so many states", () => {
  test("a model that was prepared before goes by what its seats go by", () => {
    const routing = house();
    const model = made("x");
    expect(routing.busy(model)).toEqual(["x-1 0", "x-2 0"]);
    fill(routing);
    expect(routing.standings.known("x-1")).toBeUndefined();
    const [, second] = model.deployments;
    const seat = seated(routing.enter(targetOf(second ?? keyed("x-2"))));
    expect(routing.busy(model)).toEqual(["x-1 0", "x-2 1"]);
    seat.leave();
    expect(routing.busy(model).toSorted()).toEqual(["x-1 0", "x-2 0"]);
  });

  test("their calls are counted each in its own place, however many come and go", () => {
    const routing = house();
    const busy = Array.from({ length: 100 }, (_, index) => keyed(`busy ${index}`));
    for (const [index, each] of busy.entries()) for (let call = 0; call <= index; call++) seated(routing.enter(targetOf(each)));
    for (let time = 0; time < 2; time++) fill(routing);
    const idle = keyed("another");
    const callsOf = (deployment: Deployment) => routing.standings.calls[routing.standings.of(deployment).slot];
    expect([callsOf(idle), ...busy.map(callsOf)]).toEqual([0, ...busy.map((_, index) => index + 1)]);
    expect(routing.standings.calls.length).toBe(16_384); // for ten thousand: the places of those that are forgotten serve again
  });

  test("those that are busy are kept, and those that are in force by name", () => {
    const routing = house();
    const [a] = NAMED.deployments;
    seated(routing.enter(targetOf(a ?? keyed("a")))).failed(failureOf("upstream-error"));
    const seat = seated(routing.enter(targetOf(keyed("busy"))));
    fill(routing);
    expect([routing.standings.known("a")?.resting(0), routing.standings.known("busy")?.inFlight]).toEqual(["left alone after upstream-error", 1]);
    seat.leave();
  });

  test("a reload forgets those that are gone, and rankings of before learn of it", () => {
    const routing = house();
    const model = made("x");
    routing.busy(model);
    routing.standings.takeOver((id) => NAMED.deployments.find((each) => each.id === id));
    const [first] = model.deployments;
    seated(routing.enter(targetOf(first ?? keyed("x-1"))));
    expect(routing.busy(model)).toEqual(["x-2 0", "x-1 1"]);
  });
});
