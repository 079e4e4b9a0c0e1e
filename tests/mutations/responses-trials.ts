import { chatOutbound } from "../../src/dialects/index.ts";
import { openaiResponsesInbound } from "../../src/dialects/openai-responses/inbound.ts";
import { incoming } from "../../src/dialects/shared/incoming.fixture.ts";
import { signatureMemory } from "../../src/gateway/attempts/signatures.ts";
import { profileFor } from "../../src/providers/index.ts";
import type { ChatEvent } from "../../src/vocabulary/events.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { recordings } from "../recordings/recordings.ts";
import type { Mutator } from "./mutate.ts";
import type { Seeds } from "./seeds.ts";
import { checkSent, DESTINATIONS, eventsOf, FACTS, refusedBy, streamed, type Trial, type Verdict } from "./trials.ts";

const MADE: JsonObject = {
  model: "m",
  instructions: "Be brief.",
  input: [
    { type: "additional_tools", role: "developer", tools: [{ type: "namespace", name: "n", tools: [{ type: "function", name: "f" }] }] },
    {
      role: "user",
      content: [
        { type: "input_text", text: "What is this?", prompt_cache_breakpoint: { mode: "explicit" } },
        { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "low" },
        { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" },
      ],
    },
    { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "anthropic-messages:c2ln" },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "Let me look.", annotations: [] }] },
    { type: "function_call", id: "fc_1", call_id: "call_1", name: "f", namespace: "n", arguments: '{"a":1}', status: "completed" },
    { type: "custom_tool_call", call_id: "call_2", name: "patch", input: "x" },
    { type: "function_call_output", call_id: "call_1", output: "found" },
    { type: "custom_tool_call_output", call_id: "call_2", output: [{ type: "input_text", text: "done" }] },
    { type: "local_shell_call", call_id: "call_3", action: { type: "exec", command: ["ls"] } },
    { type: "web_search_call", id: "ws_1" },
  ],
  tools: [
    { type: "function", name: "f", description: "d", strict: true, parameters: { type: "object", properties: { a: { type: "integer" } } } },
    { type: "custom", name: "patch", format: { type: "grammar", syntax: "lark", definition: "start: x" } },
    { type: "web_search", external_web_access: false },
  ],
  tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
  text: { format: { type: "json_schema", name: "s", schema: { type: "object", properties: { a: { enum: ["b"] } } } }, verbosity: "low" },
  reasoning: { effort: "low", summary: "auto" },
  include: ["reasoning.encrypted_content", "message.output_text.logprobs"],
  max_output_tokens: 100,
  top_logprobs: 2,
  truncation: "disabled",
  metadata: { user: "ann" },
  stream: true,
};

const REQUESTS = [MADE, ...recordings({ api: "responses" }).flatMap(({ request: { body } }) => (isObject(body) ? [body] : []))];

/** A request that makes no sense is refused by name or written, to every dialect; and answering it can only fail by a failure with a name. */
function responsesRequest(mutator: Mutator, _seeds: Seeds): Verdict {
  const text = JSON.stringify(mutator.mutated(mutator.pick(REQUESTS)));
  const [name, kind, model] = mutator.pick(DESTINATIONS);
  try {
    const call = openaiResponsesInbound.readCall(incoming(text));
    const written = chatOutbound(name).write(signatureMemory().restore(call.request(), "ann", "family"), { model, profile: profileFor(kind, model) });
    checkSent(call.dialect, { dialect: name, kind, body: JSON.parse(written.body) as Json });
    checkStream(streamed(openaiResponsesInbound, call, ANSWERED), openaiResponsesInbound.writeAnswer(ANSWERED, call, FACTS));
    return "passed";
  } catch (thrown) {
    return refusedBy(thrown);
  }
}

const ANSWERED: readonly ChatEvent[] = [
  { type: "start" },
  { type: "tool-call", choice: 0, call: 0, id: "c", name: "n__f" },
  { type: "tool-call", choice: 0, call: 1, id: "c", name: "patch" },
  { type: "finish", choice: 0, reason: "tool-calls" },
  { type: "end" },
];

/** An answer that makes no sense becomes a sound stream: whole, incomplete or failed. */
function responsesAnswer(mutator: Mutator, seeds: Seeds): Verdict {
  let events: readonly ChatEvent[];
  try {
    events = eventsOf(mutator, mutator.pick(seeds.answers));
  } catch (thrown) {
    return refusedBy(thrown);
  }
  const call = openaiResponsesInbound.readCall(incoming(MADE));
  const whole = events.at(-1)?.type === "end";
  checkStream(streamed(openaiResponsesInbound, call, events), whole ? openaiResponsesInbound.writeAnswer(events, call, FACTS) : undefined);
  return whole ? "passed" : "refused";
}

const LAST = new Set<Json | undefined>(["response.completed", "response.incomplete", "response.failed", "error"]);

/** Every event is numbered and named; items open one at a time and in order, each ends as it is in the response; the last event is the last. */
function checkStream(text: string, answer: string | undefined): void {
  const items: Json[] = [];
  let open: number | undefined;
  let last: JsonObject = {};
  const frames = text.split("\n\n").filter(Boolean);
  frames.forEach((frame, index) => {
    const [, name, data = ""] = /^event: (\S+)\ndata: (.+)$/.exec(frame) ?? [];
    last = objectOf(JSON.parse(data));
    if (last["type"] !== name || last["sequence_number"] !== index) throw new Error(`event ${index} is ${frame.slice(0, 200)}`);
    if (LAST.has(name) !== (index === frames.length - 1)) throw new Error(`${name} is event ${index} of ${frames.length}`);
    const at = last["output_index"];
    if (name === "response.output_item.added") {
      if (open !== undefined || at !== items.length) throw new Error(`item ${at} opens after ${items.length}, while ${open} is open`);
      open = items.length;
    } else if (at !== undefined && at !== open) throw new Error(`${name} is of item ${at}, while ${open} is open`);
    if (name !== "response.output_item.done") return;
    items.push(last["item"] ?? null);
    open = undefined;
  });
  const response = objectOf(last["response"]);
  const output = listOf(response["output"]);
  if (last["type"] !== "error" && JSON.stringify(output.slice(0, items.length)) !== JSON.stringify(items)) throw new Error("the response is not what was told");
  if (answer !== undefined && JSON.stringify({ ...objectOf(JSON.parse(answer)), completed_at: 0 }) !== JSON.stringify({ ...response, completed_at: 0 }))
    throw new Error("the whole answer is not the streamed one");
  const ids = output.map((item) => objectOf(item)["call_id"]).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length || ids.some((id) => typeof id !== "string" || id.length < 1 || id.length > 64)) throw new Error(`call ids ${ids}`);
}

export const RESPONSES_TRIALS = { "responses request": responsesRequest, "responses answer": responsesAnswer } as const satisfies Record<string, Trial>;
