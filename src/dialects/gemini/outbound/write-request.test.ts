import { describe, expect, test } from "bun:test";
import type { AssistantPart, ChatRequest, Message, UserPart } from "../../../vocabulary/chat.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../../vocabulary/profile.ts";
import { write } from "./write-request.ts";

const GEMINI_3: Partial<Profile> = { thinking: "level", thinkingOff: false, imageUrls: false, toolResultImages: true, maxStops: 5, maxOutput: 65536 };
const GEMINI_25: Partial<Profile> = { thinking: "budget", imageUrls: false, toolResultImages: false, maxStops: 5, maxOutput: 65536 };

const user = (...parts: (UserPart | string)[]): Message => ({
  role: "user",
  parts: parts.map((part) => (typeof part === "string" ? { type: "text", text: part } : part)),
});
const assistant = (...parts: AssistantPart[]): Message => ({ role: "assistant", parts });
const system = (text: string): Message => ({ role: "system", parts: [{ type: "text", text }] });
const result = (callId: string, ...parts: (UserPart | string)[]): Message => ({ ...user(...parts), role: "tool", callId }) as Message;
const call = (id: string, args = "{}", signature?: string): AssistantPart => ({
  type: "tool-call",
  id,
  name: `tool_${id}`,
  arguments: args,
  ...(signature === undefined ? {} : { signature }),
});
const png: UserPart = { type: "image", media: { kind: "bytes", mime: "image/png", base64: "AAAA" } };
const byUrl = (url: string): UserPart => ({ type: "image", media: { kind: "url", url } });

const plain: ChatRequest = { model: "m", messages: [user("Hi")], tools: [], stop: [], choices: 1, stream: false, extras: {} };
const CONTENTS = [{ role: "user", parts: [{ text: "Hi" }] }];

function written(request: Partial<ChatRequest>, profile: Partial<Profile> = GEMINI_3): { body: JsonObject; warnings: readonly string[] } {
  const outgoing = write({ ...plain, ...request }, { model: "gemini-x", profile: mergeProfiles(profile) });
  return { body: JSON.parse(outgoing.body) as JsonObject, warnings: outgoing.warnings };
}

interface Row {
  readonly name: string;
  readonly messages: readonly Message[];
  readonly profile?: Partial<Profile>;
  readonly contents: unknown;
  readonly system?: string[];
}

const functionCall = (id: string, args: JsonObject = {}) => ({ functionCall: { id, name: `tool_${id}`, args } });
const functionResponse = (id: string, response: JsonObject, parts?: unknown) => ({
  functionResponse: { id, name: `tool_${id}`, response, ...(parts === undefined ? {} : { parts }) },
});
const SKIP = { thoughtSignature: "skip_thought_signature_validator" };

