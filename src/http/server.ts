import { openaiChatInbound } from "../dialects/openai-chat/inbound.ts";
import type { Exchange, Reply } from "../gateway/exchange.ts";
import type { Pulse } from "../gateway/pulse.ts";
import { failureReply } from "../gateway/replies.ts";
import { type Ending, Visit } from "../gateway/visit.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { asFailure, Failure } from "../vocabulary/failure.ts";
import type { RequestRecord } from "../vocabulary/record.ts";
import { type BodyLimits, type BodyReader, bodyReader } from "./body.ts";
import { corsHeaders, type EdgeRules, hostAllowed, preflight } from "./edge.ts";
import type { RouteTable } from "./route-table.ts";

/** Where to listen, and what every request is given. */
export interface ServerOptions {
  readonly listen: { readonly hostname: string; readonly port: number } | { readonly unix: string };
  readonly routes: RouteTable;
  readonly limits: () => BodyLimits;
  readonly edge: () => EdgeRules;
  readonly pulse: Pulse;
  /** Told of every request once it is over. */
  readonly record: (record: RequestRecord) => void;
  /** Told of what should not happen: failures of our own making. */
  readonly complain: (requestId: string, failure: Failure) => void;
  readonly clock?: Clock;
}

export interface RunningServer {
  /** The port listened on; 0 on a Unix socket. */
  readonly port: number;
  /** Requests that are not over. */
  inFlight(): number;
  /** Takes no new connections, lets what runs finish for at most `grace` milliseconds, then closes. */
  stop(grace: number): Promise<void>;
}

/** Seconds a connection may be quiet while a request is read or between requests; an answer being worked on has no such limit. */
const IDLE_SECONDS = 60;
/** Milliseconds after which a request is taken to be a long one, and its socket is kept open however quiet it is. */
const LONG_AFTER = 10_000;
/** What the runtime's own bare 413 begins at: above our cap, so that ours, in the caller's dialect, comes first. Bytes. */
const PARSER_CAP = 1024 * 1024 * 1024;

/** Starts a server on a port or a Unix socket. */
export function startServer(options: ServerOptions): RunningServer {
  const clock = options.clock ?? systemClock;
  const reader = bodyReader(options.limits);
  const nextId = requestIds();
  let inFlight = 0;

  const fetch = (request: Request, server: Bun.Server<undefined>): Response | Promise<Response> => {
    const rules = options.edge();
    if (request.method === "OPTIONS") return preflight(request, rules);
    const visit = new Visit(nextId(), clock);
    inFlight++;
    const keepOpen = keepSocketOpen(request, server, options.pulse);
    visit.owes((ending: Ending) => {
      inFlight--;
      keepOpen.stop();
      if (ending.failure?.kind === "internal") options.complain(visit.id, ending.failure);
      options.record(visit.record(ending));
    });
    request.signal.addEventListener("abort", () => visit.depart());
    const cors = corsHeaders(request.headers.get("origin"), rules);
    const answer = hostAllowed(request.headers.get("host"), rules) ? answerFor(request, visit, options.routes, reader) : Promise.resolve(strangeHost(visit));
    return answer.then((reply) => respond(reply, cors));
  };

  const common = { fetch, idleTimeout: IDLE_SECONDS, maxRequestBodySize: PARSER_CAP, development: false };
  const server = "unix" in options.listen ? Bun.serve({ ...common, unix: options.listen.unix, idleTimeout: undefined }) : Bun.serve({ ...common, ...options.listen });
  return {
    port: "unix" in options.listen ? 0 : (server.port ?? 0),
    inFlight: () => inFlight,
    async stop(grace) {
      const until = performance.now() + grace;
      while (inFlight > 0 && performance.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
      await server.stop(true);
    },
  };
}

async function answerFor(request: Request, visit: Visit, routes: RouteTable, reader: BodyReader): Promise<Reply> {
  try {
    const { path, search } = splitUrl(request.url);
    const route = routes.find(request.method, path);
    const exchange: Exchange = {
      visit,
      headers: request.headers,
      query: new URLSearchParams(search),
      rest: route.rest,
      body: () => reader.read(request, (release) => visit.owes(release)),
    };
    const reply = await route.handle(exchange);
    // A stream settles with its last byte; everything else is over now, if the story has not settled it already.
    if (typeof reply.body === "string") visit.settle({ status: reply.status, outcome: visit.left ? "client-left" : "ok" });
    return reply;
  } catch (thrown) {
    return failureReply(asFailure(thrown), openaiChatInbound, visit);
  }
}

function strangeHost(visit: Visit): Reply {
  return failureReply(new Failure("permission-denied", "This host name is not served here. Add it to server.allowed_hosts."), openaiChatInbound, visit);
}

function respond(reply: Reply, cors: Record<string, string>): Response {
  for (const name in cors) reply.headers[name] = cors[name] ?? "";
  const body = typeof reply.body === "string" ? reply.body : (reply.body as unknown as ReadableStream<Uint8Array>);
  return new Response(body, { status: reply.status, headers: reply.headers });
}

/** Path and query of a URL, without building a URL object for every request. */
function splitUrl(url: string): { path: string; search: string } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const question = url.indexOf("?", start);
  return question < 0 ? { path: url.slice(start), search: "" } : { path: url.slice(start, question), search: url.slice(question + 1) };
}

/** Lifts the idle limit off a long request's socket, and puts it back for the next request on the same connection. */
function keepSocketOpen(request: Request, server: Bun.Server<undefined>, pulse: Pulse): { stop(): void } {
  const began = performance.now();
  let lifted = false;
  const leave = pulse.join((now) => {
    if (lifted || now - began < LONG_AFTER) return;
    lifted = true;
    server.timeout(request, 0);
  });
  return {
    stop() {
      leave();
      if (lifted) server.timeout(request, IDLE_SECONDS);
    },
  };
}

/** Ids that are unique over restarts and replicas: a random part per process and a count. */
function requestIds(): () => string {
  const process = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
  let count = 0;
  return () => `req_${process}${(++count).toString(36).padStart(6, "0")}`;
}
