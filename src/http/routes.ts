import { anthropicCount } from "../dialects/anthropic-messages/count.ts";
import { anthropicMessagesInbound } from "../dialects/anthropic-messages/inbound.ts";
import { openaiChatInbound } from "../dialects/openai-chat/inbound.ts";
import { openaiCompletionsInbound } from "../dialects/openai-completions/inbound.ts";
import { openaiEmbeddingsInbound } from "../dialects/openai-embeddings/inbound.ts";
import { IMAGE_EDITS, IMAGES, MODERATIONS, RERANK, type Relay, SPEECH, TRANSCRIPTIONS, TRANSLATIONS } from "../dialects/openai-relay/relays.ts";
import { responsesCount } from "../dialects/openai-responses/count.ts";
import { openaiResponsesInbound } from "../dialects/openai-responses/inbound.ts";
import { serveBatch, serveBatchCreation, serveBatches, serveCancellation } from "../gateway/batches/serve-batches.ts";
import { serveFile, serveFileRemoval, serveFiles, serveUpload } from "../gateway/batches/serve-files.ts";
import { serveForget, serveKept } from "../gateway/responses/serve-kept.ts";
import { serveResponses } from "../gateway/responses/serve-responses.ts";
import { type ChatDoor, serveChat } from "../gateway/serve-chat.ts";
import { serveCount } from "../gateway/serve-count.ts";
import { serveEmbeddings } from "../gateway/serve-embeddings.ts";
import { serveEstimate } from "../gateway/serve-estimate.ts";
import { serveGeminiModels } from "../gateway/serve-gemini-models.ts";
import { serveModels } from "../gateway/serve-models.ts";
import { serveMyLimits } from "../gateway/serve-my-limits.ts";
import { serveRelay } from "../gateway/serve-relay.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import { type Exchange, type Handle, jsonReply, type Route } from "../gateway/visit/exchange.ts";
import { Failure } from "../vocabulary/failure.ts";
import { geminiRoutes, isGoogleClient } from "./gemini-routes.ts";
import { ollamaRoutes } from "./ollama-routes.ts";

const CHAT: ChatDoor = { face: openaiChatInbound, operation: "chat" };
const CHAT_STREAM: ChatDoor = { face: openaiChatInbound, operation: "chat", alwaysStream: true };
const MESSAGES: ChatDoor = { face: anthropicMessagesInbound, operation: "chat" };
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

/** Health pages and metrics. */
export interface OpenHandlers {
  readonly health: Handle;
  readonly live: Handle;
  readonly ready: Handle;
  readonly circuits: Handle;
  readonly metrics: Handle;
}

/** What an operator may turn off. */
export interface RouteOptions {
  /** Ollama's own API. */
  readonly ollama: boolean;
}

/** Everything clients and probes may ask. */
export function clientRoutes(box: Signalbox, open: OpenHandlers, { ollama }: RouteOptions): Route[] {
  const models: Handle = (exchange) => (isGoogleClient(exchange) ? serveGeminiModels(exchange, box) : serveModels(exchange, box));
  return [
    ...versioned("POST", "/chat/completions", (exchange) => serveChat(exchange, CHAT, box), { face: CHAT.face }),
    ...versioned("POST", "/chat/completions/stream", (exchange) => serveChat(exchange, CHAT_STREAM, box), { face: CHAT.face }),
    ...versioned("POST", "/completions", (exchange) => serveChat(exchange, COMPLETIONS, box), { face: COMPLETIONS.face }),
    ...versioned("POST", "/responses", (exchange) => serveResponses(exchange, box), { face: openaiResponsesInbound }),
    ...versioned("GET", "/responses", refuseSocket, { face: openaiResponsesInbound, admits: "anyone" }),
    ...versioned("GET", "/responses/*", (exchange) => serveKept(exchange, box), { face: openaiResponsesInbound, admits: "read-only" }),
    ...versioned("DELETE", "/responses/*", (exchange) => serveForget(exchange, box), { face: openaiResponsesInbound }),
    ...versioned("POST", "/responses/input_tokens", (exchange) => serveCount(exchange, responsesCount, box), { face: responsesCount }),
    ...versioned("POST", "/messages", (exchange) => serveChat(exchange, MESSAGES, box), { face: MESSAGES.face }),
    ...versioned("POST", "/messages/count_tokens", (exchange) => serveCount(exchange, anthropicCount, box), { face: anthropicCount }),
    ...versioned("POST", "/embeddings", (exchange) => serveEmbeddings(exchange, openaiEmbeddingsInbound, box), { face: openaiEmbeddingsInbound }),
    ...versioned("POST", "/files", (exchange) => serveUpload(exchange, box)),
    ...versioned("GET", "/files", (exchange) => serveFiles(exchange, box), { admits: "read-only" }),
    ...versioned("GET", "/files/*", (exchange) => serveFile(exchange, box), { admits: "read-only" }),
    ...versioned("DELETE", "/files/*", (exchange) => serveFileRemoval(exchange, box)),
    ...versioned("POST", "/batches", (exchange) => serveBatchCreation(exchange, box)),
    ...versioned("GET", "/batches", (exchange) => serveBatches(exchange, box), { admits: "read-only" }),
    ...versioned("GET", "/batches/*", (exchange) => serveBatch(exchange, box), { admits: "read-only" }),
    ...versioned("POST", "/batches/*", (exchange) => serveCancellation(exchange, box)),
    ...RELAYS.flatMap(([path, relay]) => versioned("POST", path, (exchange) => serveRelay(exchange, relay, box))),
    { method: "POST", path: "/billing/estimate", admits: "member", handle: (exchange) => serveEstimate(exchange, box) },
    // Cohere's second version says the same at another address.
    { method: "POST", path: "/v2/rerank", admits: "member", handle: (exchange) => serveRelay(exchange, RERANK, box) },
    { method: "GET", path: "/api/me/limits", admits: "read-only", handle: (exchange) => serveMyLimits(exchange, box) },
    ...versioned("GET", "/models", models, { admits: "read-only" }),
    ...versioned("GET", "/models/*", models, { admits: "read-only" }),
    ...geminiRoutes(box),
    // Claude Code opens its connection with it; any answer will do.
    { method: "HEAD", path: "/api/hello", admits: "anyone", handle: () => jsonReply({ status: "alive" }) },
    ...(ollama ? ollamaRoutes(box) : []),
    { method: "GET", path: "/health", admits: "anyone", handle: open.health },
    { method: "GET", path: "/health/circuit-breakers", admits: "trusted", handle: open.circuits },
    { method: "GET", path: "/live", admits: "anyone", handle: open.live },
    { method: "GET", path: "/ready", admits: "anyone", handle: open.ready },
    { method: "GET", path: "/metrics", admits: "trusted", handle: open.metrics },
  ];
}

/** OpenAI's and Anthropic's routes answer with and without `/v1`, for base URLs written either way. */
function versioned(method: string, path: string, handle: Handle, { face, admits = "member" }: Partial<Pick<Route, "face" | "admits">> = {}): Route[] {
  return [
    { method, path: `/v1${path}`, admits, handle, face },
    { method, path, admits, handle, face },
  ];
}

/** Codex asks for a WebSocket first. Told 426 it falls back to HTTP at once; after a 404 it would try for seconds. */
function refuseSocket({ headers }: Exchange): never {
  if (headers.get("upgrade") === null) throw new Failure("method-not-allowed", "/v1/responses takes POST, not GET.");
  throw new Failure("upgrade-required", "Responses are served over HTTP here, not over WebSocket. Send the request as POST /v1/responses.");
}
