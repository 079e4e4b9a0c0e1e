import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../src/vocabulary/json.ts";
import { type Recording, recordings } from "../recordings/recordings.ts";
import { unexplained } from "./recorded/decisions.ts";
import { isHeardByOllama, playToOllama } from "./recorded/ollama-inbound.ts";

/** Real answers of real services, as clients of Ollama's API hear them: Ollama's own byte by byte, others in its words. */
const made = (id: string, api: string, stream: Recording["stream"], request: JsonObject, body: Json, usage: JsonObject | null = null): Recording => ({
  ...{ id, api, stream, provider: "ollama", core: true, model: "m", fidelity: "wire", features: [], finish: [], usage },
  request: { method: "POST", path: "", headers: {}, body: { model: "m", ...request } },
  response: { status: 200, headers: {}, body },
});

const COUNTS = { prompt_eval_count: 3, eval_count: 2 };
const HEADING = '"model":"m","created_at":"2026-01-01T00:00:00.5Z"';
const LAST = '"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}\n';
const CHAT = [
  `{${HEADING},"message":{"role":"assistant","content":"Grüße"},"done":false}\n`,
  `{${HEADING},"message":{"role":"assistant","content":""},${LAST}`,
];
const GENERATE = [`{${HEADING},"response":"Grüße","done":false}\n`, `{${HEADING},"response":"","context":[1,2],${LAST}`];
const CLAUDE = {
  ...{ id: "msg_1", type: "message", role: "assistant", model: "m", stop_reason: "tool_use", usage: { input_tokens: 3, output_tokens: 9 } },
  content: [
    { type: "text", text: "Let me see." },
    { type: "tool_use", id: "toolu_1", name: "f", input: { city: "Łódź" } },
  ],
};
const ASKED = { messages: [{ role: "user", content: "hi" }] };
const HAND_MADE: Recording[] = [
  made("made/chat", "ollama_chat", "ndjson", { ...ASKED, options: { seed: 5 } }, CHAT.join(""), COUNTS),
  made("made/generate", "ollama_generate", "ndjson", { prompt: "hi" }, GENERATE.join(""), COUNTS),
  made("made/embed", "ollama_embed", false, { input: ["a"] }, { model: "m", embeddings: [[0.5, 1]], prompt_eval_count: 2 }),
  { ...made("made/claude", "anthropic_messages", false, {}, CLAUDE, CLAUDE.usage), provider: "anthropic" },
];

describe("the checks themselves bite", () => {
  const lies: [string, Recording, string][] = [
    ["a cut stream", made("lie", "ollama_chat", "ndjson", ASKED, CHAT[0] ?? ""), "another answer"],
    ["another usage", made("lie", "ollama_generate", "ndjson", { prompt: "hi" }, GENERATE.join(""), { ...COUNTS, eval_count: 9 }), "metered"],
    ["other counts", made("lie", "ollama_embed", false, { input: "a" }, { embeddings: [[1]] }), "other counts"],
    [
      "an answer cut short",
      { ...made("lie", "gemini_generate", "sse", {}, 'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\n\n'), provider: "gemini" },
      "an error",
    ],
  ];
  test.each(lies)("on %s", async (_name, recording, says) => {
    expect(unexplained(await playToOllama([recording])).join()).toContain(says);
  });
});

describe("recorded answers to clients of Ollama's API", () => {
  const all = [...HAND_MADE, ...recordings().filter(isHeardByOllama)].filter((recording) => recording.core || recording.provider === "ollama");

  test("each is what it was, or what Ollama's words make of it, and is metered as reported", async () => {
    const outcomes = await playToOllama(all);
    expect(unexplained(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(all.length);
  });

  test("however the network cuts them", async () => {
    const streams = all.filter((recording) => recording.stream !== false);
    expect(unexplained(await playToOllama(streams, 7))).toEqual([]);
    expect(streams.length).toBeGreaterThan(1);
  });
});
