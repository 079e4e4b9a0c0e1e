import { describe, expect, test } from "bun:test";
import { anthropicMessagesOutbound } from "../../../src/dialects/anthropic-messages/outbound.ts";
import { anthropic } from "../../../src/providers/anthropic.ts";
import { type Translation, translations } from "../../recordings/recordings.ts";
import { type Decision, differences, verdict } from "../recorded/differential.ts";
import { bothSides } from "./both-sides.ts";

/**
 * Our translation of OpenAI chats to Anthropic and back beside another gateway's, which was checked against the real service. Each
 * difference is a bug of ours or a row of this table.
 */
const DECISIONS: readonly Decision[] = [
  {
    kind: "request",
    cases: "*",
    path: /^(max_tokens: ours 16000, theirs 4096$|thinking\.budget_tokens: ours \d+, theirs (1024|4096)$)/,
    why: "No bound means a long answer, and the budget is a share of it: docs/decisions/0005-claude-max-tokens.md.",
  },
  {
    kind: "request",
    cases: "nMultipleCompletionsParam",
    path: /^(refused: ours "n"|max_tokens: ours undefined|messages: ours undefined)/,
    why: "They answer with one choice where two were asked for, without a word; ours is a 400 at n.",
  },
  {
    kind: "request",
    cases: "opus47AdaptiveThinkingReasoningEffortParam",
    path: /^thinking\.display: ours "summarized", theirs undefined$/,
    why: "From Opus 4.7 on thinking comes back empty unless asked for; a chat client that asks for reasoning expects to read it.",
  },
  {
    kind: "request",
    cases: "reasoningEffortLowParam reasoningSummaryParam",
    path: /^thinking: ours \{"type":"adaptive","display":"summarized"\}, theirs undefined$/,
    why: "Effort alone leaves Opus 4.6 without thinking; a client that asks for reasoning gets it.",
  },
  {
    kind: "streaming",
    cases: "simpleRequest",
    path: /^choices\.(0\.text: ours "The capital|1: ours undefined)/,
    why: "They count content blocks as choices, so the text after the thinking arrives as a second answer; there is one choice.",
  },
];

const HAND_MADE: readonly Translation[] = [
  {
    from: "openai-chat",
    to: "anthropic-messages",
    case: "hand-made",
    kind: "request",
    client_request: {
      model: "m",
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: "u" },
        { role: "assistant", content: null, tool_calls: [{ id: "c1", type: "function", function: { name: "add", arguments: '{"a":1}' } }] },
        { role: "tool", tool_call_id: "c1", content: "2" },
      ],
      tools: [{ type: "function", function: { name: "add" } }],
      tool_choice: "required",
      max_completion_tokens: 9,
    },
    expected_upstream_request: {
      model: "claude-sonnet-4-5-20250929",
      system: "s",
      messages: [
        { role: "user", content: "u" },
        { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "add", input: { a: 1 } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "2" }] },
      ],
      tools: [{ name: "add", input_schema: { type: "object", properties: {} } }],
      tool_choice: { type: "any" },
      max_tokens: 9,
    },
  },
  {
    from: "openai-chat",
    to: "anthropic-messages",
    case: "hand-made",
    kind: "response",
    client_request: { model: "m", messages: [{ role: "user", content: "u" }] },
    upstream_response: {
      id: "msg_1",
      type: "message",
      model: "claude-x",
      content: [
        { type: "thinking", thinking: "Hm.", signature: "sig" },
        { type: "tool_use", id: "t1", name: "add", input: { a: 1 } },
      ],
      stop_reason: "tool_use",
      usage: { input_tokens: 1, cache_read_input_tokens: 4, output_tokens: 2 },
    },
    expected_client_response: {
      choices: [
        {
          index: 0,
          finish_reason: "tool_calls",
          message: {
            role: "assistant",
            annotations: [],
            reasoning: "Hm.",
            tool_calls: [{ id: "t1", type: "function", function: { name: "add", arguments: '{"a":1}' } }],
          },
        },
      ],
      model: "claude-x",
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7, prompt_tokens_details: { cached_tokens: 4 } },
    },
  },
  {
    from: "openai-chat",
    to: "anthropic-messages",
    case: "hand-made",
    kind: "streaming",
    client_request: { model: "m", messages: [{ role: "user", content: "u" }] },
    upstream_response: [
      { type: "message_start", message: { id: "msg_1", model: "claude-x", usage: { input_tokens: 1, output_tokens: 1 } } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "a" } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "max_tokens" }, usage: { output_tokens: 2 } },
      { type: "message_stop" },
    ],
    expected_client_sse:
      'data: {"choices":[{"delta":{"content":"a","role":"assistant"},"finish_reason":"length","index":0}],"model":"claude-x","usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\ndata: [DONE]\n\n',
  },
];

const cases = [...HAND_MADE, ...translations("openai-chat", "anthropic-messages"), ...translations("openai-chat", "anthropic-vertex")];
const compared = cases.map((one) => {
  const { ours, theirs } = bothSides(one, { outbound: anthropicMessagesOutbound, provider: anthropic, ids: "same ids" });
  return { kind: one.kind, case: one.case, found: differences(ours, theirs) };
});

describe("openai-chat to anthropic-messages, beside another gateway", () => {
  const { open, used } = verdict("openai-chat to anthropic-messages", compared, DECISIONS);

  test("no difference is open", () => {
    expect(open).toEqual([]);
  });

  test("every decision still decides something", () => {
    expect(used.size).toBe(cases.length > HAND_MADE.length ? DECISIONS.length : 0);
  });
});
