import { describe, expect, test } from "bun:test";
import { type Recording, recordings, responseBytes } from "../../../tests/recordings/recordings.ts";
import { framesOf } from "../../../tests/recordings/replay.ts";
import type { ChatRequest } from "../../vocabulary/chat.ts";
import type { Frame } from "../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { Failure, type FailureKind } from "../../vocabulary/failure.ts";
import { type Json, type JsonObject, objectOf } from "../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../vocabulary/profile.ts";
import { promptTokens, usageOf } from "../../vocabulary/usage.ts";
import { collect } from "../shared/collect.ts";
import { incoming } from "../shared/incoming.fixture.ts";
import { openaiCompletionsInbound } from "./inbound.ts";
import { openaiCompletionsOutbound as outbound } from "./outbound.ts";

const at = (profile: Partial<Profile> = {}) => ({ model: "up", profile: mergeProfiles(profile) });

describe("the express lane", () => {
  const rows: [string, string, Partial<Profile>, string, number][] = [
    ["only the name changes", '{"model": "m", "prompt":"a",  "temperature":1.0}', {}, '{"model": "up", "prompt":"a",  "temperature":1.0}', 0],
    ["nothing changes", '{"model":"up","prompt":"a", "seed":12345678901234567890}', {}, '{"model":"up","prompt":"a", "seed":12345678901234567890}', 0],
    [
      "usage is asked for",
      '{"model":"up","prompt":"a","stream":true}',
      {},
      '{"model":"up","prompt":"a","stream":true,"stream_options":{"include_usage":true}}',
      0,
    ],
    [
      "other stream options stay",
      '{"model":"up","prompt":"a","stream":true,"stream_options":{"x":1.0,"include_usage":false}}',
      {},
      '{"model":"up","prompt":"a","stream":true,"stream_options":{"x":1.0,"include_usage":true}}',
      0,
    ],
    [
      "no stream options are null",
      '{"model":"up","stream_options":null,"prompt":"a","stream":true}',
      {},
      '{"model":"up","stream_options":{"include_usage":true},"prompt":"a","stream":true}',
      0,
    ],
    [
      "the client asked itself",
      '{"model":"up","prompt":"a","stream":true,"stream_options":{"include_usage": true}}',
      {},
      '{"model":"up","prompt":"a","stream":true,"stream_options":{"include_usage": true}}',
      0,
    ],
    ["usage comes anyway", '{"model":"up","prompt":"a","stream":true}', { streamUsage: "always" }, '{"model":"up","prompt":"a","stream":true}', 0],
    ["stream options are not known", '{"model":"up","prompt":"a","stream":true}', { drop: ["stream_options"] }, '{"model":"up","prompt":"a","stream":true}', 0],
    [
      "fields are dropped and renamed",
      '{"model":"m","user":"u","prompt":"a","max_tokens":5}',
      { drop: ["user"], rename: { max_tokens: "n_predict" } },
      '{"model":"up","prompt":"a","n_predict":5}',
      1,
    ],
  ];
  test.each(rows)("%s", (_name, text, profile, body, warnings) => {
    const outgoing = outbound.express?.(openaiCompletionsInbound.readCall(incoming(text)), at(profile));
    expect(outgoing?.body).toBe(body);
    expect(outgoing?.warnings).toHaveLength(warnings);
  });
});

const PLAIN: ChatRequest = {
  model: "public",
  messages: [{ role: "user", parts: [{ type: "text", text: "hi" }] }],
  tools: [],
  stop: [],
  choices: 1,
  stream: false,
  extras: {},
};

