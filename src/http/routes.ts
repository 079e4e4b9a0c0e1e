import { openaiChatInbound } from "../dialects/openai-chat/inbound.ts";
import { openaiCompletionsInbound } from "../dialects/openai-completions/inbound.ts";
import { openaiEmbeddingsInbound } from "../dialects/openai-embeddings/inbound.ts";
import { type ChatDoor, serveChat } from "../gateway/serve-chat.ts";
import { serveEmbeddings } from "../gateway/serve-embeddings.ts";
import { serveGeminiModels } from "../gateway/serve-gemini-models.ts";
import { serveModels } from "../gateway/serve-models.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Handle, Route } from "../gateway/visit/exchange.ts";
import type { FailureFace } from "../vocabulary/dialect.ts";
import { geminiRoutes, isGoogleClient } from "./gemini-routes.ts";

const CHAT: ChatDoor = { face: openaiChatInbound, operation: "chat" };
const CHAT_STREAM: ChatDoor = { face: openaiChatInbound, operation: "chat", alwaysStream: true };
const COMPLETIONS: ChatDoor = { face: openaiCompletionsInbound, operation: "completions" };

/** Health pages and metrics: who may see what is decided by whoever made them. */
export interface OpenHandlers {
  readonly health: Handle;
  readonly live: Handle;
  readonly ready: Handle;
  readonly metrics: Handle;
}

/** Everything clients and probes may ask. */
export function clientRoutes(box: Signalbox, open: OpenHandlers): Route[] {
  const models: Handle = (exchange) => (isGoogleClient(exchange) ? serveGeminiModels(exchange, box) : serveModels(exchange, box));
  return [
    ...openai("POST", "/chat/completions", (exchange) => serveChat(exchange, CHAT, box), CHAT.face),
    ...openai("POST", "/chat/completions/stream", (exchange) => serveChat(exchange, CHAT_STREAM, box), CHAT.face),
    ...openai("POST", "/completions", (exchange) => serveChat(exchange, COMPLETIONS, box), COMPLETIONS.face),
    ...openai("POST", "/embeddings", (exchange) => serveEmbeddings(exchange, openaiEmbeddingsInbound, box)),
    ...openai("GET", "/models", models),
    ...openai("GET", "/models/*", models),
    ...geminiRoutes(box),
    { method: "GET", path: "/health", handle: open.health },
    { method: "GET", path: "/live", handle: open.live },
    { method: "GET", path: "/ready", handle: open.ready },
    { method: "GET", path: "/metrics", handle: open.metrics },
  ];
}

/** OpenAI's routes answer with and without `/v1`, for base URLs written either way. */
function openai(method: string, path: string, handle: Handle, face?: FailureFace): Route[] {
  return [
    { method, path: `/v1${path}`, handle, face },
    { method, path, handle, face },
  ];
}
