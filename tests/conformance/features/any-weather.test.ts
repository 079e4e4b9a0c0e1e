import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { type Behaviour, EMPTY_200, failing, HTML_200, HTML_502 } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";

/** Whatever upstreams and clients do, in whatever order: every request is settled once, as it really ended, and nothing stays open. */
const KINDS = ["openai", "anthropic", "gemini", "ollama"] as const;
/** One more: OpenAI by its other dialect. */
const MODELS = [...KINDS, "responses"] as const;
const ANSWER = { text: "one two three four five six seven eight nine ten" };
const WEATHER: readonly Behaviour[] = [
  { answer: ANSWER },
  { answer: ANSWER, delay: 20 },
  { answer: ANSWER, delayBetween: 5 },
  { answer: ANSWER, chunks: 7 },
  { answer: ANSWER, chunks: "whole", length: "exact" },
  { answer: ANSWER, length: "until-close" },
  { answer: ANSWER, encoding: "gzip" },
  { answer: ANSWER, drop: ["end"] },
  { answer: ANSWER, cut: { afterFrames: 3 } },
  { answer: ANSWER, cut: { afterBytes: 90 } },
  { answer: ANSWER, endAfterFrames: 4 },
  { answer: ANSWER, stall: { afterFrames: 3 } },
  { answer: ANSWER, errorFrame: { afterFrames: 0 } },
  { answer: ANSWER, errorFrame: { afterFrames: 4 } },
  { stall: "before-headers" },
  { stall: "before-body" },
  { cut: "before-headers" },
  { cut: "before-body" },
  { halfCharacter: true },
  failing(400),
  failing(401),
  failing(429),
  failing(500),
  failing(503, 1),
  HTML_200,
  HTML_502,
  EMPTY_200,
];

const REQUESTS = 400;
const AT_ONCE = 25;

/** The same numbers on every run, though who draws which is the network's to decide: Numerical Recipes' generator, from 0 up to 1. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

let fake: FakeUpstream;
let box: TestBox;
const roll = dice(20261121);

beforeAll(async () => {
  fake = await startFakeUpstream(() => WEATHER[Math.floor(roll() * WEATHER.length)] ?? {});
  const deadlines = { firstToken: 120, idle: 120, total: 400 };
  box = startBox({
    policy: { holdStatus: 60, comment: 50 },
    models: {
      ...Object.fromEntries(KINDS.map((kind) => [kind, [1, 2].map((number) => ({ kind, url: fake.url, model: `${kind}-${number}`, profile: { deadlines } }))])),
      responses: ["o1-pro", "o3-pro"].map((model) => ({ kind: "openai", url: fake.url, model, profile: { deadlines } })),
    },
  });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

/** What one client saw of its answer. */
interface Sight {
  readonly stream: boolean;
  readonly left: boolean;
  readonly status?: number;
  readonly id?: string;
  readonly text?: string;
}

async function ask(model: string, stream: boolean, leaveAfter: number | undefined): Promise<Sight> {
  const signal = leaveAfter === undefined ? undefined : AbortSignal.timeout(leaveAfter);
  try {
    const response = await box.post("/v1/chat/completions", { model, stream, messages: [{ role: "user", content: "hello" }] }, { signal });
    const id = response.headers.get("x-request-id") ?? "";
    return { stream, left: false, status: response.status, id, text: await response.text() };
  } catch (thrown) {
    if (signal?.aborted !== true) throw thrown;
    return { stream, left: true };
  }
}

/** How an answer reads to the client: as an answer, or as a failure. */
function told({ stream, status, text = "" }: Sight): "answer" | "failure" {
  if (status !== 200 || !stream) return "error" in objectOf(parseJson(text) ?? null) ? "failure" : "answer";
  const data = text.split("\n\n").filter((frame) => frame.startsWith("data: "));
  expect(data.filter((frame) => frame === "data: [DONE]")).toEqual(["data: [DONE]"]);
  expect(data.at(-1)).toBe("data: [DONE]");
  const failures = data.filter((frame) => "error" in objectOf(parseJson(frame.slice(6)) ?? null));
  expect(failures).toEqual(failures.length === 0 ? [] : data.slice(-2, -1));
  return failures.length > 0 ? "failure" : "answer";
}

describe("in any weather", () => {
  const sights: Sight[] = [];

  test("every client gets an answer or a failure, and a clean end", async () => {
    let begun = 0;
    const client = async () => {
      while (begun < REQUESTS) {
        begun++;
        const model = MODELS[Math.floor(roll() * MODELS.length)] ?? "openai";
        const leaves = roll() < 0.3;
        sights.push(await ask(model, roll() < 0.7, leaves ? Math.floor(roll() * 150) : undefined));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, client));
    expect(sights.length).toBe(REQUESTS);
    const stayed = sights.filter(({ left }) => !left);
    expect(new Set(stayed.map(told))).toEqual(new Set(["answer", "failure"]));
  }, 60_000);

  test("every request is settled once, as its client saw it end", async () => {
    await until("every request to be over", () => box.inFlight() === 0);
    const records = new Map(box.records.map((record) => [record.id, record]));
    expect(records.size).toBe(box.records.length);
    for (const sight of sights) {
      if (sight.left) continue;
      const record = records.get(sight.id ?? "");
      expect([record?.status, record?.outcome]).toEqual([sight.status, told(sight) === "answer" ? "ok" : "failed"]);
    }
    const gone = sights.filter(({ left }) => left).length;
    const others = box.records.length - (REQUESTS - gone);
    // One that left before its request was read was never one.
    expect(others).toBeLessThanOrEqual(gone);
    expect(box.records.filter(({ outcome }) => outcome === "client-left").length).toBeLessThanOrEqual(gone);
    expect(box.complaints).toEqual([]);
  });

  test("no upstream is left talking to nobody", async () => {
    await until("every upstream to be let go", () => fake.seen.every(({ ending }) => ending !== undefined));
    expect(fake.seen.length).toBeGreaterThan(0);
  });
});
