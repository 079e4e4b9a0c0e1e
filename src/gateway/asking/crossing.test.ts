import { expect, test } from "bun:test";
import { anthropicMessagesOutbound } from "../../dialects/anthropic-messages/outbound.ts";
import { openaiChatOutbound } from "../../dialects/openai-chat/outbound.ts";
import { crossingBack } from "./crossing.ts";

const ANSWERED = new Headers({
  "openai-processing-ms": "5",
  "set-cookie": "a=b",
  server: "x",
  "x-request-id": "theirs",
  "anthropic-ratelimit-requests-remaining": "7",
  "anthropic-future-thing": "1",
  "anthropic-organization-id": "org-1",
  "anthropic-workspace-id": "wrkspc_1",
});

test("of an OpenAI upstream's headers a few cross", () => {
  expect(crossingBack(ANSWERED, openaiChatOutbound)).toEqual({ "openai-processing-ms": "5" });
});

test("of Anthropic's all that are its own, but not whose account it is, nor what is left of its limits", () => {
  expect(crossingBack(ANSWERED, anthropicMessagesOutbound)).toEqual({ "anthropic-future-thing": "1" });
});
