import { describe, expect, test } from "bun:test";
import { openaiResponsesOutbound } from "../../../../src/dialects/openai-responses/outbound.ts";
import { collect } from "../../../../src/dialects/shared/collect.ts";
import { sseReader } from "../../../../src/upstream/frames.ts";
import type { ChatEvent } from "../../../../src/vocabulary/events.ts";
import { type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";
import { usageOf } from "../../../../src/vocabulary/usage.ts";
import { recut } from "../../../fakes/upstream/wire.ts";
import { type Recording, recordings, responseBytes } from "../../../recordings/recordings.ts";

type Answered = Pick<Recording, "id" | "core" | "stream" | "response" | "usage">;

/** One answer of each kind in the recordings' form, so that this file says something on a machine without them. */
const MESSAGE = { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "Hé", annotations: [] }] };
const CALL = { id: "fc_1", type: "function_call", call_id: "call_1", name: "now", arguments: "{}", status: "completed" };
const USAGE = {
  input_tokens: 3,
  input_tokens_details: { cached_tokens: 1 },
  output_tokens: 4,
  output_tokens_details: { reasoning_tokens: 2 },
  total_tokens: 7,
};
const WHOLE = { id: "resp_1", object: "response", created_at: 1, model: "m", status: "completed", output: [MESSAGE, CALL], usage: USAGE };
const HAND_MADE: Answered[] = [
  { id: "hand-made/unary", core: true, stream: false, usage: USAGE, response: { status: 200, headers: {}, body: WHOLE } },
  {
    id: "hand-made/stream",
    core: true,
    stream: "sse",
    usage: USAGE,
    response: {
      status: 200,
      headers: {},
      body: [
        { type: "response.created", response: { ...WHOLE, status: "in_progress", output: [], usage: null } },
        { type: "response.output_text.delta", output_index: 0, item_id: "msg_1", content_index: 0, delta: "H" },
        { type: "response.output_text.delta", output_index: 0, item_id: "msg_1", content_index: 0, delta: "é" },
        { type: "response.output_item.done", output_index: 0, item: MESSAGE },
        { type: "response.output_item.done", output_index: 1, item: CALL },
        { type: "response.completed", response: WHOLE },
      ]
        .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
        .join(""),
    },
  },
];

/** Recordings that say nothing about the Responses API, and why. */
const NOT_ASKED: Readonly<Record<string, string>> = {
  "openai/0147": "made up by its project: no event of it has a type",
  "openai/1306": "kept as compressed bytes",
};

const recorded = recordings({ api: "responses" }).filter((recording) => NOT_ASKED[recording.id] === undefined);
const answers: readonly Answered[] = [...HAND_MADE, ...recorded.filter((recording) => recording.response.status === 200)];
/** `ALL=1 bun test …` cuts all of them in pieces, not only the core ones. */
const cutUp = answers.filter((answer) => answer.stream !== false && (answer.core || process.env["ALL"] === "1"));

function eventsOf({ stream, response }: Answered, bytes?: number): ChatEvent[] {
  if (stream === false) return openaiResponsesOutbound.readAnswer(response.body);
  const reader = sseReader();
  const decoder = openaiResponsesOutbound.decoder();
  const all = responseBytes(response);
  const frames = [...(bytes === undefined ? [all] : recut(all, bytes)).flatMap((piece) => reader.feed(piece)), ...reader.flush()];
  return [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()];
}

/** The Response an answer ends with, by the plainest reading: the last event that holds a whole one. */
function lastOf({ stream, response }: Answered): JsonObject {
  if (stream === false) return objectOf(response.body);
  const events = [...String(response.body).matchAll(/^data: ?(.*)$/gm)].map((match) => objectOf(parseJson(match[1] ?? "")));
  return objectOf(events.findLast((event) => Array.isArray(objectOf(event["response"])["output"]))?.["response"]);
}

