import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";
import { type Conversation, eventsIn, given, type Heard, NOTHING, type Speaker, type Turn } from "../conversation.ts";

/** A client of Google's generateContent. */
export const gemini: Speaker = {
  dialect: "gemini",
  ask: (conversation, model, stream) => ({
    path: `/v1beta/models/${encodeURIComponent(model)}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: bodyOf(conversation),
  }),
  hearWhole: (text) => heardOf([objectOf(parseJson(text))], []),
  hearStream(text) {
    const events = eventsIn(text);
    const problems = events.flatMap(({ event, data }) => [
      ...(event === "" ? [] : [`an event called ${event}`]),
      ...(isObject(data) ? [] : [`not a frame: ${String(data).slice(0, 80)}`]),
    ]);
    return heardOf(
      events.map(({ data }) => objectOf(data)),
      problems,
    );
  },
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

function heardOf(frames: readonly JsonObject[], found: readonly string[]): Heard {
  const problems = [...found];
  const failed = frames.find((frame) => isObject(frame["error"]));
  const candidates = frames.flatMap((frame) => listOf(frame["candidates"]).map(objectOf)).filter((candidate) => (candidate["index"] ?? 0) === 0);
  const parts = candidates.flatMap((candidate) => listOf(objectOf(candidate["content"])["parts"]).map(objectOf));
  const text = parts.map((part) => (part["thought"] === true ? "" : (stringOf(part["text"]) ?? ""))).join("");
  if (failed !== undefined) return { ...NOTHING, text, error: stringOf(objectOf(failed["error"])["message"]) ?? "an error without a message", problems };
  // Google's own calls have an id on its newer models only.
  const calls = parts.flatMap(({ functionCall: call }, index) =>
    isObject(call) ? [{ id: stringOf(call["id"]) ?? `call ${index}`, name: stringOf(call["name"]) ?? "", arguments: call["args"] }] : [],
  );
  const reasons = candidates.flatMap((candidate) => stringOf(candidate["finishReason"]) ?? []);
  if (reasons.length !== 1) problems.push(`${reasons.length} reasons to finish`);
  const reason = reasons[0];
  const usage = objectOf(frames.findLast((frame) => isObject(frame["usageMetadata"]))?.["usageMetadata"]);
  const count = (name: string) => numberOf(usage[name]) ?? 0;
  return {
    text,
    thinking: parts.map((part) => (part["thought"] === true ? (stringOf(part["text"]) ?? "") : "")).join(""),
    calls,
    finish: reason === "MAX_TOKENS" ? "length" : reason === "STOP" ? (calls.length > 0 ? "calls" : "done") : reason === undefined ? undefined : "refused",
    usage:
      usage["promptTokenCount"] === undefined
        ? undefined
        : { prompt: count("promptTokenCount"), output: count("candidatesTokenCount") + count("thoughtsTokenCount") },
    problems,
  };
}
