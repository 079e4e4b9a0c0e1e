import type { Json, JsonObject } from "../../../../src/vocabulary/json.ts";
import { type HeardChat, hearChat, hearChatStream } from "../../hearers/openai-chat.ts";
import { type Conversation, given, type Speaker, type Turn, type Understood, understood } from "../conversation.ts";

/** A client of Chat Completions. */
export const openaiChat: Speaker = {
  dialect: "openai-chat",
  ask: (conversation, model, stream) => ({ path: "/v1/chat/completions", body: bodyOf(conversation, model, stream) }),
  hearWhole: (text) => understoodOf(hearChat(text)),
  hearStream: (text) => understoodOf(hearChatStream(text)),
};

function bodyOf({ system, turns, tools, force, schema, think, temperature, maxTokens, stop }: Conversation, model: string, stream: boolean): JsonObject {
  return given({
    model,
    stream: stream || undefined,
    stream_options: stream ? { include_usage: true } : undefined,
    messages: [...(system === undefined ? [] : [{ role: "system", content: system }]), ...turns.flatMap(messagesOf)],
    tools: tools?.map(({ name, description, parameters }) => ({ type: "function", function: { name, description, parameters } })),
    tool_choice: force === undefined ? undefined : { type: "function", function: { name: force } },
    response_format: schema === undefined ? undefined : { type: "json_schema", json_schema: { name: "answer", schema, strict: true } },
    reasoning_effort: think ? "high" : undefined,
    temperature,
    max_completion_tokens: maxTokens,
    stop: stop === undefined ? undefined : [...stop],
  });
}

function messagesOf(turn: Turn): Json[] {
  if ("results" in turn) return turn.results.map(({ id, text }) => ({ role: "tool", tool_call_id: id, content: text }));
  if ("assistant" in turn) {
    const calls = turn.calls?.map(({ id, name, arguments: asked }) => ({ id, type: "function", function: { name, arguments: JSON.stringify(asked) } }));
    return [given({ role: "assistant", content: turn.assistant, tool_calls: calls })];
  }
  if (turn.image === undefined) return [{ role: "user", content: turn.user }];
  return [
    {
      role: "user",
      content: [
        { type: "text", text: turn.user },
        { type: "image_url", image_url: { url: `data:image/png;base64,${turn.image}` } },
      ],
    },
  ];
}

const FINISH = new Map<string, Understood["finish"]>([
  ["stop", "done"],
  ["length", "length"],
  ["tool_calls", "calls"],
  ["content_filter", "refused"],
]);

function understoodOf(heard: HeardChat): Understood {
  const { refusal, text } = heard;
  const finish = refusal === "" ? FINISH.get(heard.finish ?? "") : "refused";
  return understood({ ...heard, text: text + refusal }, finish, ["prompt_tokens"], ["completion_tokens"]);
}