describe("a chat as a completion", () => {
  const rows: [string, Partial<ChatRequest>, Partial<Profile>, JsonObject, number][] = [
    ["a bound is always sent", {}, {}, { model: "up", prompt: "hi", max_tokens: 4096 }, 0],
    ["and clamped", { maxTokens: 9000 }, { maxOutput: 100 }, { model: "up", prompt: "hi", max_tokens: 100 }, 1],
    [
      "knobs",
      {
        maxTokens: 5,
        temperature: 0.5,
        topP: 0.9,
        topK: 4,
        minP: 0.1,
        seed: 7,
        stop: ["END"],
        choices: 2,
        logprobs: { top: 20 },
        user: "u",
        presencePenalty: 1,
        frequencyPenalty: 2,
      },
      {},
      {
        model: "up",
        prompt: "hi",
        max_tokens: 5,
        temperature: 0.5,
        top_p: 0.9,
        top_k: 4,
        min_p: 0.1,
        seed: 7,
        stop: ["END"],
        n: 2,
        logprobs: 5,
        user: "u",
        presence_penalty: 1,
        frequency_penalty: 2,
      },
      1,
    ],
    ["streams ask for usage", { stream: true }, {}, { model: "up", prompt: "hi", max_tokens: 4096, stream: true, stream_options: { include_usage: true } }, 0],
    ["unless they must not", { stream: true }, { streamUsage: "never" }, { model: "up", prompt: "hi", max_tokens: 4096, stream: true }, 0],
    [
      "what it has not is dropped",
      { reasoning: { effort: "high" }, verbosity: "low", user: "u" },
      { drop: ["user"], rename: { max_tokens: "n" } },
      { model: "up", prompt: "hi", n: 4096 },
      3,
    ],
    [
      "tools that may not be called are no loss",
      { tools: [{ name: "f" }], toolChoice: { type: "none" } },
      {},
      { model: "up", prompt: "hi", max_tokens: 4096 },
      0,
    ],
  ];
  test.each(rows)("%s", (_name, request, profile, body, warnings) => {
    const outgoing = outbound.write({ ...PLAIN, ...request }, at(profile));
    expect(JSON.parse(outgoing.body)).toEqual(body);
    expect(outgoing.warnings).toHaveLength(warnings);
  });

  const system = { role: "system", parts: [{ type: "text", text: "be brief" }] } as const;
  const refused: [string, Partial<ChatRequest>, string][] = [
    ["a system message", { messages: [system, ...PLAIN.messages] }, "messages"],
    ["no user message", { messages: [system] }, "messages"],
    ["an image", { messages: [{ role: "user", parts: [{ type: "image", media: { kind: "url", url: "https://example.com" } }] }] }, "messages[0].content[0]"],
    ["tools", { tools: [{ name: "f" }] }, "tools"],
    ["a format", { format: { type: "json" } }, "response_format"],
    ["audio", { modalities: ["audio"] }, "modalities"],
  ];
  test.each(refused)("%s is refused", (_name, request, param) => {
    let thrown: unknown;
    try {
      outbound.write({ ...PLAIN, ...request }, at());
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect((thrown as Failure).facts.param).toBe(param);
  });
});

function streamed(datas: readonly string[]): ChatEvent[] {
  const decoder = outbound.decoder();
  const frames = datas.map((data): Frame => ({ event: "", data, raw: new Uint8Array() }));
  return [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()];
}
const frame = (choices: Json[], more: JsonObject = {}) => JSON.stringify({ id: "cmpl-1", object: "text_completion", created: 5, model: "m", choices, ...more });
const START: ChatEvent = { type: "start", id: "cmpl-1", model: "m", created: 5 };
const text = (value: string, choice = 0): ChatEvent => ({ type: "text", choice, text: value });
const finish = (reason: "stop" | "length" | "content-filter", choice = 0): ChatEvent => ({ type: "finish", choice, reason });
const END: ChatEvent = { type: "end" };

describe("frames as events", () => {
  const rows: [string, string[], ChatEvent[]][] = [
    [
      "text",
      [frame([{ index: 0, text: "a" }]), frame([{ index: 0, text: "b", finish_reason: "length" }]), "[DONE]"],
      [START, text("a"), text("b"), finish("length"), END],
    ],
    [
      "usage in a frame of its own",
      [
        frame([{ index: 0, text: "a", finish_reason: "stop" }], { usage: null }),
        frame([], { usage: { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 } }),
        "[DONE]",
      ],
      [START, text("a"), finish("stop"), { type: "usage", usage: usageOf({ input: 4, output: 1 }) }, END],
    ],
    [
      "choices interleave",
      [
        frame([{ index: 1, text: "b" }]),
        frame([{ index: 0, text: "a", finish_reason: "stop" }]),
        frame([{ index: 1, text: "", finish_reason: "content_filter" }]),
        "[DONE]",
      ],
      [START, text("b", 1), text("a"), finish("stop"), finish("content-filter", 1), END],
    ],
    [
      "the stop sequence",
      [frame([{ index: 0, text: "", finish_reason: "stop", stop_reason: "END" }]), "[DONE]"],
      [START, { type: "finish", choice: 0, reason: "stop", stopSequence: "END" }, END],
    ],
    ["finished without [DONE] is whole", [frame([{ index: 0, text: "a", finish_reason: "stop" }])], [START, text("a"), finish("stop"), END]],
    [
      "log probabilities as chat writes them",
      [
        frame([
          { index: 0, text: "é", finish_reason: "stop", logprobs: { tokens: ["é"], token_logprobs: [-0.5], top_logprobs: [{ e: -1 }], text_offset: [0] } },
        ]),
        "[DONE]",
      ],
      [
        START,
        text("é"),
        {
          type: "logprobs",
          choice: 0,
          logprobs: { content: [{ token: "é", logprob: -0.5, bytes: [195, 169], top_logprobs: [{ token: "e", logprob: -1, bytes: [101] }] }], refusal: null },
        },
        finish("stop"),
        END,
      ],
    ],
  ];
  test.each(rows)("%s", (_name, datas, events) => expect(streamed(datas)).toEqual(events));

  const broken: [string, string[], FailureKind][] = [
    ["cut short", [frame([{ index: 0, text: "a" }])], "upstream-error"],
    [
      "one of two cut short",
      [
        frame([
          { index: 0, text: "a", finish_reason: "stop" },
          { index: 1, text: "b" },
        ]),
      ],
      "upstream-error",
    ],
    ["silent", [], "upstream-error"],
    ["an error frame", ['{"error":{"message":"Rate limit reached","type":"x","code":"rate_limit_exceeded"}}', "[DONE]"], "rate-limited"],
    ["an old error frame", ['{"object":"error","message":"prompt is too long","code":400}'], "context-overflow"],
    ["HTML", ["<html>", "[DONE]"], "upstream-error"],
  ];
  test.each(broken)("%s is one failure", (_name, datas, kind) => {
    const ends = streamed(datas).filter((event) => event.type === "failure" || event.type === "end");
    expect(ends.map((event) => event.type === "failure" && event.failure.kind)).toEqual([kind]);
  });
});

test("a whole answer gives the events of a stream", () => {
  const whole = frame([{ index: 0, text: "a", logprobs: null, finish_reason: "stop" }], { usage: { prompt_tokens: 4, completion_tokens: 1, total_tokens: 5 } });
  expect(outbound.readAnswer(JSON.parse(whole) as Json)).toEqual(streamed([whole, "[DONE]"]));
  for (const json of [null, {}, { error: { message: "no" } }, []]) expect(outbound.readAnswer(json).map((event) => event.type)).toEqual(["failure"]);
});

/** Recorded under this route's name, some are chats in truth. */
function completionsOnly(recording: Recording): boolean {
  return objectOf(recording.request.body)["prompt"] !== undefined;
}

test("recorded completions decode to the finish and the counts the index names", () => {
  const recorded = recordings({ api: "completions", ok: true }).filter(completionsOnly);
  const told = recorded.map((recording) => {
    const body = new TextDecoder().decode(responseBytes(recording.response));
    const datas = framesOf(body, false).map((one) => one.replace(/^data: /, "").trim());
    const events = recording.stream === false ? outbound.readAnswer(JSON.parse(body) as Json) : streamed(datas);
    const answer = collect(events);
    const counts = answer.usage && { prompt: promptTokens(answer.usage), completion: answer.usage.output };
    return { id: recording.id, finish: answer.choices.map((choice) => String(choice.finish)), counts, last: events.at(-1)?.type };
  });
  const indexed = recorded.map((recording) => {
    const counts = recording.usage ? { prompt: Number(recording.usage["prompt_tokens"]), completion: Number(recording.usage["completion_tokens"]) } : undefined;
    return { id: recording.id, finish: [...recording.finish], counts, last: "end" as const };
  });
  expect(told).toEqual(indexed);
});

test("recorded refusals are the client's to mend, or the model is missing", () => {
  const refused = recordings({ api: "completions", ok: false });
  const kinds = refused.map(
    ({ response }) => outbound.readFailure({ status: response.status, headers: new Headers(), text: JSON.stringify(response.body) }).kind,
  );
  expect(kinds).toEqual(refused.map(({ response }) => (response.status === 404 ? "upstream-model-missing" : "invalid-request")));
});

test("recorded requests read, and pass the express lane to the byte", () => {
  const bodies = recordings({ api: "completions" })
    .filter(completionsOnly)
    .map((recording) => JSON.stringify({ ...objectOf(recording.request.body), stream: false, model: "up" }));
  expect(bodies.map((body) => outbound.express?.(openaiCompletionsInbound.readCall(incoming(body)), at())?.body)).toEqual(bodies);
});
