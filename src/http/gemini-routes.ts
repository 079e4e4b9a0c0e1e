import { geminiEmbeddingsInbound } from "../dialects/gemini/inbound/embeddings.ts";
import { readPath, unknownVerb } from "../dialects/gemini/inbound/read/path.ts";
import { geminiCountInbound, geminiInbound, geminiListInbound } from "../dialects/gemini/inbound.ts";
import { type ChatDoor, serveChat } from "../gateway/serve-chat.ts";
import { serveCount } from "../gateway/serve-count.ts";
import { serveEmbeddings } from "../gateway/serve-embeddings.ts";
import { serveGeminiModels } from "../gateway/serve-gemini-models.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Admits, Exchange, Handle, Reply, Route } from "../gateway/visit/exchange.ts";
import { Failure } from "../vocabulary/failure.ts";

const CHAT: ChatDoor = { face: geminiInbound, operation: "chat" };
const LIST: ChatDoor = { face: geminiListInbound, operation: "chat" };

/** Google's own API. Its clients may give their key in the query, and are told of failures in its words whatever they ask for. */
export function geminiRoutes(box: Signalbox): Route[] {
  const route = (method: string, path: string, admits: Admits, handle: Handle): Route => ({
    method,
    path,
    admits,
    handle,
    face: geminiInbound,
    keyInQuery: true,
  });
  const ask: Handle = (exchange) => serveVerb(exchange, box);
  const models: Handle = (exchange) => serveGeminiModels(exchange, box);
  return [
    route("POST", "/v1beta/models/*", "member", ask),
    route("POST", "/v1/models/*", "member", ask),
    route("GET", "/v1beta/models", "read-only", models),
    route("GET", "/v1beta/models/*", "read-only", models),
    ...["GET", "POST", "PATCH", "DELETE"].map((method) => route(method, "/v1beta/*", "anyone", nothingHere)),
  ];
}

/** Did a client of Google's make this request? They ask for `/v1/models` too, and mean another list than everybody else. */
export function isGoogleClient({ headers }: Exchange): boolean {
  return headers.has("x-goog-api-client");
}

/** What is asked of a model stands behind its name in the path. */
function serveVerb(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const asked = readPath(exchange.rest);
  switch (asked.verb) {
    case "generateContent":
      return serveChat(exchange, CHAT, box);
    case "streamGenerateContent":
      return serveChat(exchange, new URLSearchParams(exchange.search).get("alt") === "sse" ? CHAT : LIST, box);
    case "countTokens":
      return serveCount(exchange, geminiCountInbound, box);
    case "embedContent":
    case "batchEmbedContents":
      return serveEmbeddings(exchange, geminiEmbeddingsInbound, box);
    default:
      throw unknownVerb(asked);
  }
}

function nothingHere(): never {
  throw new Failure("not-found", "Of Google's API there is /v1beta/models here: files, stored content and batches are not.");
}
