import { openaiChatInbound } from "../dialects/openai-chat/inbound.ts";
import type { Exchange, FormCap, Reply, SpooledForm } from "../gateway/visit/exchange.ts";
import type { Beating, Pulse } from "../gateway/visit/pulse.ts";
import { failureReply } from "../gateway/visit/replies.ts";
import { requestIds } from "../gateway/visit/request-ids.ts";
import { type Ending, failed, Visit } from "../gateway/visit/visit.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import type { FailureFace } from "../vocabulary/dialect.ts";
import { asFailure, Failure } from "../vocabulary/failure.ts";
import type { RequestRecord } from "../vocabulary/record.ts";
import { type BodyLimits, type BodyReader, bodyReader } from "./body.ts";
import { addCorsHeaders, type EdgeRules, hostAllowed, preflight } from "./edge.ts";
import type { Spool } from "./forms/spool.ts";
import type { RouteTable } from "./route-table.ts";

/** Where to listen, and what every request is given. */
export interface ServerOptions {
  readonly listen: { readonly hostname: string; readonly port: number } | { readonly unix: string };
  readonly routes: RouteTable;
  readonly limits: () => BodyLimits;
  /** Where bodies are kept that are too long for memory. */
  readonly spool: Spool;
  readonly edge: () => EdgeRules;
  readonly pulse: Pulse;
  /** Told of every request once it is over. */
  readonly record: (record: RequestRecord) => void;
  /** Told of what should not happen: failures of our own making. */
  readonly complain: (requestId: string, failure: Failure) => void;
  readonly clock?: Clock;
  /** Seconds a connection may be quiet while it is the client's turn: to send, to take an answer, to ask again. 60 if absent. */
  readonly idleSeconds?: number;
}

export interface RunningServer {
  /** The port listened on; 0 on a Unix socket. */
  readonly port: number;
  /** Requests that are not over, each with what is known of it. */
  inFlight(): readonly Visit[];
  /** Lets what runs finish for at most `grace` milliseconds, calls off the rest, each with a word to its client, and closes. */
  stop(grace: number): Promise<void>;
}

const NO_COOKIES: readonly string[] = [];

/** How long clients have to take the last words of what was called off. Milliseconds. */
const LAST_WORDS = 1000;

/** What the runtime's own bare 413 begins at: above our cap, so that ours, in the caller's dialect, comes first. Bytes. */
const PARSER_CAP = 1024 * 1024 * 1024;

