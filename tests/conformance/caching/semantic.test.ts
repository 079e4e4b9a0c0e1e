import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../src/vocabulary/json.ts";
import { objectOf } from "../../../src/vocabulary/json.ts";
import type { Behaviour, ScriptedRequest } from "../../fakes/upstream/behaviours.ts";
import { startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";
import { CHAT, KEY, kept } from "./kept.ts";

/** Nearly the same question: what is given, to whom, and what shadow mode finds out. What a text means here is an angle in it. */
const fake = await startFakeUpstream();
let answers: (question: string) => Behaviour = () => ({ answer: { text: "an answer" } });
let embeddings: (text: string) => Behaviour = meaning;

function meaning(text: string): Behaviour {
  const angle = (Number(/\d+/.exec(text)?.[0] ?? 0) * Math.PI) / 180;
  return {
    reply: { body: { object: "list", data: [{ object: "embedding", index: 0, embedding: [Math.cos(angle), Math.sin(angle)] }], model: "e", usage: {} } },
  };
}

function script({ path, json, text }: ScriptedRequest): Behaviour {
  return path.endsWith("/embeddings") ? embeddings(String(objectOf(json)["input"])) : answers(text);
}

const open = (mode: "on" | "shadow", models = ["m"]) =>
  startBox({
    models: { m: [{ kind: "openai", url: fake.url }], e: [{ kind: "openai", url: fake.url }], plain: [{ kind: "openai", url: fake.url }] },
    policy: { attempts: 1 },
    callers: { ann: { keyId: "k1", userId: "ann", models: ["m"] }, bob: { keyId: "k2", userId: "bob" } },
    cache: { semantic: { mode, models, similarity: 0.97, embeddingModel: "e" } },
  });
const box = open("on");
const shadow = open("shadow");
afterAll(async () => {
  await box.stop();
  await shadow.stop();
  await fake.stop();
});
beforeEach(async () => {
  await kept();
  await box.cache?.clear();
  await shadow.cache?.clear();
  answers = () => ({ answer: { text: "an answer" } });
  embeddings = meaning;
  fake.play(script);
  fake.forget();
});

/** Asks, and waits until what is learnt is learnt. */
async function ask(where: TestBox, content: string, { key = "ann", ...more }: JsonObject & { key?: string } = {}) {
  const response = await where.post(
    "/v1/chat/completions",
    { ...CHAT, messages: [{ role: "user", content }], ...more },
    { headers: { ...KEY, authorization: `Bearer ${key}` } },
  );
  const text = await response.text();
  await kept();
  await kept();
  return { status: response.status, cache: response.headers.get("x-signalbox-cache"), text };
}
const chats = () => fake.seen.filter(({ path }) => !path.endsWith("/embeddings")).length;

describe("on", () => {
  test("a question that means nearly the same gets the answer, in its own form; a farther one does not", async () => {
    expect((await ask(box, "turn 10 degrees")).cache).toBe("miss");
    const near = await ask(box, "please turn 15 degrees");
    const streamed = await ask(box, "and 12 degrees", { stream: true });
    expect([near.cache, streamed.cache, streamed.text.includes("an answer"), (await ask(box, "turn 40 degrees")).cache]).toEqual([
      "semantic",
      "semantic",
      true,
      "miss",
    ]);
    expect([chats(), (await ask(box, "turn 10 degrees")).cache]).toEqual([2, "hit"]);
    expect(box.cache?.state()).toMatchObject({ questions: 2, counts: { semantic: 2 } });
  });

  test.each<[string, JsonObject]>([
    ["somebody else's", { key: "bob" }],
    ["another temperature", { temperature: 0 }],
    ["another model, for which it is off", { model: "plain", key: "bob" }],
    [
      "another conversation",
      {
        messages: [
          { role: "system", content: "s" },
          { role: "user", content: "turn 11 degrees" },
        ],
      },
    ],
    ["tools", { tools: [{ type: "function", function: { name: "f", parameters: {} } }] }],
  ])("not for %s", async (_name, more) => {
    await ask(box, "turn 10 degrees");
    expect((await ask(box, "turn 11 degrees", more)).cache).toBe("miss");
  });

  test("without a vector, or none in time, the upstream is asked", async () => {
    await ask(box, "turn 10 degrees");
    for (const trouble of [{ reply: { status: 500 } }, { stall: "before-headers" }] as const) {
      embeddings = () => trouble;
      expect(await ask(box, "turn 11 degrees", { seed: 1 })).toMatchObject({ status: 200 });
      await box.cache?.clear();
    }
    expect(box.cache?.state().questions).toBe(0);
  });

  test("each embedding is a request of the caller's, whatever models their key may ask for", async () => {
    const from = box.records.length;
    await ask(box, "turn 70 degrees");
    await until("both records", () => box.records.length === from + 2);
    const embedding = box.records.slice(from).find(({ operation }) => operation === "embeddings");
    expect(embedding).toMatchObject({ model: "e", keyId: "k1", userId: "ann", outcome: "ok" });
  });

  test("what is removed is not given", async () => {
    await ask(box, "turn 10 degrees");
    expect(await box.cache?.clear("m")).toBe(1);
    expect((await ask(box, "turn 11 degrees")).cache).toBe("miss");
  });
});

describe("shadow", () => {
  const counts = () => shadow.cache?.state().shadow;
  const settled = (sum: number) => until("the comparison", () => (counts()?.true ?? 0) + (counts()?.false ?? 0) === sum);

  test("never answers, and counts what would have been right and what wrong", async () => {
    answers = () => ({ answer: { text: "the same words" } });
    expect((await ask(shadow, "turn 10 degrees")).cache).toBe("miss");
    await until("the question to be learnt", () => shadow.cache?.state().questions === 1);
    expect((await ask(shadow, "turn 11 degrees")).cache).toBe("miss");
    await settled(1);
    expect(counts()).toEqual({ true: 1, false: 0 });
    // Other words that mean nearly the same, and words that mean something else.
    answers = () => ({ answer: { text: "3 degrees, or so" } });
    await ask(shadow, "turn 12 degrees");
    await settled(2);
    expect(counts()).toEqual({ true: 2, false: 0 });
    answers = () => ({ answer: { text: "90 degrees" } });
    await ask(shadow, "turn 13 degrees");
    await settled(3);
    expect(counts()).toEqual({ true: 2, false: 1 });
    expect([chats(), shadow.cache?.state().counts.semantic]).toEqual([4, 0]);
  });
});
