import { describe, expect, test } from "bun:test";
import { PROVIDERS } from "../../src/providers/index.ts";
import { type JsonObject, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type Recording, recordings } from "../recordings/recordings.ts";
import { idle, unexplained } from "./recorded/decisions.ts";
import { rewritingProblems } from "./recorded/rewritten.ts";
import { isPlayed, playAll } from "./recorded/run.ts";

/** Real answers of real services, played through the gateway. `npm run campaign -- recordings` tries more cuts and writes a report. */
const made = (
  fields: Partial<Recording> & Pick<Recording, "id" | "provider" | "api">,
  request: JsonObject,
  body: Recording["response"]["body"],
  status = 200,
): Recording => ({
  core: true,
  model: "m",
  fidelity: "wire",
  stream: typeof body === "string" ? "sse" : false,
  features: [],
  finish: [],
  usage: null,
  ...fields,
  request: { method: "POST", path: "", headers: {}, body: { model: "m", messages: [{ role: "user", content: "hi" }], ...request } },
  response: { status, headers: {}, body },
});

const CHUNKS = [
  'data: {"id":"c","object":"chat.completion.chunk","model":"m","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":"Grüße"},"finish_reason":null}]}\n\n',
  'data: {"id":"c","object":"chat.completion.chunk","model":"m","created":1,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
  'data: {"id":"c","object":"chat.completion.chunk","model":"m","created":1,"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n',
  "data: [DONE]\n\n",
];
const OPENAI_USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const CLAUDE = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":3,"output_tokens":1}}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"city\\":\\"Łódź\\"}"}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
];
const CLAUDE_USAGE = { input_tokens: 3, output_tokens: 9 };
const GEMINI = {
  candidates: [{ content: { parts: [{ text: "hi" }] }, finishReason: "MAX_TOKENS", index: 0 }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, thoughtsTokenCount: 4 },
  responseId: "r",
};

const HAND_MADE: Recording[] = [
  made({ id: "made/openai", provider: "openai", api: "chat_completions", usage: OPENAI_USAGE }, { stream: true, seed: 5 }, CHUNKS.join("")),
  made({ id: "made/no-end-mark", provider: "perplexity", api: "chat_completions", usage: OPENAI_USAGE }, { stream: true }, CHUNKS.slice(0, 3).join("")),
  made(
    { id: "made/refused", provider: "openai", api: "chat_completions" },
    { n: 9 },
    { error: { message: "n", type: "invalid_request_error", param: "n", code: null } },
    400,
  ),
  made({ id: "made/our-key", provider: "openai", api: "chat_completions" }, {}, { error: { message: "Incorrect API key", code: "invalid_api_key" } }, 401),
  made({ id: "made/claude", provider: "anthropic", api: "anthropic_messages", usage: CLAUDE_USAGE }, {}, CLAUDE.join("")),
  made({ id: "made/gemini", provider: "gemini", api: "gemini_generate", usage: GEMINI.usageMetadata }, {}, GEMINI),
  made(
    { id: "made/ollama", provider: "ollama", api: "ollama_chat", stream: "ndjson", usage: { prompt_eval_count: 3, eval_count: 2 } },
    {},
    '{"model":"m","message":{"role":"assistant","content":"hi"},"done":false}\n{"model":"m","message":{"role":"assistant","content":""},"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}\n',
  ),
];

describe("the checks themselves bite", () => {
  const lies: [string, Recording, string][] = [
    ["a cut stream", made({ id: "lie", provider: "openai", api: "chat_completions" }, { stream: true }, CHUNKS[0] ?? ""), "another stream"],
    [
      "another usage",
      made({ id: "lie", provider: "anthropic", api: "anthropic_messages", usage: { ...CLAUDE_USAGE, output_tokens: 8 } }, {}, CLAUDE.join("")),
      "metered: 9 output, not 8",
    ],
    [
      "no usage",
      made({ id: "lie", provider: "openai", api: "chat_completions", usage: OPENAI_USAGE }, { stream: true }, [CHUNKS[0], CHUNKS[1], CHUNKS[3]].join("")),
      "metered by counted, though reported",
    ],
    ["an answer without its finish", made({ id: "lie", provider: "anthropic", api: "anthropic_messages" }, {}, CLAUDE.slice(0, 3).join("")), "an error: "],
    ["a failure in disguise", made({ id: "lie", provider: "gemini", api: "gemini_generate" }, {}, { error: { code: 503, message: "busy" } }), "status 503"],
  ];
  test.each(lies)("on %s", async (_name, recording, says) => {
    expect(unexplained(await playAll([recording])).join()).toContain(says);
  });
});

describe("recorded answers through the gateway", () => {
  const all = [...HAND_MADE, ...recordings().filter(isPlayed)];

  test("each is what it was, or what its client's dialect makes of it, and is metered as reported", async () => {
    const outcomes = await playAll(all);
    expect(unexplained(outcomes)).toEqual([]);
    expect(idle(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(all.length);
  });

  test("however the network cuts them", async () => {
    const streams = all.filter((recording) => recording.core && recording.stream !== false);
    expect(unexplained(await playAll(streams, 7))).toEqual([]);
    expect(streams.length).toBeGreaterThan(0);
  });

  test("OpenAI's read into events and written again say the same", () => {
    const chats = all.filter((recording) => recording.api === "chat_completions" && recording.response.status < 300);
    // Its content is followed by an error: there is nothing whole to write again.
    const whole = chats.filter((recording) => recording.id !== "groq/0045");
    expect(whole.flatMap((recording) => rewritingProblems(recording).map((problem) => `${recording.id}: ${problem}`))).toEqual([]);
    expect(whole.length).toBeGreaterThan(0);
  });
});

describe("recorded model lists", () => {
  const lists: { provider: string; body: unknown; ids: readonly unknown[] }[] = [
    { provider: "openai", body: { object: "list", data: [{ id: "a" }, { id: "b" }] }, ids: ["a", "b"] },
    ...recordings({ api: "models", ok: true }).map(({ provider, response }) => ({
      provider,
      body: response.body,
      ids: listOf(objectOf(response.body)["data"]).map((row) => objectOf(row)["id"]),
    })),
  ];
  test("are read by their provider's reader, or by an OpenAI-compatible one", () => {
    for (const { provider, body, ids } of lists) {
      const kind = PROVIDERS.find((each) => each.kind === provider);
      const readers = [kind, PROVIDERS.find((each) => each.kind === "openai-compatible")].flatMap((each) =>
        each?.listing === undefined ? [] : [each.listing.read(body)],
      );
      expect({
        provider,
        found: readers.some((found) => ids.every((id) => found.includes(String(id)) || found.includes(String(id).replace(/^models\//, "")))),
      }).toEqual({ provider, found: true });
    }
    expect(lists.length).toBeGreaterThan(0);
  });
});
