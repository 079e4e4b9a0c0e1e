import { expect, test } from "bun:test";
import fc from "fast-check";
import { gateFor } from "../../limits/gate.ts";
import { waitAt } from "../../limits/waiting.ts";
import type { Circuit } from "../health/breaker.ts";
import { stories } from "./stories.fixture.ts";
import { BREAKER, type House, PATIENCE, play, STEP } from "./stress.fixture.ts";

const RUNS = 150;

/** Looks at everything whenever time goes on, and throws for what must not be. */
function watch(): (house: House) => void {
  // By their states: what is gone for a while begins anew.
  const last = new WeakMap<object, { readonly circuit: Circuit; readonly at: number; readonly until: number }>();
  return ({ standings, now, taken, limitOf, lastResorts }) => {
    for (const { deployment: id } of standings.report()) {
      const state = standings.known(id);
      if (state === undefined) continue;
      const { inFlight, queued, breaker, slot } = state;
      if (standings.calls[slot] !== inFlight + queued) throw new Error(`${standings.calls[slot]} calls are told of ${id}, which has ${inFlight} and ${queued}`);
      if (inFlight !== taken(id)) throw new Error(`${inFlight} are counted at ${id}, where ${taken(id)} are`);
      if (queued > 0 && inFlight < limitOf(id)) throw new Error(`${queued} wait at ${id}, where only ${inFlight} of ${limitOf(id)} are`);

      const circuit = breaker.circuit(now());
      const before = last.get(state);
      last.set(state, { circuit, at: now(), until: breaker.until });
      if (circuit === "closed" && breaker.failures >= BREAKER.failures) throw new Error(`${id} is closed after ${breaker.failures} failures`);
      if (before?.circuit === "closed" && circuit === "half_open") throw new Error(`${id} was never open`);
      if (before?.circuit !== "open" || circuit === "open" || now() >= before.until) continue;
      if (circuit === "half_open") throw new Error(`${id} is half open before its time`);
      if (!lastResorts.has(id)) throw new Error(`${id} closed before its time, though nobody asked it as a last resort`);
    }
  };
}

test("whatever clients, upstreams and reloads do: never above a limit, nobody forgotten, every place free at the end, no breaker out of order", async () => {
  const seen = { seated: 0, seatedAfterWait: 0, told: new Set<string>() };
  const property = fc.asyncProperty(stories, async (story) => {
    let end: House | undefined;
    const look = watch();
    const outcome = await play(story, { gateFor, waitAt }, (house) => {
      end = house;
      look(house);
    });
    const left = end?.standings.report().map(({ deployment, inFlight, queued }) => `${deployment} ${inFlight} ${queued}`) ?? [];
    expect(left.filter((each) => !each.endsWith(" 0 0"))).toEqual([]);
    expect([outcome.forgotten, outcome.tooMany]).toEqual([0, 0]);
    expect(outcome.longest).toBeLessThanOrEqual(PATIENCE + STEP);
    seen.seated += outcome.seated;
    seen.seatedAfterWait += outcome.seatedAfterWait;
    for (const kind of outcome.told) seen.told.add(kind);
  });
  await fc.assert(property, { numRuns: RUNS });
  // It says something only if all of it happened.
  expect([seen.seated > RUNS * 10, seen.seatedAfterWait > RUNS]).toEqual([true, true]);
  expect(["client-left", "full", "no-healthy-deployment", "rate-limited"].filter((kind) => !seen.told.has(kind))).toEqual([]);
}, 60_000);
