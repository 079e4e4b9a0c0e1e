import { describe, expect, test } from "bun:test";
import { parseJson } from "../../../src/vocabulary/json.ts";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import type { Conversation, Speaker } from "../matrix/conversation.ts";
import { SPEAKERS, UPSTREAMS } from "../matrix/matrix.ts";
import { keepingBox } from "./kept.ts";

/** An answer given again is the answer: to clients of every dialect, over upstreams of every dialect, in either form. */
const { fake, box } = await keepingBox((upstream) => ({
  models: Object.fromEntries(Object.entries(UPSTREAMS).map(([name, one]) => [name, [{ ...one, url: upstream.url }]])),
}));

interface Told {
  readonly text: string;
  readonly cache: string | null;
  readonly headers: Headers;
}

async function tell(speaker: Speaker, model: string, conversation: Conversation, stream: boolean): Promise<Told> {
  const { path, body } = speaker.ask(conversation, model, stream);
  const response = await box.post(path, body);
  const text = await response.text();
  expect([response.status, text.slice(0, 200)]).toEqual([200, text.slice(0, 200)]);
  // An answer is kept a moment after its last byte.
  await new Promise((resolve) => setImmediate(resolve));
  return { text, cache: response.headers.get("x-signalbox-cache"), headers: response.headers };
}

/** Some upstreams give their calls no ids: where frames are passed on as they are, the first client gets none. */
const heard = (speaker: Speaker, { text }: Told, stream: boolean) => {
  const { calls, ...said } = stream ? speaker.hearStream(text) : speaker.hearWhole(text);
  return { ...said, calls: calls.map(({ id: _, ...call }) => call) };
};

/** Ids, times and durations that each answer of a dialect has for itself. */
const timeless = (text: string) =>
  text
    .replaceAll(/"(created_at|completed_at)":("[^"]*"|\d+)/g, '"$1":0')
    .replaceAll(/"(\w+_duration)":\d+/g, '"$1":0')
    .replaceAll(/\b(resp|msg|rs|fc|item)_[\w-]+/g, "$1_");

const TOOL = { name: "weather", description: "Weather of a place", parameters: { type: "object", properties: { city: { type: "string" } } } };
const CONVERSATIONS: Record<string, [Conversation, Behaviour]> = {
  text: [{ system: "Be brief.", turns: [{ user: "What is up?" }], temperature: 0.5 }, { answer: { text: ["All ", "is ", "well — ", "даже очень."] } }],
  calls: [
    { turns: [{ user: "Weather?" }], tools: [TOOL] },
    {
      answer: {
        text: "Let me see.",
        toolCalls: [
          { name: "weather", arguments: { city: "Oslo" } },
          { name: "weather", arguments: { city: "Rome" } },
        ],
      },
    },
  ],
  "a cut the client asked for": [{ turns: [{ user: "Count" }], maxTokens: 3 }, { answer: { text: "one two three", finish: "length" } }],
};

for (const speaker of SPEAKERS) {
  describe(speaker.dialect, () => {
    for (const upstream of Object.keys(UPSTREAMS)) {
      for (const [name, [conversation, behaviour]] of Object.entries(CONVERSATIONS)) {
        for (const streamed of [false, true]) {
          test(`${name} from ${upstream}, first ${streamed ? "streamed" : "whole"}`, async () => {
            fake.play(behaviour);
            const first = await tell(speaker, upstream, conversation, streamed);
            expect(first.cache).toBe("miss");
            fake.play({ answer: { text: "another answer" } });
            for (const stream of [streamed, !streamed]) {
              const again = await tell(speaker, upstream, conversation, stream);
              const onceMore = await tell(speaker, upstream, conversation, stream);
              expect([again.cache, onceMore.cache, again.headers.get("x-signalbox-deployment")]).toEqual(["hit", "hit", null]);
              expect(again.headers.get("age")).toMatch(/^\d+$/);
              expect(heard(speaker, again, stream)).toEqual(heard(speaker, first, streamed));
              expect(timeless(onceMore.text)).toBe(timeless(again.text));
            }
            expect(fake.seen.length).toBe(1);
          });
        }
      }
    }
  });
}

describe("besides chats", () => {
  const post = async (path: string, body: object) => {
    const response = await box.post(path, body);
    const text = await response.text();
    await new Promise((resolve) => setImmediate(resolve));
    return { text, cache: response.headers.get("x-signalbox-cache"), age: response.headers.get("age") };
  };

  test("completions are given again", async () => {
    fake.play({ answer: { text: "and so on" } });
    const first = await post("/v1/completions", { model: "vllm", prompt: "Once" });
    const again = await post("/v1/completions", { model: "vllm", prompt: "Once", stream: true, stream_options: { include_usage: true } });
    const onceMore = await post("/v1/completions", { model: "vllm", prompt: "Once" });
    expect([first.cache, again.cache, onceMore.cache, fake.seen.length]).toEqual(["miss", "hit", "hit", 1]);
    expect(again.text).toContain("and so on");
    expect(again.text).toContain('"usage":{');
    expect(onceMore.text).toContain("and so on");
  });

  for (const [path, body] of [
    ["/v1/embeddings", { model: "openai", input: ["one", "two"] }],
    ["/v1/embeddings", { model: "gemini", input: "one", encoding_format: "base64" }],
    ["/api/embed", { model: "ollama", input: ["one", "two"] }],
    ["/v1beta/models/openai:embedContent", { content: { parts: [{ text: "one" }] } }],
  ] as const) {
    test(`${path} ${JSON.stringify(body)}`, async () => {
      const first = await post(path, body);
      const again = await post(path, body);
      expect([first.cache, again.cache, fake.seen.length]).toEqual(["miss", "hit", 1]);
      expect(again.age).toBe("0");
      const timed = /"(\w+_duration)":\d+/g;
      expect(parseJson(again.text.replaceAll(timed, '"$1":0'))).toEqual(parseJson(first.text.replaceAll(timed, '"$1":0')));
    });
  }
});

test("only a client that asks for usage in its stream gets it again", async () => {
  const { path, body } = SPEAKERS[0]?.ask({ turns: [{ user: "hi" }] }, "openai", true) ?? { path: "", body: {} };
  const { stream_options: _, ...plain } = body;
  const ask = async (more: object) => (await box.post(path, { ...plain, ...more })).text();
  await ask({ stream_options: { include_usage: true } });
  await new Promise((resolve) => setImmediate(resolve));
  const asked = { usage: await ask({ stream_options: { include_usage: true } }), none: await ask({}) };
  expect([asked.usage.includes('"usage":{'), asked.none.includes('"usage":{'), fake.seen.length]).toEqual([true, false, 1]);
});

test("the row and the headers tell of a hit, and its usage is the first one's", async () => {
  const from = box.records.length;
  const { path, body } = SPEAKERS[0]?.ask({ turns: [{ user: "hi" }] }, "anthropic", false) ?? { path: "", body: {} };
  for (let time = 0; time < 2; time++) {
    await (await box.post(path, { ...body, presence_penalty: 1 })).text();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const [first, second] = [await box.record(from), await box.record(from + 1)];
  expect([first.cache, second.cache, second.deployment, second.outcome]).toEqual(["miss", "hit", undefined, "ok"]);
  expect(second.usage).toEqual(first.usage);
  expect(second.trace).toEqual({ candidates: [], attempts: [], warnings: first.trace.warnings });
  expect(first.trace.warnings.length).toBe(1);
});
