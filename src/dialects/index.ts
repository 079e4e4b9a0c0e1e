import type { ChatOutbound, DialectName, EmbeddingsOutbound } from "../vocabulary/dialect.ts";
import { anthropicMessagesOutbound } from "./anthropic-messages/outbound.ts";
import { geminiEmbeddingsOutbound } from "./gemini/embeddings.ts";
import { geminiOutbound } from "./gemini/outbound.ts";
import { ollamaEmbeddingsOutbound } from "./ollama/embeddings.ts";
import { ollamaGenerateOutbound, ollamaOutbound } from "./ollama/outbound.ts";
import { openaiChatOutbound } from "./openai-chat/outbound.ts";
import { openaiCompletionsOutbound } from "./openai-completions/outbound.ts";
import { openaiEmbeddingsOutbound } from "./openai-embeddings/outbound.ts";
import { openaiResponsesOutbound } from "./openai-responses/outbound.ts";

const CHAT: ReadonlyMap<DialectName, ChatOutbound> = new Map(
  [
    openaiChatOutbound,
    openaiResponsesOutbound,
    openaiCompletionsOutbound,
    anthropicMessagesOutbound,
    geminiOutbound,
    ollamaOutbound,
    ollamaGenerateOutbound,
  ].map((dialect) => [dialect.name, dialect]),
);

const EMBEDDINGS: ReadonlyMap<DialectName, EmbeddingsOutbound> = new Map(
  [openaiEmbeddingsOutbound, geminiEmbeddingsOutbound, ollamaEmbeddingsOutbound].map((dialect) => [dialect.name, dialect]),
);

/** How we speak to an upstream of this dialect about chats. Throws for a dialect that has no chats: a mistake in provider data. */
export function chatOutbound(name: DialectName): ChatOutbound {
  const dialect = CHAT.get(name);
  if (dialect === undefined) throw new Error(`the dialect ${name} has no chats`);
  return dialect;
}

/** How we speak to an upstream of this dialect about embeddings. Throws likewise. */
export function embeddingsOutbound(name: DialectName): EmbeddingsOutbound {
  const dialect = EMBEDDINGS.get(name);
  if (dialect === undefined) throw new Error(`the dialect ${name} has no embeddings`);
  return dialect;
}
