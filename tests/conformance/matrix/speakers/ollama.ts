import type { Json, JsonObject } from "../../../../src/vocabulary/json.ts";
import { type HeardOllama, hearOllama, hearOllamaStream } from "../../hearers/ollama.ts";
import { type Conversation, given, type Speaker, type Turn, type Understood, understood } from "../conversation.ts";

/** A client of Ollama's own API. */
export const ollama: Speaker = {
  dialect: "ollama",
  ask: (conversation, model, stream) => ({ path: "/api/chat", body: bodyOf(conversation, model, stream) }),
  hearWhole: (text) => understoodOf(hearOllama(text)),
  hearStream: (text) => understoodOf(hearOllamaStream(text)),
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

const FINISH = new Map<string | undefined, Understood["finish"]>([
  ["length", "length"],
  ["content_filter", "refused"],
]);

function understoodOf(heard: HeardOllama): Understood {
  const { finish, calls } = heard;
  const why = FINISH.get(finish) ?? (finish === "stop" ? (calls.length > 0 ? "calls" : "done") : undefined);
  return understood(heard, why, ["prompt_eval_count"], ["eval_count"]);
}