const ROWS: readonly Row[] = [
  {
    name: "case 1: neighbours of one role become one content",
    messages: [user("a"), user("b"), assistant({ type: "text", text: "c" }), assistant({ type: "text", text: "d" }), user("e")],
    contents: [
      { role: "user", parts: [{ text: "a" }, { text: "b" }] },
      { role: "model", parts: [{ text: "c" }, { text: "d" }] },
      { role: "user", parts: [{ text: "e" }] },
    ],
  },
  {
    name: "case 2: empty text is left out, an empty assistant too",
    messages: [user("a", " "), assistant({ type: "text", text: "" }), user("b")],
    contents: [{ role: "user", parts: [{ text: "a" }, { text: "b" }] }],
  },
  {
    name: "case 3: results first, then what the user adds",
    messages: [user("a"), assistant(call("1"), call("2")), result("1", "x"), result("2", "y"), user("z")],
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [{ ...functionCall("1"), ...SKIP }, functionCall("2")] },
      { role: "user", parts: [functionResponse("1", { output: "x" }), functionResponse("2", { output: "y" }), { text: "z" }] },
    ],
  },
  {
    name: "case 4: a call without a result gets a failed one",
    messages: [user("a"), assistant(call("1")), user("never mind")],
    profile: GEMINI_25,
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [functionCall("1")] },
      { role: "user", parts: [functionResponse("1", { error: "The tool call was interrupted: no result was given." }), { text: "never mind" }] },
    ],
  },
  {
    name: "case 6: results name their function; objects stay objects, other text goes under output, failures under error",
    messages: [
      user("a"),
      assistant(call("1"), call("2"), call("3"), call("4"), call("5")),
      result("1", '{"temp":7}'),
      result("2", "[1,2]"),
      { ...(result("3", "boom") as Extract<Message, { role: "tool" }>), failed: true },
      result("4", '{"id":12345678901234567890}'),
      result("5", ""),
    ],
    profile: GEMINI_25,
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: ["1", "2", "3", "4", "5"].map((id) => functionCall(id)) },
      {
        role: "user",
        parts: [
          functionResponse("1", { temp: 7 }),
          functionResponse("2", { output: "[1,2]" }),
          functionResponse("3", { error: "boom" }),
          functionResponse("4", { output: '{"id":12345678901234567890}' }),
          functionResponse("5", { output: "" }),
        ],
      },
    ],
  },
  {
    name: "case 7: pictures in results go inside where the model takes them",
    messages: [user("a"), assistant(call("1", "{}", "sig")), result("1", "seen", png)],
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [{ ...functionCall("1"), thoughtSignature: "sig" }] },
      { role: "user", parts: [functionResponse("1", { output: "seen" }, [{ inlineData: { mimeType: "image/png", data: "AAAA" } }])] },
    ],
  },
  {
    name: "case 7: and behind the results where it does not",
    messages: [user("a"), assistant(call("1"), call("2")), result("1", png), result("2", "y"), user("z")],
    profile: GEMINI_25,
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [functionCall("1"), functionCall("2")] },
      {
        role: "user",
        parts: [
          functionResponse("1", {}),
          functionResponse("2", { output: "y" }),
          { text: "Result of tool_1:" },
          { inlineData: { mimeType: "image/png", data: "AAAA" } },
          { text: "z" },
        ],
      },
    ],
  },
  {
    name: "case 8: arguments that are no JSON object are an empty one",
    messages: [
      user("a"),
      assistant(call("1", ""), call("2", "{bad"), call("3", "[1]"), call("4", '{"q":1}')),
      ...["1", "2", "3", "4"].map((id) => result(id, "ok")),
    ],
    profile: GEMINI_25,
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [functionCall("1"), functionCall("2"), functionCall("3"), functionCall("4", { q: 1 })] },
      { role: "user", parts: ["1", "2", "3", "4"].map((id) => functionResponse(id, { output: "ok" })) },
    ],
  },
  {
    name: "case 12: signatures go back where they came from, and each later turn without one gets the stand-in",
    messages: [
      user("a"),
      assistant({ type: "text", text: "t", signature: "text-sig" }, call("1", "{}", "call-sig"), call("2")),
      result("1", "x"),
      result("2", "y"),
      assistant(call("3"), call("4")),
      result("3", "x"),
      result("4", "y"),
    ],
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [{ text: "t", thoughtSignature: "text-sig" }, { ...functionCall("1"), thoughtSignature: "call-sig" }, functionCall("2")] },
      { role: "user", parts: [functionResponse("1", { output: "x" }), functionResponse("2", { output: "y" })] },
      { role: "model", parts: [{ ...functionCall("3"), ...SKIP }, functionCall("4")] },
      { role: "user", parts: [functionResponse("3", { output: "x" }), functionResponse("4", { output: "y" })] },
    ],
  },
  {
    name: "the model's own pictures return with their signatures, or with Google's stand-in",
    messages: [user("a"), assistant({ ...png, signature: "sig" } as AssistantPart, png as AssistantPart), user(png, "b")],
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      {
        role: "model",
        parts: [
          { inlineData: { mimeType: "image/png", data: "AAAA" }, thoughtSignature: "sig" },
          { inlineData: { mimeType: "image/png", data: "AAAA" }, ...SKIP },
        ],
      },
      { role: "user", parts: [{ inlineData: { mimeType: "image/png", data: "AAAA" } }, { text: "b" }] },
    ],
  },
  {
    name: "case 13: another model's thinking stays behind",
    messages: [
      user("a"),
      assistant({ type: "thinking", text: "hm", signature: "claude" }),
      user("b"),
      assistant({ type: "thinking", text: "", redacted: "x" }, { type: "text", text: "c" }),
      user("d"),
    ],
    contents: [
      { role: "user", parts: [{ text: "a" }, { text: "b" }] },
      { role: "model", parts: [{ text: "c" }] },
      { role: "user", parts: [{ text: "d" }] },
    ],
  },
  {
    name: "case 17: all system messages are one instruction, wherever they stand",
    messages: [system("s1"), user("a"), system("s2"), user("b")],
    contents: [{ role: "user", parts: [{ text: "a" }, { text: "b" }] }],
    system: ["s1", "s2"],
  },
  { name: "instructions alone are what the user says", messages: [system("s1")], contents: [{ role: "user", parts: [{ text: "s1" }] }] },
  {
    name: "case 19: a refusal is text",
    messages: [user("a"), assistant({ type: "refusal", text: "no" }), user("b")],
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [{ text: "no" }] },
      { role: "user", parts: [{ text: "b" }] },
    ],
  },
  {
    name: "case 23: a begun answer is continued",
    messages: [user("a"), assistant({ type: "text", text: "b" })],
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [{ text: "b" }] },
    ],
  },
  {
    name: "pictures, sound, film and files as bytes",
    messages: [
      user(
        png,
        { type: "audio", media: { kind: "bytes", mime: "audio/wav", base64: "BBBB" } },
        { type: "video", media: { kind: "bytes", mime: "video/mp4", base64: "CCCC" } },
        { type: "file", media: { kind: "bytes", mime: "application/pdf", base64: "DDDD" }, filename: "a.pdf" },
      ),
    ],
    contents: [
      {
        role: "user",
        parts: [
          { inlineData: { mimeType: "image/png", data: "AAAA" } },
          { inlineData: { mimeType: "audio/wav", data: "BBBB" } },
          { inlineData: { mimeType: "video/mp4", data: "CCCC" } },
          { inlineData: { mimeType: "application/pdf", data: "DDDD" } },
        ],
      },
    ],
  },
  {
    name: "addresses Gemini reads itself",
    messages: [
      user(
        byUrl("gs://bucket/a.PNG"),
        byUrl("https://generativelanguage.googleapis.com/v1beta/files/abc"),
        { type: "video", media: { kind: "url", url: "https://youtu.be/xyz" } },
        { type: "file", media: { kind: "stored", id: "files/abc" }, filename: "notes.md" },
      ),
    ],
    contents: [
      {
        role: "user",
        parts: [
          { fileData: { fileUri: "gs://bucket/a.PNG", mimeType: "image/png" } },
          { fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc", mimeType: "image/jpeg" } },
          { fileData: { fileUri: "https://youtu.be/xyz", mimeType: "video/mp4" } },
          { fileData: { fileUri: "https://generativelanguage.googleapis.com/v1beta/files/abc", mimeType: "text/markdown" } },
        ],
      },
    ],
  },
  {
    name: "any https address where the profile says so",
    messages: [user(byUrl("https://example.com/a.webp?w=1"))],
    profile: { ...GEMINI_3, imageUrls: true },
    contents: [{ role: "user", parts: [{ fileData: { fileUri: "https://example.com/a.webp?w=1", mimeType: "image/webp" } }] }],
  },
  {
    name: "names outside Gemini's alphabet are rewritten alike on call and result",
    messages: [user("a"), assistant({ type: "tool-call", id: "1", name: "2fa", arguments: "{}" }), result("1", "ok")],
    profile: GEMINI_25,
    contents: [
      { role: "user", parts: [{ text: "a" }] },
      { role: "model", parts: [{ functionCall: { id: "1", name: "_x_2fa", args: {} } }] },
      { role: "user", parts: [{ functionResponse: { id: "1", name: "_x_2fa", response: { output: "ok" } } }] },
    ],
  },
];

