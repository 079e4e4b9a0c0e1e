import { chatOutbound } from "../../src/dialects/index.ts";
import { openaiResponsesInbound } from "../../src/dialects/openai-responses/inbound.ts";
import { incoming } from "../../src/dialects/shared/incoming.fixture.ts";
import { signatureMemory } from "../../src/gateway/attempts/signatures.ts";
import { profileFor } from "../../src/providers/index.ts";
import type { ChatEvent } from "../../src/vocabulary/events.ts";
import { isObject, type Json, type JsonObject } from "../../src/vocabulary/json.ts";
import { hearResponse, hearResponseStream } from "../conformance/hearers/openai-responses.ts";
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

/** A strict client finds no fault with the stream, and the whole answer is the streamed one. */
function checkStream(text: string, answer: string | undefined): void {
  const heard = [hearResponseStream(text), ...(answer === undefined ? [] : [hearResponse(answer)])];
  for (const { problems } of heard) if (problems.length > 0) throw new Error(problems.join("; "));
  const [streamed, whole] = heard.map(({ response }) => JSON.stringify({ ...response, completed_at: 0 }));
  if (answer !== undefined && streamed !== whole) throw new Error("the whole answer is not the streamed one");
}

export const RESPONSES_TRIALS = { "responses request": responsesRequest, "responses answer": responsesAnswer } as const satisfies Record<string, Trial>;
