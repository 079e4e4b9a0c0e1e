import type { Json, JsonObject } from "../../../../src/vocabulary/json.ts";
import { type HeardMessage, hearMessage, hearMessageStream } from "../../hearers/anthropic-messages.ts";
import { type Conversation, given, type Speaker, type Turn, type Understood, understood } from "../conversation.ts";

/** A client of Anthropic's Messages. */
export const anthropicMessages: Speaker = {
  dialect: "anthropic-messages",
  ask: (conversation, model, stream) => ({ path: "/v1/messages", body: bodyOf(conversation, model, stream) }),
  hearWhole: (text) => understoodOf(hearMessage(text)),
  hearStream: (text) => understoodOf(hearMessageStream(text)),
};

function bodyOf({ system, turns, tools, force, schema, think, temperature, maxTokens, stop }: Conversation, model: string, stream: boolean): JsonObject {
  return given({
    model,
    stream: stream || undefined,
    max_tokens: maxTokens ?? 4000,
    system,
    messages: turns.map(messageOf),
    tools: tools?.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })),
    tool_choice: force === undefined ? undefined : { type: "tool", name: force },
    output_config: schema === undefined ? undefined : { format: { type: "json_schema", schema } },
    thinking: think ? { type: "enabled", budget_tokens: 2000 } : undefined,
    temperature,
    stop_sequences: stop === undefined ? undefined : [...stop],
  });
}

function messageOf(turn: Turn): Json {
  if ("results" in turn) return { role: "user", content: turn.results.map(({ id, text }) => ({ type: "tool_result", tool_use_id: id, content: text })) };
  if ("assistant" in turn) {
    const calls = (turn.calls ?? []).map(({ id, name, arguments: input }) => ({ type: "tool_use", id, name, input }));
    return { role: "assistant", content: [...(turn.assistant === "" ? [] : [{ type: "text", text: turn.assistant }]), ...calls] };
  }
  if (turn.image === undefined) return { role: "user", content: turn.user };
  return {
    role: "user",
    content: [
      { type: "text", text: turn.user },
      { type: "image", source: { type: "base64", media_type: "image/png", data: turn.image } },
    ],
  };
}

const FINISH = new Map<string | undefined, Understood["finish"]>([
  ["end_turn", "done"],
  ["stop_sequence", "done"],
  ["pause_turn", "done"],
  ["max_tokens", "length"],
  ["tool_use", "calls"],
  ["refusal", "refused"],
]);

function understoodOf(heard: HeardMessage): Understood {
  return understood(heard, FINISH.get(heard.finish), ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"], ["output_tokens"]);
}
