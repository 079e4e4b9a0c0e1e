import { openaiChatInbound } from "../dialects/openai-chat/inbound.ts";
import { openaiCompletionsInbound } from "../dialects/openai-completions/inbound.ts";
import { IMAGE_EDITS, IMAGES, MODERATIONS, RERANK, type Relay, SPEECH, TRANSCRIPTIONS, TRANSLATIONS } from "../dialects/openai-relay/relays.ts";
import { type ChatDoor, serveChat } from "../gateway/serve-chat.ts";
import { serveEmbeddings } from "../gateway/serve-embeddings.ts";
import { serveModels } from "../gateway/serve-models.ts";
import { serveRelay } from "../gateway/serve-relay.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Handle, Route } from "../gateway/visit/exchange.ts";
import type { FailureFace } from "../vocabulary/dialect.ts";

const CHAT: ChatDoor = { face: openaiChatInbound, operation: "chat" };
const CHAT_STREAM: ChatDoor = { face: openaiChatInbound, operation: "chat", alwaysStream: true };
const COMPLETIONS: ChatDoor = { face: openaiCompletionsInbound, operation: "completions" };

/** What is passed on as it is. */
const RELAYS: readonly (readonly [path: string, relay: Relay])[] = [
  ["/rerank", RERANK],
  ["/moderations", MODERATIONS],
  ["/images/generations", IMAGES],
  ["/images/edits", IMAGE_EDITS],
  ["/audio/transcriptions", TRANSCRIPTIONS],
  ["/audio/translations", TRANSLATIONS],
  ["/audio/speech", SPEECH],
];

/** Health pages and metrics: who may see what is decided by whoever made them. */
export interface OpenHandlers {
  readonly health: Handle;
  readonly live: Handle;
  readonly ready: Handle;
  readonly metrics: Handle;
}

/** Everything clients and probes may ask. */
export function clientRoutes(box: Signalbox, open: OpenHandlers): Route[] {
  return [
    ...openai("POST", "/chat/completions", (exchange) => serveChat(exchange, CHAT, box), CHAT.face),
    ...openai("POST", "/chat/completions/stream", (exchange) => serveChat(exchange, CHAT_STREAM, box), CHAT.face),
    ...openai("POST", "/completions", (exchange) => serveChat(exchange, COMPLETIONS, box), COMPLETIONS.face),
    ...openai("POST", "/embeddings", (exchange) => serveEmbeddings(exchange, box)),
    ...RELAYS.flatMap(([path, relay]) => openai("POST", path, (exchange) => serveRelay(exchange, relay, box))),
    // Cohere's second version says the same at another address.
    { method: "POST", path: "/v2/rerank", handle: (exchange) => serveRelay(exchange, RERANK, box) },
    ...openai("GET", "/models", (exchange) => serveModels(exchange, box)),
    ...openai("GET", "/models/*", (exchange) => serveModels(exchange, box)),
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
