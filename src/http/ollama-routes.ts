import { ollamaEmbedInbound, ollamaOldEmbeddingsInbound } from "../dialects/ollama/inbound/embeddings.ts";
import { ollamaChatInbound, ollamaGenerateInbound } from "../dialects/ollama/inbound.ts";
import { refuseManagement, servePull, serveRunning, serveRunningModels, serveShow, serveTags, serveVersion } from "../gateway/ollama/pages.ts";
import { serveOllama } from "../gateway/ollama/serve-ollama.ts";
import { serveEmbeddings } from "../gateway/serve-embeddings.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Admits, Handle, Route } from "../gateway/visit/exchange.ts";

/** Ollama's own API. Its paths are exact: what else there is under `/api` is not Ollama's. */
export function ollamaRoutes(box: Signalbox): Route[] {
  const face = ollamaChatInbound;
  const route = (method: string, path: string, handle: Handle, admits: Admits = "member"): Route => ({ method, path, admits, handle, face });
  const refuse: Handle = (exchange) => refuseManagement(exchange, box);
  return [
    route("GET", "/", serveRunning, "anyone"),
    route("GET", "/api/version", serveVersion, "anyone"),
    route("GET", "/api/tags", (exchange) => serveTags(exchange, box), "read-only"),
    route("GET", "/api/ps", (exchange) => serveRunningModels(exchange, box), "read-only"),
    route("POST", "/api/show", (exchange) => serveShow(exchange, box), "read-only"),
    route("POST", "/api/chat", (exchange) => serveOllama(exchange, ollamaChatInbound, box)),
    route("POST", "/api/generate", (exchange) => serveOllama(exchange, ollamaGenerateInbound, box)),
    route("POST", "/api/embed", (exchange) => serveEmbeddings(exchange, ollamaEmbedInbound, box)),
    route("POST", "/api/embeddings", (exchange) => serveEmbeddings(exchange, ollamaOldEmbeddingsInbound, box)),
    route("POST", "/api/pull", (exchange) => servePull(exchange, box)),
    route("POST", "/api/push", refuse),
    route("POST", "/api/create", refuse),
    route("POST", "/api/copy", refuse),
    route("DELETE", "/api/delete", refuse),
    route("GET", "/api/blobs/*", refuse),
    route("POST", "/api/blobs/*", refuse),
  ];
}
