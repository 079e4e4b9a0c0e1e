import type { IncomingMessage, ServerResponse } from "node:http";
import { embeddings, generate, rerank } from "./answers.ts";
import type { Core } from "./core.ts";
import { metricsText } from "./metrics.ts";
import type { EngineOptions, Faults } from "./options.ts";
import { type Body, CREATED, refuse, sendJson } from "./replies.ts";
import type { Tally } from "./tally.ts";

/** Answers one request as vLLM's server does; `/fake/…` is ours. */
export async function serveRequest(request: IncomingMessage, response: ServerResponse, core: Core): Promise<void> {
  const path = new URL(request.url ?? "/", "http://fake").pathname;
  const { tally, options } = core;
  tally.paths[path] = (tally.paths[path] ?? 0) + 1;
  const body = await bodyOf(request);
  if (path === "/fake/counts") return sendJson(response, 200, { starts: core.starts(), pid: process.pid, terminated: core.terminated, ...countsOf(tally) });
  if (path === "/fake/fault") {
    core.faults = { ...core.faults, ...withoutNulls(body) };
    return sendJson(response, 200, core.faults);
  }
  if (!core.loaded) return void response.writeHead(503).end();
  if (path === "/health" || path === "/ping") return void response.writeHead(200).end();
  if (path === "/version") return sendJson(response, 200, { version: "0.29.0" });
  if (path === "/metrics") return void response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(metricsText(tally, options));
  if (path.startsWith("/v1") && options.apiKey !== undefined && request.headers.authorization !== `Bearer ${options.apiKey}`) {
    return sendJson(response, 401, { error: "Unauthorized" });
  }
  if (path === "/v1/models") return sendJson(response, 200, { object: "list", data: options.servedNames.map((name) => modelCard(name, options)) });
  if (body === undefined) return refuse(response, { status: 400, type: "BadRequestError", message: "There was an error parsing the body" });
  if (request.method !== "POST" || !ANSWERED.has(path)) return sendJson(response, 404, { detail: "Not Found" });
  if (typeof body["model"] === "string" && !options.servedNames.includes(body["model"])) {
    return refuse(response, { status: 404, type: "NotFoundError", message: `The model \`${body["model"]}\` does not exist.` });
  }
  tally.requests++;
  switch (ANSWERED.get(path)) {
    case "embeddings":
      return sendJson(response, 200, embeddings(body, core));
    case "rerank":
      return sendJson(response, 200, rerank(body, core));
    default:
      return await generate(body, { response, core, chat: path.endsWith("/chat/completions") });
  }
}

const ANSWERED: ReadonlyMap<string, "generate" | "embeddings" | "rerank"> = new Map([
  ["/v1/chat/completions", "generate"],
  ["/v1/completions", "generate"],
  ["/v1/embeddings", "embeddings"],
  ["/rerank", "rerank"],
  ["/v1/rerank", "rerank"],
  ["/v2/rerank", "rerank"],
]);

/** The body as JSON; empty where there is none, absent where it is no object. */
async function bodyOf(request: IncomingMessage): Promise<Body | undefined> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  if (text === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON has no `undefined`: `null` takes a fault away. */
function withoutNulls(faults: Body | undefined): Faults {
  return Object.fromEntries(Object.entries(faults ?? {}).map(([name, value]) => [name, value ?? undefined]));
}

function countsOf({ requests, paths, running, waiting, mostRunning, abandoned, answered, promptTokens, generatedTokens }: Tally) {
  return { requests, paths, running, waiting, mostRunning, abandoned, answered, promptTokens, generatedTokens };
}

function modelCard(name: string, { model, maxModelLen }: EngineOptions) {
  return { id: name, object: "model", created: CREATED, owned_by: "vllm", root: model, parent: null, max_model_len: maxModelLen };
}