/** Starts a server on a port or a Unix socket. */
export function startServer(options: ServerOptions): RunningServer {
  const { clock = systemClock, idleSeconds = 60 } = options;
  const bodies: Bodies = { texts: bodyReader(options.limits), forms: options.spool };
  const nextId = requestIds();
  const open = new Set<OpenRequest>();
  let stopping = false;

  const fetch = (request: Request, server: Bun.Server<undefined>): Response | Promise<Response> => {
    if (request.method === "OPTIONS") return preflight(request, options.edge());
    const visit = new Visit(nextId(), clock);
    const entry: OpenRequest = { visit, request, watched: false, heldOpen: false };
    open.add(entry);
    visit.owes((ending: Ending) => {
      open.delete(entry);
      if (entry.heldOpen) server.timeout(request, idleSeconds);
      if (ending.failure?.kind === "internal") options.complain(visit.id, ending.failure);
      options.record(visit.record(ending));
    });
    return answer(request, visit, server);
  };

  const answer = async (request: Request, visit: Visit, server: Bun.Server<undefined>): Promise<Response> => {
    const rules = options.edge();
    const { path, search } = splitUrl(request.url);
    let face: FailureFace | undefined;
    let reply: Reply;
    try {
      if (!hostAllowed(request.headers, rules)) throw new Failure("permission-denied", "This host name is not served here. Add it to server.allowed_hosts.");
      const route = options.routes.find(request.method, path);
      face = route.face;
      reply = await route.handle(new HttpExchange(visit, request, route.keyInQuery ? search : withoutKey(search), route.rest, server, bodies));
      // A stream settles with its last byte; a whole answer is over now.
      if (typeof reply.body === "string") visit.settle({ status: reply.status, outcome: visit.left ? "client-left" : "ok" });
      // What it was charged is on the disk before the client has it.
      if (visit.paid !== undefined) await visit.paid;
    } catch (thrown) {
      reply = failureReply(asFailure(thrown), face ?? options.routes.face(path) ?? openaiChatInbound, visit);
    }
    addCorsHeaders(reply.headers, request.headers, rules);
    // A client that keeps its connection would find it closed in the middle of its next request.
    if (stopping) reply.headers["connection"] = "close";
    const response = new Response(reply.body as string | ReadableStream<Uint8Array>, { status: reply.status, headers: reply.headers });
    for (const cookie of reply.cookies ?? NO_COOKIES) response.headers.append("set-cookie", cookie);
    return response;
  };

  let running: Bun.Server<undefined>;
  const watch: Beating = {
    beat() {
      for (const entry of open) {
        const { visit, request } = entry;
        // Most answers are gone before the first beat and never pay for a signal.
        if (!entry.watched) watchOver(entry);
        // A quiet socket is cut after a while, unless it is we who have nothing to say yet.
        if (entry.heldOpen !== visit.clientsTurn) continue;
        entry.heldOpen = !visit.clientsTurn;
        running.timeout(request, entry.heldOpen ? 0 : idleSeconds);
      }
    },
  };
  options.pulse.join(watch);
  const common = { fetch, idleTimeout: idleSeconds, maxRequestBodySize: PARSER_CAP, development: false };
  running =
    "unix" in options.listen ? Bun.serve({ ...common, unix: options.listen.unix, idleTimeout: undefined }) : Bun.serve({ ...common, ...options.listen });
  return {
    port: "unix" in options.listen ? 0 : (running.port ?? 0),
    inFlight: () => Array.from(open, ({ visit }) => visit),
    async stop(grace) {
      stopping = true;
      const until = performance.now() + grace;
      // Settled is not yet taken: the end of an answer may still be on its way to a slow client.
      while (open.size + running.pendingRequests > 0 && performance.now() < until) await sleep(20);
      const reason = new Failure("overloaded", "This Signalbox stopped before the answer was finished. Ask again in a moment.", { retryAfter: 1 });
      for (const { visit } of open) visit.callOff(reason);
      await within(LAST_WORDS, running.stop());
      await running.stop(true);
      for (const { visit } of open) visit.settle(failed(reason, 503));
      options.pulse.leave(watch);
    },
  };
}

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Once that is done, or after so many milliseconds. */
function within(milliseconds: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    work.finally(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** How bodies are read. */
interface Bodies {
  readonly texts: BodyReader;
  readonly forms: Spool;
}

class HttpExchange implements Exchange {
  readonly visit: Visit;
  readonly headers: Headers;
  readonly search: string;
  readonly rest: string;
  readonly #request: Request;
  readonly #server: Bun.Server<undefined>;
  readonly #bodies: Bodies;

  constructor(visit: Visit, request: Request, search: string, rest: string, server: Bun.Server<undefined>, bodies: Bodies) {
    this.visit = visit;
    this.headers = request.headers;
    this.search = search;
    this.rest = rest;
    this.#request = request;
    this.#server = server;
    this.#bodies = bodies;
  }

  address(): string {
    return this.#server.requestIP(this.#request)?.address ?? "";
  }

  body(): Promise<string> {
    return this.#bodies.texts.read(this.#request, this.visit);
  }

  form(cap?: FormCap): Promise<SpooledForm> {
    return this.#bodies.forms.read(this.#request, this.visit, cap);
  }
}

/** A request that is not over. */
interface OpenRequest {
  readonly visit: Visit;
  readonly request: Request;
  /** Are we told when its client leaves? */
  watched: boolean;
  /** Has the idle limit been lifted off its socket? */
  heldOpen: boolean;
}

/** From now on the visit learns when its client leaves, or has left already. */
function watchOver(entry: OpenRequest): void {
  entry.watched = true;
  const { signal } = entry.request;
  if (signal.aborted) entry.visit.depart();
  else signal.addEventListener("abort", () => entry.visit.depart());
}

/** Path and query of a URL, without building a URL object for every request. */
function splitUrl(url: string): { path: string; search: string } {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const question = url.indexOf("?", start);
  return question < 0 ? { path: url.slice(start), search: "" } : { path: url.slice(start, question), search: url.slice(question + 1) };
}

/** The query as routes see it that take no key there: addresses end up in logs of proxies and in histories of browsers. */
function withoutKey(search: string): string {
  if (search === "") return search;
  const query = new URLSearchParams(search);
  if (!query.has("key")) return search;
  query.delete("key");
  return query.toString();
}
