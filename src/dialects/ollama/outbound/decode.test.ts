import { describe, expect, test } from "bun:test";
import { recordings, responseBytes } from "../../../../tests/recordings/recordings.ts";
import type { Frame } from "../../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../../vocabulary/events.ts";
import type { FailureKind } from "../../../vocabulary/failure.ts";
import { type Json, objectOf } from "../../../vocabulary/json.ts";
import { usageOf } from "../../../vocabulary/usage.ts";
import { collect } from "../../shared/collect.ts";
import { ollamaGenerateOutbound, ollamaOutbound } from "../outbound.ts";

function streamed(lines: readonly string[], outbound = ollamaOutbound): ChatEvent[] {
  const decoder = outbound.decoder();
  const frames = lines.map((data): Frame => ({ event: "", data, raw: new Uint8Array() }));
  return [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()];
}

const line = (fields: object) => JSON.stringify({ model: "m", created_at: "2026-01-01T00:00:00.5Z", done: false, ...fields });
const said = (message: object) => line({ message: { role: "assistant", content: "", ...message } });
const done = (fields: object = {}) =>
  line({ message: { role: "assistant", content: "" }, done: true, done_reason: "stop", prompt_eval_count: 12, eval_count: 3, ...fields });
const START: ChatEvent = { type: "start", model: "m", created: 1767225600 };
const USAGE: ChatEvent = { type: "usage", usage: usageOf({ input: 12, output: 3 }) };
const END: ChatEvent = { type: "end" };

describe("a stream's lines as events", () => {
  const text = (value: string): ChatEvent => ({ type: "text", choice: 0, text: value });
  const finish = (reason: "stop" | "length" | "tool-calls"): ChatEvent => ({ type: "finish", choice: 0, reason });
  const rows: [string, string[], ChatEvent[]][] = [
    ["text", [said({ content: "Hel" }), said({ content: "lo" }), done()], [START, text("Hel"), text("lo"), finish("stop"), USAGE, END]],
    ["blank lines say nothing", ["", said({ content: "a" }), " ", done()], [START, text("a"), finish("stop"), USAGE, END]],
    [
      "thinking comes first",
      [said({ thinking: "hm", content: "ok" }), done()],
      [START, { type: "thinking", choice: 0, text: "hm" }, text("ok"), finish("stop"), USAGE, END],
    ],
    ["cut at the bound", [done({ done_reason: "length" })], [START, finish("length"), USAGE, END]],
    ["loaded, nothing asked", [done({ done_reason: "load", prompt_eval_count: undefined, eval_count: undefined })], [START, finish("stop"), END]],
    ["no reason given", [done({ done_reason: undefined })], [START, finish("stop"), USAGE, END]],
    [
      "a cached prompt is not counted",
      [done({ prompt_eval_count: undefined })],
      [START, finish("stop"), { type: "usage", usage: usageOf({ output: 3 }) }, END],
    ],
    [
      "calls over several lines, with the server's ids",
      [
        said({ tool_calls: [{ id: "c1", function: { index: 0, name: "add", arguments: { a: 1 } } }] }),
        said({ tool_calls: [{ id: "c2", function: { name: "now" } }] }),
        done(),
      ],
      [
        START,
        { type: "tool-call", choice: 0, call: 0, id: "c1", name: "add" },
        { type: "tool-call-arguments", choice: 0, call: 0, text: '{"a":1}' },
        { type: "tool-call", choice: 0, call: 1, id: "c2", name: "now" },
        { type: "tool-call-arguments", choice: 0, call: 1, text: "{}" },
        finish("tool-calls"),
        USAGE,
        END,
      ],
    ],
    [
      "log probabilities",
      [line({ message: { content: "a" }, logprobs: [{ token: "a", logprob: -0.5 }] }), done()],
      [
        START,
        text("a"),
        { type: "logprobs", choice: 0, logprobs: { content: [{ token: "a", logprob: -0.5, bytes: null, top_logprobs: [] }], refusal: null } },
        finish("stop"),
        USAGE,
        END,
      ],
    ],
    ["nothing follows the end", [done(), said({ content: "more" })], [START, finish("stop"), USAGE, END]],
  ];
  test.each(rows)("%s", (_name, lines, events) => expect(streamed(lines)).toEqual(events));

  test("minted ids differ within an answer and are the same when it is read again", () => {
    const call = { function: { name: "add", arguments: { a: 1 } } };
    const lines = [said({ tool_calls: [call, call] }), done()];
    const ids = (events: ChatEvent[]) => events.flatMap((event) => (event.type === "tool-call" ? [event.id] : []));
    const minted = ids(streamed(lines));
    expect(new Set(minted).size).toBe(2);
    expect(minted.every((id) => /^call_[0-9a-f]+$/.test(id))).toBe(true);
    expect(ids(streamed(lines))).toEqual(minted);
  });
});