describe("contents", () => {
  test.each(ROWS.map((row) => [row.name, row] as const))("%s", (_name, row) => {
    const { body, warnings } = written({ messages: row.messages }, row.profile);
    expect(body).toEqual({
      contents: row.contents,
      ...(row.system === undefined ? {} : { systemInstruction: { parts: row.system.map((text) => ({ text })) } }),
    } as JsonObject);
    expect(warnings).toEqual([]);
  });
});

const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const tools = [{ name: "weather", description: "Tells it", parameters: schema }, { name: "now" }];
const declared = [{ functionDeclarations: [{ name: "weather", description: "Tells it", parametersJsonSchema: schema }, { name: "now" }] }];

const CONFIG: readonly {
  readonly name: string;
  readonly request: Partial<ChatRequest>;
  readonly profile?: Partial<Profile>;
  readonly added: JsonObject;
  readonly warns?: readonly string[];
}[] = [
  { name: "nothing asked, nothing said", request: {}, added: {} },
  {
    name: "sampling",
    request: { temperature: 0.5, topP: 0.9, topK: 40, seed: 7, presencePenalty: 0.1, frequencyPenalty: 0.2 },
    added: { generationConfig: { temperature: 0.5, topP: 0.9, topK: 40, seed: 7, presencePenalty: 0.1, frequencyPenalty: 0.2 } },
  },
  {
    name: "case 14: too hot is lowered",
    request: { temperature: 3 },
    added: { generationConfig: { temperature: 2 } },
    warns: ["temperature was lowered from 3 to 2"],
  },
  {
    name: "case 14: fixed sampling drops",
    request: { temperature: 1, topK: 3 },
    profile: { ...GEMINI_3, sampling: "fixed" },
    added: {},
    warns: ["temperature, top_k left out"],
  },
  {
    name: "case 15: the bound is clamped",
    request: { maxTokens: 1e6 },
    added: { generationConfig: { maxOutputTokens: 65536 } },
    warns: ["max_tokens was lowered"],
  },
  {
    name: "case 18: five stops",
    request: { stop: ["a", "b", "c", "d", "e", "f"] },
    added: { generationConfig: { stopSequences: ["a", "b", "c", "d", "e"] } },
    warns: ["Only the first 5 of 6"],
  },
  { name: "case 20: several candidates", request: { choices: 3 }, added: { generationConfig: { candidateCount: 3 } } },
  { name: "case 21: logprobs with alternatives", request: { logprobs: { top: 4 } }, added: { generationConfig: { responseLogprobs: true, logprobs: 4 } } },
  { name: "case 21: logprobs alone", request: { logprobs: { top: 0 } }, added: { generationConfig: { responseLogprobs: true } } },
  { name: "JSON", request: { format: { type: "json" } }, added: { generationConfig: { responseMimeType: "application/json" } } },
  { name: "text", request: { format: { type: "text" } }, added: {} },
  {
    name: "JSON by schema, cleaned and titled",
    request: { format: { type: "json-schema", name: "answer", schema: { $schema: "x", type: "object", properties: { kind: { const: "a" } } }, strict: true } },
    added: {
      generationConfig: {
        responseMimeType: "application/json",
        responseJsonSchema: { title: "answer", type: "object", properties: { kind: { enum: ["a"] } } },
      },
    },
  },
  { name: "tools", request: { tools }, added: { tools: declared } },
  {
    name: "a tool whose object is empty takes no parameters",
    request: { tools: [{ name: "now", parameters: { type: "object", properties: {} } }] },
    added: { tools: [{ functionDeclarations: [{ name: "now" }] }] },
  },
  {
    name: "a tool that takes any names keeps its schema",
    request: { tools: [{ name: "set", parameters: { type: "object", additionalProperties: true } }] },
    added: { tools: [{ functionDeclarations: [{ name: "set", parametersJsonSchema: { type: "object", additionalProperties: true } }] }] },
  },
  {
    name: "a schema that is a reference stays one",
    request: { format: { type: "json-schema", name: "answer", schema: { $ref: "#/$defs/A", $defs: { A: { type: "object" } } } } },
    added: { generationConfig: { responseMimeType: "application/json", responseJsonSchema: { $ref: "#/$defs/A", $defs: { A: { type: "object" } } } } },
  },
  ...(
    [
      ["auto", { type: "auto" }, { mode: "AUTO" }],
      ["none", { type: "none" }, { mode: "NONE" }],
      ["required", { type: "required" }, { mode: "ANY" }],
      ["one tool", { type: "tool", name: "now" }, { mode: "ANY", allowedFunctionNames: ["now"] }],
      ["some, required", { type: "some", mode: "required", names: ["now"] }, { mode: "ANY", allowedFunctionNames: ["now"] }],
      ["some, auto", { type: "some", mode: "auto", names: ["now"] }, { mode: "VALIDATED", allowedFunctionNames: ["now"] }],
    ] as const
  ).map(([name, toolChoice, functionCallingConfig]) => ({
    name: `tool choice: ${name}`,
    request: { tools, toolChoice },
    added: { tools: declared, toolConfig: { functionCallingConfig: functionCallingConfig as unknown as JsonObject } },
  })),
  { name: "a tool choice without tools is nothing", request: { toolChoice: { type: "required" } }, added: {} },
  { name: "parallel tools off cannot be promised", request: { tools, parallelTools: false }, added: { tools: declared }, warns: ["parallel_tool_calls"] },
  ...(
    [
      ["minimal", ["minimal", "low"], "MINIMAL"],
      ["minimal", undefined, "LOW"],
      ["low", undefined, "LOW"],
      ["medium", undefined, "MEDIUM"],
      ["medium", ["low", "high"], "HIGH"],
      ["high", undefined, "HIGH"],
      ["max", undefined, "HIGH"],
    ] as const
  ).map(([effort, efforts, thinkingLevel]) => ({
    name: `level: ${effort} of ${efforts ?? "the usual"}`,
    request: { reasoning: { effort, show: true } },
    profile: { ...GEMINI_3, efforts },
    added: { generationConfig: { thinkingConfig: { thinkingLevel, includeThoughts: true } } },
    ...(effort.toUpperCase() === thinkingLevel ? {} : { warns: [`reasoning_effort ${effort} became ${thinkingLevel.toLowerCase()}`] }),
  })),
  {
    name: "level: off where it cannot be",
    request: { reasoning: { effort: "none", show: true } },
    added: { generationConfig: { thinkingConfig: { thinkingLevel: "LOW" } } },
    warns: ["cannot stop thinking"],
  },
  {
    name: "level: off",
    request: { reasoning: { effort: "none" } },
    profile: { ...GEMINI_3, efforts: ["minimal", "low"], thinkingOff: true },
    added: { generationConfig: { thinkingConfig: { thinkingLevel: "MINIMAL" } } },
  },
  { name: "level: from a budget", request: { reasoning: { budget: 8000 } }, added: { generationConfig: { thinkingConfig: { thinkingLevel: "MEDIUM" } } } },
  {
    name: "level: the model's choice, hidden",
    request: { reasoning: { budget: -1, show: false } },
    added: { generationConfig: { thinkingConfig: { includeThoughts: false } } },
  },
  {
    name: "budget: from an effort",
    request: { reasoning: { effort: "medium" } },
    profile: GEMINI_25,
    added: { generationConfig: { thinkingConfig: { thinkingBudget: 8192 } } },
  },
  {
    name: "budget: as given",
    request: { reasoning: { budget: 500, effort: "high" } },
    profile: GEMINI_25,
    added: { generationConfig: { thinkingConfig: { thinkingBudget: 500 } } },
  },
  {
    name: "budget: the model's choice",
    request: { reasoning: { budget: -1 } },
    profile: GEMINI_25,
    added: { generationConfig: { thinkingConfig: { thinkingBudget: -1 } } },
  },
  {
    name: "budget: from an effort the model does not have",
    request: { reasoning: { effort: "max" } },
    profile: { ...GEMINI_25, efforts: ["minimal", "low", "medium", "high"] },
    added: { generationConfig: { thinkingConfig: { thinkingBudget: 24_576 } } },
    warns: ["reasoning_effort max became high"],
  },
  {
    name: "budget: off",
    request: { reasoning: { effort: "none" } },
    profile: GEMINI_25,
    added: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } },
  },
  {
    name: "budget: off where it cannot be",
    request: { reasoning: { budget: 0 } },
    profile: { ...GEMINI_25, thinkingOff: false },
    added: { generationConfig: { thinkingConfig: { thinkingBudget: 128 } } },
    warns: ["cannot stop thinking"],
  },
  {
    name: "case 15: a budget as large as the bound leaves room",
    request: { reasoning: { effort: "high" }, maxTokens: 4096 },
    profile: GEMINI_25,
    added: { generationConfig: { maxOutputTokens: 4096, thinkingConfig: { thinkingBudget: 2048 } } },
    warns: ["The thinking budget was lowered"],
  },
  {
    name: "a model that does not think",
    request: { reasoning: { effort: "high" } },
    profile: { ...GEMINI_25, thinking: "none" },
    added: {},
    warns: ["does not think"],
  },
  { name: "images out", request: { modalities: ["text", "image"] }, added: { generationConfig: { responseModalities: ["TEXT", "IMAGE"] } } },
  { name: "text out", request: { modalities: ["text"] }, added: {} },
  {
    name: "speech out",
    request: { modalities: ["text", "audio"], audio: { voice: "Kore", format: "wav" } },
    added: { generationConfig: { responseModalities: ["AUDIO"], speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } } } },
    warns: ["audio.format wav"],
  },
  { name: "flex", request: { serviceTier: "flex" }, added: { serviceTier: "flex" } },
  { name: "OpenAI's own tiers", request: { serviceTier: "auto" }, added: {} },
  {
    name: "knobs Gemini does not have",
    request: { minP: 0.1, logitBias: { 1: 2 }, verbosity: "low", extras: { repetition_penalty: 1.1, store: false, nothing: null } },
    added: {},
    warns: ["min_p, logit_bias, verbosity, repetition_penalty were dropped"],
  },
  {
    name: "the profile drops and renames",
    request: { seed: 1, topK: 2 },
    profile: { ...GEMINI_3, drop: ["seed"], rename: { topK: "top_k" } },
    added: { generationConfig: { top_k: 2 } },
    warns: ["seed was left out"],
  },
  {
    name: "what a client of Gemini's said in words that only Gemini has stands where it stood; what stood beside a part has lost its place",
    request: { origin: "gemini", topK: 2, extras: { safetySettings: [{}], "generationConfig.mediaResolution": "LOW", "parts.videoMetadata": true } },
    added: { generationConfig: { mediaResolution: "LOW", topK: 2 }, safetySettings: [{}] },
    warns: ["parts.videoMetadata was dropped"],
  },
  {
    name: "the same words of anybody else's client do not",
    request: { origin: "openai-chat", extras: { safetySettings: [{}], "generationConfig.mediaResolution": "LOW" } },
    added: {},
    warns: ["safetySettings, generationConfig.mediaResolution were dropped"],
  },
];

