import { type IncomingMessage, request as plainRequest } from "node:http";
import { Agent, request as secureRequest } from "node:https";
import { type Json, type JsonObject, objectOf, parseJson, stringOf } from "../../../../vocabulary/json.ts";
import { DriverFailure } from "../../driver.ts";
import type { Cluster } from "../cluster.ts";
import { type ApiCall, methodOf, pathOf } from "./call.ts";
import { ApiRefusal, refusalOf } from "./refusal.ts";

/** One line of a watch. Of a bookmark only the version counts. */
export interface WatchEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  readonly object: JsonObject;
}

/** Calls to one API server, in one namespace. They reject with `ApiRefusal`, or with a `DriverFailure` where nobody answers. */
export interface ApiClient {
  readonly namespace: string;
  send(call: ApiCall): Promise<Json | undefined>;
  /** The same, of what is no JSON. */
  text(call: ApiCall): Promise<string>;
  /** Resolves once events are under way. They end when the server has had enough of it or `signal` ends them, and throw as calls reject. */
  watch(call: ApiCall, signal: AbortSignal): Promise<AsyncGenerator<WatchEvent, void, undefined>>;
  close(): void;
}

/** An answer takes no longer than so many milliseconds. */
const ANSWER_WITHIN = 10_000;
/** A watch is opened anew after so many seconds, or a connection that died without a word would never be noticed. */
const WATCH_FOR = 240;
/** The server asks to come back later: so often, and after no more than so many milliseconds each time. */
const PATIENCE = { tries: 3, most: 5000 };

/** Calls by `node:https`, over connections that are kept. */
export function apiClient(cluster: Cluster): ApiClient {
  const agents = keptAgents(cluster.insecure);
  const closing = new AbortController();

  async function open(call: ApiCall, signal: AbortSignal): Promise<IncomingMessage> {
    const { token, ca } = await cluster.credentials();
    const url = new URL(cluster.url + pathOf(call, cluster.namespace));
    const body = call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers = {
      accept: call.resource.part === "log" ? "*/*" : "application/json",
      "user-agent": "signalbox",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined
        ? {}
        : { "content-type": call.verb === "patch" ? "application/merge-patch+json" : "application/json", "content-length": String(Buffer.byteLength(body)) }),
    };
    const secure = url.protocol === "https:";
    const common = { method: methodOf(call), headers, signal: AbortSignal.any([signal, closing.signal]) };
    return new Promise((resolve, reject) => {
      const asked = secure
        ? secureRequest(url, { ...common, ca, rejectUnauthorized: !cluster.insecure, agent: agents.of(ca) }, resolve)
        : plainRequest(url, common, resolve);
      asked.on("error", (error) => reject(unreachable(cluster, error)));
      asked.end(body);
    });
  }

  async function answered(call: ApiCall): Promise<string> {
    for (let tries = 1; ; tries++) {
      const signal = AbortSignal.timeout(ANSWER_WITHIN);
      const answer = await open(call, signal);
      const text = await textOf(answer).catch((error) => Promise.reject(unreachable(cluster, error)));
      const status = answer.statusCode ?? 0;
      if (status >= 200 && status < 300) return text;
      const later = Number(answer.headers["retry-after"]);
      if ((status !== 429 && status !== 503) || Number.isNaN(later) || tries === PATIENCE.tries) throw refusalOf(call, status, text);
      await new Promise((resolve) => setTimeout(resolve, Math.min(later * 1000, PATIENCE.most)));
    }
  }

  return {
    namespace: cluster.namespace,
    send: async (call) => parseJson(await answered(call)),
    text: answered,
    async watch(call, signal) {
      const silent = AbortSignal.timeout((WATCH_FOR + 30) * 1000);
      const query = { ...call.query, allowWatchBookmarks: "true", timeoutSeconds: String(WATCH_FOR) };
      const answer = await open({ ...call, query }, AbortSignal.any([signal, silent]));
      if (answer.statusCode !== 200) throw refusalOf(call, answer.statusCode ?? 0, await textOf(answer));
      return eventsOf(answer);

      async function* eventsOf(lines: IncomingMessage) {
        try {
          for await (const line of linesOf(lines)) yield eventOf(call, line);
        } catch (error) {
          if (signal.aborted) return;
          throw error instanceof ApiRefusal ? error : unreachable(cluster, error);
        }
      }
    },
    close() {
      closing.abort();
      agents.close();
    },
  };
}

/** One agent for the authority in force: another one's connections were made under other trust. */
function keptAgents(insecure: boolean) {
  let current: { readonly ca: string | undefined; readonly agent: Agent } | undefined;
  return {
    of(ca: string | undefined): Agent {
      if (current === undefined || current.ca !== ca) {
        current?.agent.destroy();
        current = { ca, agent: new Agent({ keepAlive: true, ca, rejectUnauthorized: !insecure }) };
      }
      return current.agent;
    },
    close: () => current?.agent.destroy(),
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of answer) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString("utf8");
}

async function* linesOf(answer: IncomingMessage): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const piece of answer) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
}

function eventOf(call: ApiCall, line: string): WatchEvent {
  const event = objectOf(parseJson(line));
  const object = objectOf(event["object"]);
  const type = stringOf(event["type"]);
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
    case "BOOKMARK":
      return { type, object };
    default:
      // ERROR brings a Status object; a line that is none of all this is as bad.
      throw new ApiRefusal(call, Number(object["code"] ?? 500), stringOf(object["message"]) ?? "the watch said what is no event");
  }
}

function unreachable({ url }: Cluster, error: unknown): DriverFailure {
  const why = error instanceof Error ? error.message : String(error);
  return new DriverFailure("driver-gone", `Kubernetes' API server at ${url} cannot be reached: ${why}`, { cause: error });
}
