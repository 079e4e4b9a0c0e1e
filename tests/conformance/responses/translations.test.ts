import { describe, expect, test } from "bun:test";
import { chatOutbound } from "../../../src/dialects/index.ts";
import { openaiResponsesInbound } from "../../../src/dialects/openai-responses/inbound.ts";
import { incoming } from "../../../src/dialects/shared/incoming.fixture.ts";
import { profileFor } from "../../../src/providers/index.ts";
import type { AnswerFacts } from "../../../src/vocabulary/dialect.ts";
import { Failure } from "../../../src/vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { type Translation, translations } from "../../recordings/recordings.ts";
import { chunksOf, type Decision, differences, verdict } from "../recorded/differential.ts";

/**
 * Our translation of OpenAI Responses to Anthropic and Gemini and back beside another gateway's, which was checked against the real
 * services. Each difference is a bug of ours or a row of this table.
 */
const DECISIONS: Readonly<Record<string, readonly Decision[]>> = {
  "anthropic-messages": [
    {
      kind: "request",
      cases: "*",
      path: /^(max_tokens: ours 16000, theirs 4096$|thinking\.budget_tokens: ours \d+, theirs (1024|4096)$)/,
      why: "No bound means a long answer, and the budget is a share of it: docs/decisions/0005-claude-max-tokens.md.",
    },
    {
      kind: "request",
      cases: "reasoningEffortLowParam reasoningSummaryParam",
      path: /^thinking: ours \{"type":"adaptive"/,
      why: "Effort alone leaves Opus 4.6 without thinking; a client that asks for reasoning gets it, and to read only when it asks for a summary.",
    },
    {
      kind: "request",
      cases: "reasoningRequestTruncated",
      path: /^thinking: ours undefined, theirs \{"budget_tokens":1024/,
      why: "A budget of 1,024 in an answer of 100 tokens is a 400 at Anthropic: thinking is left out with a warning.",
    },
    {
      kind: "request",
      cases: "responsesFunctionCallOutputWithoutThoughtSignatureParam",
      path: /^(messages\[0\]\.content: ours "What|messages\[2\]\.content\[0\]\.content: ours "|tools\[0\]\.strict: ours undefined)/,
      why: "One text is written as a string, an output that is a string stays as it is, and strict: false is the default.",
    },
    {
      kind: "streaming",
      cases: "simpleRequest systemMessageArrayContent",
      path: /^(model|text|proofs\[0\]): /,
      why: "Their last event names a model of their own making, and text after thinking and the proof are lost on the way.",
    },
  ],
  gemini: [
    {
      kind: "request",
      cases: "*",
      path: /^generationConfig\.thinkingConfig\.includeThoughts: ours undefined, theirs true$/,
      why: "A Responses client that wants to read what was thought asks for a summary.",
    },
    {
      kind: "request",
      cases: "openaiServiceTierFastParam",
      path: /^serviceTier: ours undefined/,
      why: "OpenAI's tiers are not Google's: dropped with a warning.",
    },
    {
      kind: "request",
      cases: "reasoningEffortNoneParam",
      path: /^generationConfig\.thinkingConfig\.thinkingLevel: /,
      why: "Unspecified means the model's default, which is a lot of thinking: none becomes the least there is, with a warning.",
    },
    {
      kind: "request",
      cases: "responsesCustomToolCallStreamingParam",
      path: /^tools: ours \[\{"functionDeclarations"/,
      why: "They lose the custom tool without a word.",
    },
    {
      kind: "response",
      cases: "responsesCustomToolCallStreamingParam",
      path: /^(status|usage\.\w+): /,
      why: "They have no answer to it.",
    },
    {
      kind: "request",
      cases: "responsesFunctionCallOutputWithoutThoughtSignatureParam",
      path: /^(contents\[2\]\.parts\[0\]\.functionResponse\.response\.output|tools\[0\]\.functionDeclarations\[0\]\.parametersJsonSchema): /,
      why: "An output that is a string stays one, and a tool without parameters is declared without any.",
    },
    {
      kind: "request",
      cases: "textFormatTextParam",
      path: /^generationConfig: ours undefined, theirs \{"responseMimeType":"text\/plain"\}$/,
      why: "text/plain is Gemini's default.",
    },
    {
      kind: "request",
      cases: "webSearchToolParam",
      path: /^(refused: ours "tools\[0\]\.type"|contents: ours undefined)/,
      why: "They answer without the search that was asked for; ours is a 400 that names the tool.",
    },
    {
      kind: "response",
      cases: "reasoningRequestTruncated",
      path: /^reason: ours "max_output_tokens", theirs null$/,
      why: "An incomplete response says why: Codex and the SDKs read it.",
    },
    {
      kind: "streaming",
      cases: "reasoningRequestTruncated systemMessageArrayContent",
      path: /^reason: ours "max_output_tokens", theirs null$/,
      why: "Likewise.",
    },
  ],
};

const FACTS: AnswerFacts = { model: "public", requestId: "req_1", created: 0 };
const KIND_OF: Readonly<Record<string, string>> = { "anthropic-messages": "anthropic", gemini: "gemini" };

/** Ours and theirs of one case, both in one shape. */
function bothSides(one: Translation): { readonly ours: Json; readonly theirs: Json } {
  const call = openaiResponsesInbound.readCall(incoming({ ...objectOf(one["client_request"]), ...(one.kind === "streaming" ? { stream: true } : {}) }));
  const outbound = chatOutbound(one.to === "gemini" ? "gemini" : "anthropic-messages");
  switch (one.kind) {
    case "request": {
      const { model: named, ...rest } = objectOf(one["expected_upstream_request"]);
      const model = stringOf(named) ?? "";
      const theirs = settled(one.to === "gemini" ? rest : { model, ...rest });
      try {
        const ours = outbound.write(call.request(), { model, profile: profileFor(KIND_OF[one.to] ?? "", model) });
        return { ours: settled(parseJson(ours.body) ?? null), theirs };
      } catch (error) {
        if (error instanceof Failure) return { ours: { refused: error.facts.param ?? error.kind }, theirs };
        throw error;
      }
    }
    case "response": {
      const ours = openaiResponsesInbound.writeAnswer(outbound.readAnswer(one["upstream_response"] as Json), call, FACTS);
      return { ours: answerIn(objectOf(parseJson(ours)), one.to), theirs: answerIn(objectOf(one["expected_client_response"]), one.to) };
    }
    case "streaming": {
      const encoder = openaiResponsesInbound.encoder(call, FACTS);
      const decoder = outbound.decoder();
      const frames = listOf(one["upstream_response"]).map((json) => ({ event: "", data: JSON.stringify(json), raw: new Uint8Array() }));
      const ours = [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()].map((event) => encoder.encode(event)).join("");
      return { ours: answerIn(lastResponse(ours), one.to), theirs: answerIn(lastResponse(stringOf(one["expected_client_sse"]) ?? ""), one.to) };
    }
    default:
      return one.kind satisfies never;
  }
}

function lastResponse(sse: string): JsonObject {
  const events = chunksOf(sse);
  const output = events.filter((event) => event["type"] === "response.output_item.done").map((event) => event["item"] ?? null);
  const last = objectOf(events.at(-1)?.["response"]);
  return { ...last, output: listOf(last["output"]).length > 0 ? last["output"] : output };
}

/** What a client is told in the end. That a proof is marked with whose it is, is ours alone. Ids of calls Gemini gave none are each gateway's own. */
function answerIn(response: JsonObject, to: string): Json {
  const items = listOf(response["output"]).map(objectOf);
  const texts = (of: Json | undefined, field = "text") => listOf(of).map((part) => stringOf(objectOf(part)[field]) ?? "");
  const usage = objectOf(response["usage"]);
  return {
    model: response["model"] ?? null,
    status: response["status"] ?? null,
    reason: objectOf(response["incomplete_details"])["reason"] ?? null,
    text: items
      .filter((item) => item["type"] === "message")
      .flatMap((item) => texts(item["content"]))
      .join(""),
    reasoning: items
      .filter((item) => item["type"] === "reasoning")
      .flatMap((item) => texts(item["summary"]))
      .join(""),
    proofs: items.flatMap((item) => {
      const encrypted = stringOf(item["encrypted_content"]);
      return encrypted === undefined ? [] : [encrypted.replace(/^anthropic-messages:/, "")];
    }),
    calls: items
      .filter((item) => item["type"] === "function_call")
      .map((item) => ({ id: to === "gemini" ? null : item["call_id"], name: item["name"], arguments: item["arguments"] })),
    usage: {
      input: usage["input_tokens"] ?? null,
      output: usage["output_tokens"] ?? null,
      total: usage["total_tokens"] ?? null,
      cached: objectOf(usage["input_tokens_details"])["cached_tokens"] ?? 0,
      reasoning: objectOf(usage["output_tokens_details"])["reasoning_tokens"] ?? 0,
    },
  };
}

/** Without members that are null: another way to say nothing. */
function settled(value: Json): Json {
  if (Array.isArray(value)) return value.map(settled);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, member]) => (member === null || member === undefined ? [] : [[name, settled(member)] as const]));
  return Object.fromEntries(kept.filter(([name, member]) => !(name === "generationConfig" && isObject(member) && Object.keys(member).length === 0)));
}

for (const [to, decisions] of Object.entries(DECISIONS)) {
  const cases = translations("openai-responses", to);
  const compared = cases.map((one) => {
    const { ours, theirs } = bothSides(one);
    return { kind: one.kind, case: one.case, found: differences(ours, theirs) };
  });

  describe(`openai-responses to ${to}, beside another gateway`, () => {
    const { open, used } = verdict(`openai-responses to ${to}`, compared, decisions);

    test("no difference is open", () => {
      expect(open).toEqual([]);
    });

    test("every decision still decides something", () => {
      expect(used.size).toBe(cases.length > 0 ? decisions.length : 0);
    });
  });
}