describe("settings", () => {
  test.each(CONFIG.map((row) => [row.name, row] as const))("%s", (_name, { request, profile, added, warns }) => {
    const { body, warnings } = written(request, profile);
    expect(body).toEqual({ contents: CONTENTS, ...added });
    expect(warnings).toHaveLength(warns?.length ?? 0);
    for (const [index, words] of (warns ?? []).entries()) expect(warnings[index]).toContain(words);
  });
});

const REFUSED: readonly [name: string, request: Partial<ChatRequest>, profile: Partial<Profile>, param: string, says: string][] = [
  ["an image by address", { messages: [system("s"), user("look", byUrl("https://example.com/a.png"))] }, GEMINI_3, "messages[1].content[1]", "data: URL"],
  [
    "an image by plain http, even so",
    { messages: [user(byUrl("http://example.com/a.png"))] },
    { ...GEMINI_3, imageUrls: true },
    "messages[0].content[0]",
    "data: URL",
  ],
  [
    "another provider's file",
    { messages: [user({ type: "file", media: { kind: "stored", id: "file-abc" } })] },
    GEMINI_3,
    "messages[0].content[0]",
    "file-abc",
  ],
  ["arguments that are a list", { tools: [{ name: "a" }, { name: "b", parameters: { type: "array" } }] }, GEMINI_3, "tools[1].parameters", "object"],
  ["a tool name too long", { tools: [{ name: "x".repeat(200) }] }, GEMINI_3, "tools[0].name", "128"],
  [
    "a begun answer where none is continued",
    { messages: [user("a"), assistant({ type: "text", text: "b" })] },
    { ...GEMINI_3, prefill: false },
    "messages[1]",
    "last message",
  ],
  ["nothing to say", { messages: [user(" ")] }, GEMINI_3, "messages", "no content"],
];

describe("refused", () => {
  test.each(REFUSED)("%s", (_name, request, profile, param, says) => {
    try {
      written(request, profile);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
      const failure = error as Failure;
      expect(failure.kind).toBe("invalid-request");
      expect(failure.facts.param).toBe(param);
      expect(failure.message).toContain(says);
    }
  });
});
