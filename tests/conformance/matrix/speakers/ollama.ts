import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";
import { type Conversation, given, type Heard, NOTHING, type Speaker, type Turn } from "../conversation.ts";

/** A client of Ollama's own API. */
export const ollama: Speaker = {
  dialect: "ollama",
  ask: (conversation, model, stream) => ({ path: "/api/chat", body: bodyOf(conversation, model, stream) }),
  hearWhole: (text) => heardOf([objectOf(parseJson(text))], []),
  hearStream(text) {
    const lines = text.split("\n").filter((line) => line !== "");
    const problems = lines.flatMap((line) => (isObject(parseJson(line)) ? [] : [`not a line of JSON: ${line.slice(0, 80)}`]));
    return heardOf(
      lines.map((line) => objectOf(parseJson(line))),
      problems,
    );
  },
};

function bodyOf({ system, turns, tools, schema, think, temperature, maxTokens, stop }: Conversation, model: string, stream: boolean): JsonObject {
  const options = given({ temperature, num_predict: maxTokens, stop: stop === undefined ? undefined : [...stop] });
  return given({
    model,
    stream: stream ? undefined : false,
    messages: [...(system === undefined ? [] : [{ role: "system", content: system }]), ...turns.flatMap(messagesOf)],
    tools: tools?.map(({ name, description, parameters }) => ({ type: "function", function: { name, description, parameters } })),
    format: schema,
    think: think ? true : undefined,
    options: Object.keys(options).length === 0 ? undefined : options,
  });
}

function messagesOf(turn: Turn): Json[] {
  if ("results" in turn) return turn.results.map(({ name, text }) => ({ role: "tool", tool_name: name, content: text }));
  if ("assistant" in turn) {
    const calls = turn.calls?.map(({ name, arguments: asked }) => ({ function: { name, arguments: asked } }));
    return [given({ role: "assistant", content: turn.assistant, tool_calls: calls })];
  }
  return [given({ role: "user", content: turn.user, images: turn.image === undefined ? undefined : [turn.image] })];
}

const FINISH = new Map<Json | undefined, Heard["finish"]>([
  ["length", "length"],
  ["content_filter", "refused"],
]);

function heardOf(lines: readonly JsonObject[], found: readonly string[]): Heard {
  const problems = [...found];
  const failed = lines.find((line) => line["error"] !== undefined);
  const messages = lines.map((line) => objectOf(line["message"]));
  const text = messages.map((message) => stringOf(message["content"]) ?? "").join("");
  if (failed !== undefined) return { ...NOTHING, text, error: stringOf(failed["error"]) ?? "an error that is no text", problems };
  if (lines.some((line) => typeof line["model"] !== "string" || typeof line["created_at"] !== "string")) problems.push("a line without model or time");
  if (lines.findIndex((line) => line["done"] === true) !== lines.length - 1) problems.push("the last line, and no other, is done");
  const calls = messages
    .flatMap((message) => listOf(message["tool_calls"]).map((call) => objectOf(objectOf(call)["function"])))
    .map((called, index) => ({ id: `call ${index}`, name: stringOf(called["name"]) ?? "", arguments: called["arguments"] }));
  const last = objectOf(lines.at(-1));
  const reason = last["done_reason"];
  const prompt = numberOf(last["prompt_eval_count"]);
  return {
    text,
    thinking: messages.map((message) => stringOf(message["thinking"]) ?? "").join(""),
    calls,
    finish: FINISH.get(reason) ?? (reason === "stop" ? (calls.length > 0 ? "calls" : "done") : undefined),
    usage: prompt === undefined ? undefined : { prompt, output: numberOf(last["eval_count"]) ?? -1 },
    problems,
  };
}
