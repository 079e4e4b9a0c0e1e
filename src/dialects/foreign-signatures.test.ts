import { expect, test } from "bun:test";
import { profileFor } from "../providers/index.ts";
import type { DialectName } from "../vocabulary/dialect.ts";
import { chatOutbound } from "./index.ts";
import { readChatCall } from "./openai-chat/read-call.ts";
import { responsesProof } from "./shared/conversation/proofs.ts";
import { incoming } from "./shared/incoming.fixture.ts";

/** A client that echoes everything it was ever given, by whomever: Claude's signed thinking and OpenAI's, Gemini's signed text and call. */
const google = (thought_signature: string) => ({ extra_content: { google: { thought_signature } } });
const BODY = JSON.stringify({
  model: "m",
  messages: [
    { role: "user", content: "hi" },
    {
      role: "assistant",
      content: "ok",
      thinking_blocks: [
        { type: "thinking", thinking: "hm", signature: "by-claude" },
        { type: "thinking", thinking: "hm", signature: responsesProof("rs_1", "by-o3") },
      ],
      ...google("by-gemini-on-text"),
      tool_calls: [{ id: "c1", type: "function", function: { name: "f", arguments: "{}" }, ...google("by-gemini-on-a-call") }],
    },
    { role: "tool", tool_call_id: "c1", content: "r" },
  ],
  tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }],
});

test.each<[DialectName, kind: string, model: string, theirs: string[]]>([
  ["anthropic-messages", "anthropic", "claude-sonnet-4-5", ["by-claude"]],
  ["gemini", "gemini", "gemini-3-pro-preview", ["by-gemini-on-text", "by-gemini-on-a-call"]],
  ["ollama", "ollama", "llama3.2", []],
  ["openai-chat", "openai", "gpt-4o", []],
  ["openai-responses", "openai", "o3-pro", ["by-o3"]],
])("%s is shown the signatures of its own kind and nobody else's", (dialect, kind, model, theirs) => {
  const { body } = chatOutbound(dialect).write(readChatCall(incoming(BODY)).request(), { model, profile: profileFor(kind, model) });
  expect(["by-claude", "by-o3", "by-gemini-on-text", "by-gemini-on-a-call"].filter((signature) => body.includes(signature))).toEqual(theirs);
});
