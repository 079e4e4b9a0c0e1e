import { describe, expect, test } from "bun:test";
import { anthropicMessagesOutbound } from "../../../../src/dialects/anthropic-messages/outbound.ts";
import { collect } from "../../../../src/dialects/shared/collect.ts";
import { sseReader } from "../../../../src/upstream/frames.ts";
import type { ChatEvent } from "../../../../src/vocabulary/events.ts";
import { type JsonObject, numberOf, objectOf } from "../../../../src/vocabulary/json.ts";
import { usageOf, withUnits } from "../../../../src/vocabulary/usage.ts";
import { type Recording, recordings, responseBytes, syntheticErrors } from "../../../recordings/recordings.ts";

/** One answer of each kind in the recordings' form, so that this file says something on a machine without them. */
const HAND_MADE: Pick<Recording, "id" | "stream" | "response" | "finish" | "usage">[] = [
  {
    id: "hand-made/unary",
    stream: false,
    finish: ["tool_use"],
    usage: { input_tokens: 3, output_tokens: 4 },
    response: {
      status: 200,
      headers: {},
      body: {
        id: "msg_1",
        type: "message",
        model: "claude",
        content: [{ type: "tool_use", id: "t", name: "now", input: {} }],
        stop_reason: "tool_use",
        usage: { input_tokens: 3, output_tokens: 4 },
      },
    },
  },
  {
    id: "hand-made/stream",
    stream: "sse",
    finish: ["max_tokens"],
    usage: { input_tokens: 3, output_tokens: 4 },
    response: {
      status: 200,
      headers: {},
      body: [
        { type: "message_start", message: { id: "msg_1", model: "claude", usage: { input_tokens: 3, output_tokens: 1 } } },
        { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
        { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hé" } },
        { type: "content_block_stop", index: 0 },
        { type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 4 } },
        { type: "message_stop" },
      ]
        .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
        .join(""),
    },
  },
];

const FINISH: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  tool_use: "tool-calls",
  pause_turn: "pause",
  refusal: "refusal",
};

function eventsOf({ stream, response }: Pick<Recording, "stream" | "response">): ChatEvent[] {
  if (stream === false) return anthropicMessagesOutbound.readAnswer(response.body);
  const reader = sseReader();
  const decoder = anthropicMessagesOutbound.decoder();
  const frames = [...reader.feed(responseBytes(response)), ...reader.flush()];
  return [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()];
}

/** The index's usage object, read by the plainest arithmetic. */
function counted(usage: JsonObject) {
  const count = (name: string, from = usage) => numberOf(from[name]) ?? 0;
  const hour = count("ephemeral_1h_input_tokens", objectOf(usage["cache_creation"]));
  const tokens = usageOf({
    input: count("input_tokens"),
    cacheRead: count("cache_read_input_tokens"),
    cacheWrite5m: count("cache_creation_input_tokens") - hour,
    cacheWrite1h: hour,
    output: count("output_tokens"),
    reasoning: count("thinking_tokens", objectOf(usage["output_tokens_details"])),
  });
  return withUnits(tokens, { webSearches: count("web_search_requests", objectOf(usage["server_tool_use"])) });
}

const recorded = recordings({ api: "anthropic_messages" });
const answers = [...HAND_MADE, ...recorded.filter((recording) => recording.response.status === 200)];

describe("recorded answers of the Messages API", () => {
  test(`${answers.length} answers are read whole: finish, usage and arguments`, () => {
    const odd: string[] = [];
    for (const answer of answers) {
      const events = eventsOf(answer);
      const { choices, usage, failure } = collect(events);
      const finishes = events.flatMap((event) => (event.type === "finish" ? [event.reason] : []));
      if (failure !== undefined || events[0]?.type !== "start" || events.at(-1)?.type !== "end") odd.push(`${answer.id}: not whole`);
      if (JSON.stringify(finishes) !== JSON.stringify(answer.finish.map((reason) => FINISH[reason]))) odd.push(`${answer.id}: finish ${finishes}`);
      if (!Bun.deepEquals(usage, counted(answer.usage ?? {}))) odd.push(`${answer.id}: usage ${JSON.stringify(usage)}`);
      for (const call of choices[0]?.calls ?? [])
        if (typeof JSON.parse(call.arguments) !== "object" || call.name === "") odd.push(`${answer.id}: call ${call.id}`);
      const order = events.map((event) => event.type).filter((type) => type === "finish" || type === "usage" || type === "end");
      if (order.join() !== "finish,usage,end") odd.push(`${answer.id}: order ${order}`);
    }
    expect(odd).toEqual([]);
  });

  test("recorded refusals are the request's own fault, in the upstream's words", () => {
    const refused = recorded.filter((recording) => recording.response.status >= 400);
    const kinds = refused.map(({ response }) => {
      const text = Buffer.from(responseBytes(response)).toString();
      const failure = anthropicMessagesOutbound.readFailure({ status: response.status, headers: new Headers(), text });
      const kind = text.includes("prompt is too long") ? "context-overflow" : "invalid-request";
      return failure.kind === kind && failure.facts.verbatim?.body === text ? "as expected" : `${failure.kind}: ${failure.message}`;
    });
    expect(kinds).toEqual(refused.map(() => "as expected"));
  });

  test("hand-written failures are told apart", () => {
    const expected: Readonly<Record<string, string>> = {
      "400-credit": "upstream-credentials",
      "403-permission": "upstream-credentials",
      "413-too-large": "too-large",
      "429-rate-limit": "rate-limited",
      "500-api-error": "upstream-error",
      "529-overloaded": "overloaded",
      "stream-overloaded-first": "overloaded",
      "stream-overloaded-midway": "overloaded",
      "stream-truncated": "upstream-error",
    };
    const errors = syntheticErrors().filter((error) => error.provider === "anthropic");
    const kinds = errors.map((error) => {
      const name = error.id.split("/").at(-1) ?? "";
      if (error.response.status >= 400) {
        const text = Buffer.from(responseBytes(error.response)).toString();
        return [name, anthropicMessagesOutbound.readFailure({ status: error.response.status, headers: new Headers(error.response.headers), text }).kind];
      }
      const last = eventsOf({ stream: "sse", response: error.response }).at(-1);
      return [name, last?.type === "failure" ? last.failure.kind : last?.type];
    });
    expect(kinds).toEqual(kinds.map(([name = ""]) => [name, expected[name]]));
  });
});
