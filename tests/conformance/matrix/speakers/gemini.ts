import type { Json, JsonObject } from "../../../../src/vocabulary/json.ts";
import { hearGemini, hearGeminiStream } from "../../hearers/gemini.ts";
import type { Heard } from "../../hearers/heard.ts";
import { type Conversation, given, type Speaker, type Turn, type Understood, understood } from "../conversation.ts";

/** A client of Google's generateContent. */
export const gemini: Speaker = {
  dialect: "gemini",
  ask: (conversation, model, stream) => ({
    path: `/v1beta/models/${encodeURIComponent(model)}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: bodyOf(conversation),
  }),
  hearWhole: (text) => understoodOf(hearGemini(text)),
  hearStream: (text) => understoodOf(hearGeminiStream(text)),
};

function bodyOf({ system, turns, tools, force, schema, think, temperature, maxTokens, stop }: Conversation): JsonObject {
  const config = given({
    temperature,
    maxOutputTokens: maxTokens,
    stopSequences: stop === undefined ? undefined : [...stop],
    responseMimeType: schema === undefined ? undefined : "application/json",
    responseJsonSchema: schema,
    thinkingConfig: think ? { includeThoughts: true, thinkingBudget: 2000 } : undefined,
  });
  return given({
    systemInstruction: system === undefined ? undefined : { parts: [{ text: system }] },
    contents: turns.map(contentOf),
    tools:
      tools === undefined
        ? undefined
        : [{ functionDeclarations: tools.map(({ name, description, parameters }) => ({ name, description, parametersJsonSchema: parameters })) }],
    toolConfig: force === undefined ? undefined : { functionCallingConfig: { mode: "ANY", allowedFunctionNames: [force] } },
    generationConfig: Object.keys(config).length === 0 ? undefined : config,
  });
}

function contentOf(turn: Turn): Json {
  if ("results" in turn)
    return { role: "user", parts: turn.results.map(({ id, name, text }) => ({ functionResponse: { id, name, response: { output: text } } })) };
  if ("assistant" in turn) {
    const calls = (turn.calls ?? []).map(({ id, name, arguments: args }) => ({ functionCall: { id, name, args } }));
    return { role: "model", parts: [...(turn.assistant === "" ? [] : [{ text: turn.assistant }]), ...calls] };
  }
  const image = turn.image === undefined ? [] : [{ inlineData: { mimeType: "image/png", data: turn.image } }];
  return { role: "user", parts: [{ text: turn.user }, ...image] };
}

function understoodOf(heard: Heard): Understood {
  const { finish, calls } = heard;
  const why = finish === "MAX_TOKENS" ? "length" : finish === "STOP" ? (calls.length > 0 ? "calls" : "done") : finish === undefined ? undefined : "refused";
  return understood(heard, why, ["promptTokenCount"], ["candidatesTokenCount", "thoughtsTokenCount"]);
}
