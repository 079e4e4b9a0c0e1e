import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";
import { type Conversation, eventsIn, given, type Heard, NOTHING, type Speaker, type Turn } from "../conversation.ts";

/** A client of the Responses API. */
export const openaiResponses: Speaker = {
  dialect: "openai-responses",
  ask: (conversation, model, stream) => ({ path: "/v1/responses", body: bodyOf(conversation, model, stream) }),
  hearWhole(text) {
    const json = objectOf(parseJson(text));
    if (isObject(json["error"])) return { ...NOTHING, error: stringOf(json["error"]["message"]) };
    return heardOf(json, []);
  },
  hearStream,
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

function hearStream(text: string): Heard {
  const problems: string[] = [];
  const events = eventsIn(text).map(({ event, data }) => ({ event, json: objectOf(data) }));
  const open = new Map<number, string>();
  const done: Json[] = [];
  let last: JsonObject | undefined;
  let error: string | undefined;
  events.forEach(({ event, json }, index) => {
    const type = stringOf(json["type"]) ?? "";
    if (event !== type) problems.push(`the event ${event} says it is ${type}`);
    if (last !== undefined) problems.push(`${type} after the end`);
    if (json["sequence_number"] !== index && type !== "error") problems.push(`${type} has the number ${json["sequence_number"]}, not ${index}`);
    if (index === 0 && type !== "response.created" && type !== "error") problems.push(`it begins with ${type}`);
    const at = numberOf(json["output_index"]) ?? -1;
    if (type === "response.output_item.added") {
      if (at !== done.length) problems.push(`item ${at} is opened as number ${done.length}`);
      open.set(at, stringOf(objectOf(json["item"])["id"]) ?? "");
    } else if (at >= 0 && !open.has(at)) problems.push(`${type} for item ${at}, which is not open`);
    else if (at >= 0 && type !== "response.output_item.done" && json["item_id"] !== open.get(at)) problems.push(`${type} names the item ${json["item_id"]}`);
    if (type === "response.output_item.done") {
      open.delete(at);
      done.push(json["item"] ?? null);
    }
    if (type === "error") error = stringOf(json["message"]) ?? stringOf(objectOf(json["error"])["message"]) ?? "an error without a message";
    if (type === "response.failed") error = stringOf(objectOf(objectOf(json["response"])["error"])["message"]) ?? "a failure without a message";
    if (["response.completed", "response.incomplete", "response.failed", "error"].includes(type)) last = objectOf(json["response"]);
  });
  if (last === undefined) problems.push("no last event");
  if (error !== undefined) return { ...NOTHING, text: textOf(done), error, problems };
  if (open.size > 0) problems.push(`${open.size} items left open`);
  if (JSON.stringify(last?.["output"]) !== JSON.stringify(done)) problems.push("the items of the last event are not those that were done");
  return heardOf(objectOf(last), problems);
}

function heardOf(response: JsonObject, found: readonly string[]): Heard {
  const problems = [...found];
  const output = listOf(response["output"]).map(objectOf);
  if (response["object"] !== "response" || typeof response["created_at"] !== "number" || typeof response["model"] !== "string")
    problems.push("no complete response");
  const calls = output.flatMap((item) =>
    item["type"] === "function_call"
      ? [{ id: stringOf(item["call_id"]) ?? "", name: stringOf(item["name"]) ?? "", arguments: parseJson(stringOf(item["arguments"]) ?? "") }]
      : [],
  );
  const refused = output.some((item) => listOf(item["content"]).some((part) => objectOf(part)["type"] === "refusal"));
  const reason = objectOf(response["incomplete_details"])["reason"];
  const usage = objectOf(response["usage"]);
  const prompt = numberOf(usage["input_tokens"]);
  return {
    text: textOf(output),
    thinking: output
      .flatMap((item) => (item["type"] === "reasoning" ? listOf(item["summary"]).map((part) => stringOf(objectOf(part)["text"]) ?? "") : []))
      .join("\n\n"),
    calls,
    finish: reason === "max_output_tokens" ? "length" : refused || reason === "content_filter" ? "refused" : calls.length > 0 ? "calls" : "done",
    usage: prompt === undefined ? undefined : { prompt, output: numberOf(usage["output_tokens"]) ?? -1 },
    problems,
  };
}

function textOf(output: readonly Json[]): string {
  const parts = output.flatMap((item) => (objectOf(item)["type"] === "message" ? listOf(objectOf(item)["content"]).map(objectOf) : []));
  return parts.map((part) => stringOf(part["text"]) ?? stringOf(part["refusal"]) ?? "").join("");
}
