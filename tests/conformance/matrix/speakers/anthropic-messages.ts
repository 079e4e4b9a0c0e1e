import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";
import { type Conversation, eventsIn, given, type Heard, NOTHING, type Speaker, type Turn } from "../conversation.ts";

/** A client of Anthropic's Messages. */
export const anthropicMessages: Speaker = {
  dialect: "anthropic-messages",
  ask: (conversation, model, stream) => ({ path: "/v1/messages", body: bodyOf(conversation, model, stream) }),
  hearWhole(text) {
    const json = objectOf(parseJson(text));
    if (json["type"] === "error") return { ...NOTHING, error: stringOf(objectOf(json["error"])["message"]) ?? "an error without a message" };
    const problems = json["type"] === "message" && json["role"] === "assistant" && typeof json["id"] === "string" ? [] : ["no complete message"];
    return heardOf(listOf(json["content"]).map(objectOf), json, objectOf(json["usage"]), problems);
  },
  hearStream,
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

/** The event its data is, and one block open at a time, numbered from 0. */
function hearStream(text: string): Heard {
  const problems: string[] = [];
  const blocks: JsonObject[] = [];
  let open: JsonObject | undefined;
  let input = "";
  let usage: JsonObject = {};
  let ending: JsonObject = {};
  let state: "before" | "within" | "ending" | "over" = "before";
  for (const { event, data } of eventsIn(text)) {
    const json = objectOf(data);
    if (json["type"] !== event) problems.push(`the event ${event} says it is ${json["type"]}`);
    if (state === "over") problems.push(`${event} after the end`);
    if (event === "error")
      return { ...NOTHING, text: textOf(blocks), error: stringOf(objectOf(json["error"])["message"]) ?? "an error without a message", problems };
    const index = json["index"];
    switch (event) {
      case "ping":
        break;
      case "message_start":
        if (state !== "before") problems.push("a second message_start");
        state = "within";
        usage = { ...objectOf(objectOf(json["message"])["usage"]) };
        if (objectOf(json["message"])["role"] !== "assistant") problems.push("the message is nobody's");
        break;
      case "content_block_start":
        if (state !== "within") problems.push("a block outside of the message");
        if (open !== undefined) problems.push("a block is opened inside another");
        if (index !== blocks.length) problems.push(`block ${blocks.length} is called ${index}`);
        open = { ...objectOf(json["content_block"]) };
        blocks.push(open);
        input = "";
        break;
      case "content_block_delta":
        if (open === undefined || index !== blocks.length - 1) problems.push("Content block not found");
        else input += hearDelta(objectOf(json["delta"]), open, problems);
        break;
      case "content_block_stop":
        if (open === undefined || index !== blocks.length - 1) problems.push("a block that is not open is closed");
        else if (open["type"] === "tool_use") open["input"] = parseJson(input === "" ? "{}" : input);
        open = undefined;
        break;
      case "message_delta":
        if (open !== undefined) problems.push("a block is left open");
        state = "ending";
        ending = objectOf(json["delta"]);
        usage = { ...usage, ...objectOf(json["usage"]) };
        break;
      case "message_stop":
        if (state !== "ending") problems.push("it stops without an end");
        state = "over";
        break;
      default:
        problems.push(`an event called ${event}`);
    }
  }
  if (state !== "over") problems.push("no message_stop");
  return heardOf(blocks, ending, usage, problems);
}

const DELTAS = new Map([
  ["text_delta", "text"],
  ["thinking_delta", "thinking"],
  ["signature_delta", "signature"],
]);

function hearDelta(delta: JsonObject, block: JsonObject, problems: string[]): string {
  const type = stringOf(delta["type"]) ?? "";
  if (type === "input_json_delta") {
    if (block["type"] !== "tool_use") problems.push("arguments in a block that is no call");
    return stringOf(delta["partial_json"]) ?? "";
  }
  const field = DELTAS.get(type);
  if (field === undefined) return "";
  if ((field === "text") !== (block["type"] === "text")) problems.push(`Content block is not a ${field} block`);
  block[field] = (stringOf(block[field]) ?? "") + (stringOf(delta[field]) ?? "");
  return "";
}

const FINISH = new Map<Json | undefined, Heard["finish"]>([
  ["end_turn", "done"],
  ["stop_sequence", "done"],
  ["pause_turn", "done"],
  ["max_tokens", "length"],
  ["tool_use", "calls"],
  ["refusal", "refused"],
]);

function heardOf(blocks: readonly JsonObject[], ending: JsonObject, usage: JsonObject, found: readonly string[]): Heard {
  const problems = [...found];
  const calls = blocks.flatMap((block) =>
    block["type"] === "tool_use" ? [{ id: stringOf(block["id"]) ?? "", name: stringOf(block["name"]) ?? "", arguments: block["input"] }] : [],
  );
  for (const { id } of calls) if (!/^[a-zA-Z0-9_-]+$/.test(id)) problems.push(`the call's id ${id}`);
  for (const block of blocks)
    if (block["type"] === "thinking" && typeof block["signature"] !== "string") problems.push("thinking without the field of its signature");
  const counted = [usage["input_tokens"], usage["cache_read_input_tokens"] ?? 0, usage["cache_creation_input_tokens"] ?? 0].map(
    (count) => numberOf(count) ?? 0,
  );
  return {
    text: textOf(blocks),
    thinking: blocks.map((block) => (block["type"] === "thinking" ? (stringOf(block["thinking"]) ?? "") : "")).join(""),
    calls,
    finish: FINISH.get(ending["stop_reason"]),
    usage: isObject(usage) ? { prompt: counted.reduce((sum, count) => sum + count, 0), output: numberOf(usage["output_tokens"]) ?? -1 } : undefined,
    problems,
  };
}

function textOf(blocks: readonly JsonObject[]): string {
  return blocks.map((block) => (block["type"] === "text" ? (stringOf(block["text"]) ?? "") : "")).join("");
}
