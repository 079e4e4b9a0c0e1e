import { anthropicCount } from "../../src/dialects/anthropic-messages/count.ts";
import { anthropicMessagesInbound } from "../../src/dialects/anthropic-messages/inbound.ts";
import { geminiEmbeddingsInbound } from "../../src/dialects/gemini/inbound/embeddings.ts";
import { geminiCountInbound, geminiInbound } from "../../src/dialects/gemini/inbound.ts";
import { ollamaEmbedInbound, ollamaOldEmbeddingsInbound } from "../../src/dialects/ollama/inbound/embeddings.ts";
import { ollamaChatInbound, ollamaGenerateInbound } from "../../src/dialects/ollama/inbound.ts";
import { openaiChatInbound } from "../../src/dialects/openai-chat/inbound.ts";
import { openaiCompletionsInbound } from "../../src/dialects/openai-completions/inbound.ts";
import { openaiEmbeddingsInbound } from "../../src/dialects/openai-embeddings/inbound.ts";
import { responsesCount } from "../../src/dialects/openai-responses/count.ts";
import { openaiResponsesInbound } from "../../src/dialects/openai-responses/inbound.ts";
import { incoming } from "../../src/dialects/shared/incoming.fixture.ts";
import type { ChatCall, ChatInbound, CountInbound, DialectName, EmbeddingsInbound } from "../../src/vocabulary/dialect.ts";
import { hearMessage, hearMessageStream } from "../conformance/hearers/anthropic-messages.ts";
import { hearGemini, hearGeminiStream } from "../conformance/hearers/gemini.ts";
import { hearOllama, hearOllamaStream } from "../conformance/hearers/ollama.ts";
import { hearChat, hearChatStream } from "../conformance/hearers/openai-chat.ts";
import { hearCompletion, hearCompletionStream } from "../conformance/hearers/openai-completions.ts";
import { type HeardResponse, hearResponse, hearResponseStream } from "../conformance/hearers/openai-responses.ts";
import { COMPLETIONS, GENERATE, OLLAMA, RESPONSES } from "./documents.ts";
import type { Hearer } from "./sound.ts";

/** A face of ours, and how its clients hear what an upstream answers. */
export interface Door {
  readonly face: ChatInbound;
  /** What stands in its path, where the model does. */
  readonly rest?: string;
  /** A call whose answers are written. */
  readonly call: ChatCall;
  readonly hearer: Hearer;
}

const PLAIN = { model: "m", max_tokens: 9, stream: true, stream_options: { include_usage: true }, messages: [{ role: "user", content: "hi" }] };

const RESPONSE: Hearer = {
  stream: hearResponseStream,
  whole: hearResponse,
  document: (heard) => ({ ...(heard as HeardResponse).response, completed_at: 0 }),
};

/** One for each inbound dialect of a chat. */
export const DOORS: readonly Door[] = [
  { face: openaiChatInbound, call: openaiChatInbound.readCall(incoming(PLAIN)), hearer: { stream: hearChatStream, whole: hearChat } },
  {
    face: openaiCompletionsInbound,
    call: openaiCompletionsInbound.readCall(incoming({ ...COMPLETIONS, prompt: "hi", echo: true })),
    hearer: { stream: hearCompletionStream, whole: hearCompletion },
  },
  { face: openaiResponsesInbound, call: openaiResponsesInbound.readCall(incoming(RESPONSES)), hearer: RESPONSE },
  { face: anthropicMessagesInbound, call: anthropicMessagesInbound.readCall(incoming(PLAIN)), hearer: { stream: hearMessageStream, whole: hearMessage } },
  {
    face: geminiInbound,
    rest: "m:streamGenerateContent",
    call: geminiInbound.readCall(incoming({ contents: [{ parts: [{ text: "hi" }] }] }, {}, "m:streamGenerateContent")),
    hearer: { stream: hearGeminiStream, whole: hearGemini },
  },
  { face: ollamaChatInbound, call: ollamaChatInbound.readCall(incoming(OLLAMA)), hearer: { stream: hearOllamaStream, whole: hearOllama } },
  { face: ollamaGenerateInbound, call: ollamaGenerateInbound.readCall(incoming(GENERATE)), hearer: { stream: hearOllamaStream, whole: hearOllama } },
];

/** Faces that embed, by the dialect whose requests they read. */
export const EMBEDDING_DOORS: readonly { readonly face: EmbeddingsInbound; readonly asked: DialectName; readonly rest?: string }[] = [
  { face: openaiEmbeddingsInbound, asked: "openai-embeddings" },
  { face: geminiEmbeddingsInbound, asked: "gemini-embeddings", rest: "m:batchEmbedContents" },
  { face: ollamaEmbedInbound, asked: "ollama-embeddings" },
  { face: ollamaOldEmbeddingsInbound, asked: "ollama-embeddings" },
];

/** Faces that count, by the dialect whose requests they read. */
export const COUNT_DOORS: readonly { readonly face: CountInbound; readonly asked: DialectName; readonly rest?: string }[] = [
  { face: anthropicCount, asked: "anthropic-messages" },
  { face: responsesCount, asked: "openai-responses" },
  { face: geminiCountInbound, asked: "gemini", rest: "m:countTokens" },
];
