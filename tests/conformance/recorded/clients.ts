import { anthropicMessagesInbound } from "../../../src/dialects/anthropic-messages/inbound.ts";
import { geminiInbound } from "../../../src/dialects/gemini/inbound.ts";
import { ollamaChatInbound } from "../../../src/dialects/ollama/inbound.ts";
import { openaiChatInbound } from "../../../src/dialects/openai-chat/inbound.ts";
import { openaiResponsesInbound } from "../../../src/dialects/openai-responses/inbound.ts";
import type { ChatInbound } from "../../../src/vocabulary/dialect.ts";
import type { Speaker } from "../matrix/conversation.ts";
import { anthropicMessages } from "../matrix/speakers/anthropic-messages.ts";
import { gemini } from "../matrix/speakers/gemini.ts";
import { ollama } from "../matrix/speakers/ollama.ts";
import { openaiChat } from "../matrix/speakers/openai-chat.ts";
import { openaiResponses } from "../matrix/speakers/openai-responses.ts";

/** A client of one dialect, and our face towards it. */
export interface Client {
  readonly speaker: Speaker;
  readonly face: ChatInbound;
  /** The API of its recordings. */
  readonly api: string;
  /** What stands in its path, where the model does. */
  readonly rest?: string;
}

export const CLIENTS: readonly Client[] = [
  { speaker: openaiChat, face: openaiChatInbound, api: "chat_completions" },
  { speaker: openaiResponses, face: openaiResponsesInbound, api: "responses" },
  { speaker: anthropicMessages, face: anthropicMessagesInbound, api: "anthropic_messages" },
  { speaker: gemini, face: geminiInbound, api: "gemini_generate", rest: "m:generateContent" },
  { speaker: ollama, face: ollamaChatInbound, api: "ollama_chat" },
];
