import type { Json, JsonObject } from "../../../../src/vocabulary/json.ts";
import { type HeardResponse, hearResponse, hearResponseStream } from "../../hearers/openai-responses.ts";
import { type Conversation, given, type Speaker, type Turn, type Understood, understood } from "../conversation.ts";

/** A client of the Responses API. */
export const openaiResponses: Speaker = {
  dialect: "openai-responses",
  ask: (conversation, model, stream) => ({ path: "/v1/responses", body: bodyOf(conversation, model, stream) }),
  hearWhole: (text) => understoodOf(hearResponse(text)),
  hearStream: (text) => understoodOf(hearResponseStream(text)),
};

function bodyOf({ system, turns, tools, force, schema, think, temperature, maxTokens, stop }: Conversation, model: string, stream: boolean): JsonObject {
  return given({
    model,
    stream: stream || undefined,
    store: false,
    instructions: system,
    input: turns.flatMap(itemsOf),
    tools: tools?.map(({ name, description, parameters }) => ({ type: "function", name, description, parameters, strict: false })),
    tool_choice: force === undefined ? undefined : { type: "function", name: force },
    text: schema === undefined ? undefined : { format: { type: "json_schema", name: "answer", schema, strict: true } },
    reasoning: think ? { effort: "high", summary: "auto" } : undefined,
    temperature,
    max_output_tokens: maxTokens,
    // Responses have no stop sequences: a client that wants them says so in vain.
    stop: stop === undefined ? undefined : [...stop],
  });
}

function itemsOf(turn: Turn): Json[] {
  if ("results" in turn) return turn.results.map(({ id, text }) => ({ type: "function_call_output", call_id: id, output: text }));
  if ("assistant" in turn) {
    const calls = (turn.calls ?? []).map(({ id, name, arguments: asked }) => ({
      type: "function_call",
      call_id: id,
      name,
      arguments: JSON.stringify(asked),
    }));
    const content = [{ type: "output_text", text: turn.assistant, annotations: [], logprobs: [] }];
    const said = { type: "message", id: "msg_1", status: "completed", role: "assistant", content };
    return [...(turn.assistant === "" ? [] : [said]), ...calls];
  }
  const image = turn.image === undefined ? [] : [{ type: "input_image", image_url: `data:image/png;base64,${turn.image}`, detail: "auto" }];
  return [{ type: "message", role: "user", content: [{ type: "input_text", text: turn.user }, ...image] }];
}

const FINISH = new Map<string | undefined, Understood["finish"]>([
  ["max_output_tokens", "length"],
  ["content_filter", "refused"],
]);

function understoodOf(heard: HeardResponse): Understood {
  const { finish, refusal, text, calls } = heard;
  const why = FINISH.get(finish) ?? (refusal !== "" ? "refused" : calls.length > 0 ? "calls" : finish === "completed" ? "done" : undefined);
  return understood({ ...heard, text: text + refusal }, why, ["input_tokens"], ["output_tokens"]);
}