/** What an answer's output says, by the plainest reading. */
function saidIn(response: JsonObject) {
  const items = listOf(response["output"]).map(objectOf);
  const of = (type: string) => items.filter((item) => item["type"] === type);
  const texts = (list: Json | undefined) => listOf(list).map((part) => stringOf(objectOf(part)["text"]) ?? "");
  const thoughts = of("reasoning").flatMap((item) => (listOf(item["summary"]).length > 0 ? texts(item["summary"]) : texts(item["content"])));
  return {
    text: of("message")
      .filter((item) => item["role"] === "assistant")
      .flatMap((item) => texts(item["content"]))
      .join(""),
    thinking: thoughts.filter((text) => text !== "").join("\n\n"),
    proofs: of("reasoning").filter((item) => item["encrypted_content"]).length,
    calls: items.flatMap((item) => {
      if (item["type"] === "function_call") return [[item["call_id"], item["name"], item["arguments"]]];
      return item["type"] === "custom_tool_call" ? [[item["call_id"], item["name"], JSON.stringify({ input: item["input"] })]] : [];
    }),
  };
}

function counted(usage: JsonObject) {
  const count = (from: Json | undefined, name: string) => numberOf(objectOf(from)[name]) ?? 0;
  const details = usage["input_tokens_details"];
  const [cacheRead, cacheWrite5m] = [count(details, "cached_tokens"), count(details, "cache_write_tokens")];
  return usageOf({
    input: count(usage, "input_tokens") - cacheRead - cacheWrite5m,
    cacheRead,
    cacheWrite5m,
    output: count(usage, "output_tokens"),
    reasoning: count(usage["output_tokens_details"], "reasoning_tokens"),
  });
}

describe("recorded answers of the Responses API", () => {
  test(`${answers.length} answers are read whole: text, thinking, proofs, calls, usage, each once and in order`, () => {
    const odd: string[] = [];
    for (const answer of answers) {
      const events = eventsOf(answer);
      const { choices, usage, failure } = collect(events);
      const choice = choices[0];
      const said = {
        text: choice?.text,
        thinking: choice?.thinking,
        proofs: events.filter((event) => event.type === "thinking-signature").length,
        calls: choice?.calls.map((call) => [call.id, call.name, call.arguments]),
      };
      if (failure !== undefined || events[0]?.type !== "start" || events.at(-1)?.type !== "end") odd.push(`${answer.id}: not whole`);
      const expected = saidIn(lastOf(answer));
      if (!Bun.deepEquals(said, expected)) odd.push(`${answer.id}: said ${JSON.stringify(said)} instead of ${JSON.stringify(expected)}`);
      if (!Bun.deepEquals(usage, answer.usage === null ? undefined : counted(answer.usage))) odd.push(`${answer.id}: usage ${JSON.stringify(usage)}`);
      const order = events.map((event) => event.type).filter((type) => ["start", "finish", "usage", "end"].includes(type));
      if (order.join() !== `start,finish,${answer.usage === null ? "" : "usage,"}end`) odd.push(`${answer.id}: order ${order}`);
    }
    expect(odd).toEqual([]);
    expect(answers.length).toBeGreaterThan(1);
  });

  test.each([1, 7, 64])("their streams say the same in pieces of %i bytes", (bytes) => {
    expect(cutUp.filter((answer) => !Bun.deepEquals(eventsOf(answer, bytes), eventsOf(answer))).map((answer) => answer.id)).toEqual([]);
    expect(cutUp.length).toBeGreaterThan(0);
  });

  test("refusals are told apart", () => {
    const refused = recorded.filter((recording) => recording.response.status !== 200);
    const kinds = refused.map(({ id, response }) => {
      const text = Buffer.from(responseBytes(response)).toString();
      const { kind, facts } = openaiResponsesOutbound.readFailure({ status: response.status, headers: new Headers(), text });
      return [id, kind, facts.verbatim?.body === text];
    });
    const expected: [string, string, boolean][] = [
      ["openai/0784", "upstream-model-missing", false],
      ["openai/0924", "invalid-request", true],
    ];
    expect(kinds).toEqual(refused.length === 0 ? [] : expected);
  });
});
