import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";
import { type Load, startLoad } from "./load.ts";

// Programs are started here; nothing is measured.
setDefaultTimeout(60_000);

/** Three upstreams behind one model, under a steady load: whatever befalls them one after the other, and all together, no client hears of it. */
const NAMES = ["a", "b", "c"] as const;
type Name = (typeof NAMES)[number];
const ANSWER = { text: "one two three four five six" };
/** So many answers in a row are a change, and not chance. */
const MANY = 40;

const upstreams = new Map<Name, FakeUpstream>();
let gateway: GatewayProcess;
let load: Load;

beforeAll(async () => {
  for (const name of NAMES) upstreams.set(name, await startFakeUpstream({ answer: ANSWER }));
  gateway = await startGateway({
    config: {
      providers: Object.fromEntries(NAMES.map((name) => [name, { kind: "openai-compatible", base_url: `${at(name).url}/v1`, api_key: "none" }])),
      models: { m: { deployments: NAMES.map((name) => ({ provider: name, model: "m" })) } },
      routing: {
        backoff_ms: [10, 50],
        breaker: { failures: 3, window: "2s", open: "1s" },
        outliers: { slower: 4, rest: "1s" },
        health_check: { mode: "off" },
      },
    },
  });
  load = startLoad({ gateway, clients: 6, model: "m", answer: ANSWER.text });
});
afterAll(async () => {
  await load.stop();
  await gateway.stop();
  for (const upstream of upstreams.values()) await upstream.stop();
});

const traceOf = async (id: string): Promise<string> =>
  (await fetch(`${gateway.url}/admin/requests/${id}`, { headers: { authorization: `Bearer ${gateway.key}` } })).text();
const at = (name: Name): FakeUpstream => upstreams.get(name) as FakeUpstream;
const served = (name: Name) => load.seen.filter(({ deployment }) => deployment === `${name}/m`).length;

/** Nobody is told of anything but whole answers, and so many in a row come from others, at the first try. */
const shiftsAwayFrom = (...names: Name[]) =>
  until(`traffic to leave ${names}`, () => {
    const last = load.seen.slice(-MANY);
    return last.length === MANY && last.every(({ deployment, attempts }) => attempts === 1 && !names.some((name) => deployment === `${name}/m`));
  });

/** Each of them serves again. */
async function returnsTo(...names: Name[]): Promise<void> {
  const before = new Map(names.map((name) => [name, served(name)]));
  await until(`traffic to return to ${names}`, () => names.every((name) => served(name) >= (before.get(name) ?? 0) + 10));
}

async function revive(name: Name): Promise<void> {
  upstreams.set(name, await startFakeUpstream({ answer: ANSWER }, { port: at(name).port }));
}

describe("one after the other", () => {
  test("all three serve", () => returnsTo(...NAMES));

  test("one is killed: traffic leaves it, and returns when it is back", async () => {
    await at("a").stop();
    await shiftsAwayFrom("a");
    await revive("a");
    await returnsTo("a");
  });

  test("one becomes slow: traffic leaves it, and returns when it is quick again", async () => {
    at("b").play({ answer: ANSWER, delay: 900 });
    await shiftsAwayFrom("b");
    at("b").play({ answer: ANSWER });
    await returnsTo("b");
  });

  test("one answers 500: traffic leaves it, and returns when it is well again", async () => {
    at("c").play(failing(500));
    await shiftsAwayFrom("c");
    at("c").play({ answer: ANSWER });
    await returnsTo("c");
  });
});

test("all at once: what is left serves everybody, and all three do when they are well", async () => {
  await at("a").stop();
  at("b").play({ answer: ANSWER, delay: 100 });
  at("c").play(failing(500));
  const before = load.seen.length;
  await until("the slow one to have served many", () => load.seen.length >= before + MANY);
  await revive("a");
  at("b").play({ answer: ANSWER });
  at("c").play({ answer: ANSWER });
  await returnsTo(...NAMES);
});

test("no client heard of any of it, but those whose answer was cut in the middle: they were told", async () => {
  await load.stop();
  const told = load.seen.filter(({ ended }) => ended !== "whole");
  for (const { id, ended } of told) if (ended !== "cut, and told") console.error(ended, await traceOf(id));
  expect(told.filter(({ ended }) => ended !== "cut, and told")).toEqual([]);
  // Nobody else than those who were reading from the one that was killed, twice.
  expect(told.length).toBeLessThanOrEqual(2 * 6);
  expect(new Set(load.seen.map(({ stream }) => stream))).toEqual(new Set([true, false]));
});