describe("a broken stream ends in one failure", () => {
  const rows: [string, string[], FailureKind][] = [
    ["cut short", [said({ content: "Hel" })], "upstream-error"],
    ["silent", [], "upstream-error"],
    ["an error midway", [said({ content: "Hel" }), '{"error":"an error was encountered while running the model"}', done()], "upstream-error"],
    ["busy", ['{"error":"server busy, please try again.  maximum pending requests exceeded"}'], "overloaded"],
    ["too long", ['{"error":"the input length exceeds the context length"}'], "context-overflow"],
    ["HTML", ["<html>"], "upstream-error"],
    ["not an object", ["[1]"], "upstream-error"],
  ];
  test.each(rows)("%s", (_name, lines, kind) => {
    const failures = streamed(lines).filter((event) => event.type === "failure" || event.type === "end");
    expect(failures.map((event) => event.type === "failure" && event.failure.kind)).toEqual([kind]);
  });
});

test("a whole answer gives the events of a stream", () => {
  const whole = line({ message: { role: "assistant", content: "Hello" }, done: true, done_reason: "stop", prompt_eval_count: 12, eval_count: 3 });
  expect(ollamaOutbound.readAnswer(JSON.parse(whole) as Json)).toEqual(streamed([said({ content: "Hello" }), done()]));
  expect(ollamaOutbound.readAnswer(JSON.parse(said({ content: "Hel" })) as Json).at(-1)?.type).toBe("failure");
  expect(ollamaOutbound.readAnswer("what").map((event) => event.type)).toEqual(["failure"]);
});

describe("lines of /api/generate", () => {
  const piece = (response: string, more: object = {}) => line({ response, ...more });
  const last = piece("", { done: true, done_reason: "length", context: [1, 2], prompt_eval_count: 12, eval_count: 3 });
  test("say the same with other fields", () => {
    expect(streamed([piece("", { thinking: "hm" }), piece("a"), piece("b"), last], ollamaGenerateOutbound)).toEqual([
      START,
      { type: "thinking", choice: 0, text: "hm" },
      { type: "text", choice: 0, text: "a" },
      { type: "text", choice: 0, text: "b" },
      { type: "finish", choice: 0, reason: "length" },
      USAGE,
      END,
    ]);
  });
  test("fail like any others", () => {
    expect(streamed([piece("a"), '{"error":"out of memory"}'], ollamaGenerateOutbound).map(({ type }) => type)).toEqual(["start", "text", "failure"]);
    expect(streamed([piece("a")], ollamaGenerateOutbound).at(-1)?.type).toBe("failure");
  });
});

describe("failed replies", () => {
  const rows: [number, string, FailureKind, boolean][] = [
    [404, '{"error":"model \\"x\\" not found, try pulling it first"}', "upstream-model-missing", false],
    [404, "404 page not found", "upstream-model-missing", false],
    [400, '{"error":"\\"llama3.2\\" does not support tools"}', "invalid-request", true],
    [400, '{"error":"the input length exceeds the context length"}', "context-overflow", true],
    [401, '{"error":"unauthorized"}', "upstream-credentials", false],
    [500, '{"error":"llama runner process has terminated: exit status 2"}', "upstream-error", false],
    [503, '{"error":"server busy, please try again.  maximum pending requests exceeded"}', "overloaded", false],
    [502, "<html>Bad Gateway</html>", "upstream-error", false],
  ];
  test.each(rows)("%d %s is %s", (status, text, kind, verbatim) => {
    const failure = ollamaOutbound.readFailure({ status, headers: new Headers(), text });
    expect(failure.kind).toBe(kind);
    expect(failure.facts.upstreamStatus).toBe(status);
    expect(failure.facts.verbatim?.body).toBe(verbatim ? text : undefined);
    expect(failure.message).not.toContain("<");
  });
});

/** Ollama itself says `stop` for an answer of tool calls. */
test.each([
  ["ollama_chat", ollamaOutbound],
  ["ollama_generate", ollamaGenerateOutbound],
] as const)("recorded answers decode to the finish and the counts the index names: %s", (api, outbound) => {
  const recorded = recordings({ api, ok: true });
  const told = recorded.map((recording) => {
    const text = new TextDecoder().decode(responseBytes(recording.response));
    const events = recording.stream === false ? outbound.readAnswer(JSON.parse(text) as Json) : streamed(text.split("\n"), outbound);
    const answer = collect(events);
    const finish = answer.choices.map((choice) => (choice.finish === "tool-calls" && choice.calls.length > 0 ? "stop" : choice.finish));
    const whole = answer.choices.every((choice) => choice.text !== "" || choice.calls.length > 0) && events.at(-1)?.type === "end";
    return { id: recording.id, finish, usage: answer.usage, whole };
  });
  const indexed = recorded.map((recording) => {
    const usage = objectOf(recording.usage);
    const counts = usageOf({ input: Number(usage["prompt_eval_count"] ?? 0), output: Number(usage["eval_count"] ?? 0) });
    return { id: recording.id, finish: recording.finish as (typeof told)[number]["finish"], usage: counts, whole: true };
  });
  expect(told).toEqual(indexed);
});
