import type { Cancellation } from "../vocabulary/cancellation.ts";
import { asFailure, Failure } from "../vocabulary/failure.ts";
import { addressOf, credentialsOf, type Variables } from "./http1/address.ts";
import { Asking, type CallListener, type ReplayableBody } from "./http1/asking.ts";
import { Origin } from "./http1/origin.ts";
import type { UpstreamReply } from "./http1/reply.ts";
import { isOurs, NetworkTrouble } from "./trouble.ts";

export type { CallListener, ReplayableBody } from "./http1/asking.ts";
export type { UpstreamReply } from "./http1/reply.ts";

/** One HTTP call to an upstream: a POST of its body or a GET without one, if nothing else is said. */
export interface UpstreamCall {
  readonly method?: "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | ReplayableBody;
  /** Called off when the client leaves or a deadline passes: the call then fails with its reason. */
  readonly cancellation: Cancellation;
  /** Milliseconds until a connection must stand. */
  readonly connectWithin: number;
  /** Who is told how it goes. */
  readonly listener?: CallListener;
}

export interface UpstreamClient {
  /** Rejects, as reading the answer's body may, with what `explain` understands. */
  send(call: UpstreamCall): Promise<UpstreamReply>;
  /** What really went wrong with a call: the reason it was called off for, or a connection that could not be made or kept. */
  explain(error: unknown, url: string): Failure;
}

export interface ClientOptions {
  /** The environment, for `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. */
  readonly variables?: Variables;
  /** Certificates to trust instead of the usual ones; the usual ones include those of `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string;
}

/**
 * The one HTTP client: HTTP/1.1 over connections kept per origin, any number of them; no redirects followed (they would carry our
 * credentials along). A call over a kept connection that turns out closed before a byte of answer is put to a new one, once, if it may:
 * the upstream may have read it before it closed.
 */
export function upstreamClient({ variables = {}, ca }: ClientOptions = {}): UpstreamClient {
  const origins = new Map<string, Origin>();
  const originAt = (base: string): Origin => {
    let origin = origins.get(base);
    if (origin === undefined) {
      origin = new Origin(addressOf(base, variables), ca);
      origins.set(base, origin);
    }
    return origin;
  };
  return {
    // One promise deep: every layer of `async` here is paid on every request.
    send(call) {
      return new Promise((resolve, reject) => {
        try {
          if (call.cancellation.reason !== undefined) throw call.cancellation.reason;
          const origin = originAt(call.url.slice(0, pathStart(call.url)));
          origin.ask(askingOf(call, origin, resolve, reject));
        } catch (error) {
          call.listener?.over?.();
          reject(error);
        }
      });
    },
    explain(error, url) {
      if (error instanceof Failure) return error;
      if (isOurs(error)) return asFailure(error);
      return new Failure("upstream-unreachable", `The connection to ${new URL(url).origin} failed: ${wordsOf(error)}.`, { cause: error });
    },
  };
}

function askingOf(call: UpstreamCall, origin: Origin, resolve: Asking["resolve"], reject: Asking["reject"]): Asking {
  const head = headOf(call, origin, call.url.slice(pathStart(call.url)));
  const { body = "", cancellation, connectWithin, listener } = call;
  // The head is ASCII: as many bytes as characters.
  if (typeof body === "object") return new Asking({ text: head, size: head.length, body, cancellation, connectWithin, listener }, resolve, reject);
  const text = head + body;
  return new Asking({ text, size: head.length + Buffer.byteLength(body), cancellation, connectWithin, listener }, resolve, reject);
}

function pathStart(url: string): number {
  const path = url.indexOf("/", url.indexOf("://") + 3);
  return path < 0 ? url.length : path;
}

function headOf({ method, url, headers, body }: UpstreamCall, { address }: Origin, path: string): string {
  let target = path === "" ? "/" : path;
  if (!PRINTABLE.test(target)) target = encoded(url);
  const viaProxy = address.proxy !== undefined && !address.secure;
  const start = `${method ?? (body === undefined ? "GET" : "POST")} ${viaProxy ? address.origin + target : target} HTTP/1.1\r\nhost: ${address.host}\r\n`;
  const proxied = viaProxy && address.proxy !== undefined ? credentialsOf(address.proxy) : "";
  const length = body === undefined ? "" : `content-length: ${typeof body === "string" ? Buffer.byteLength(body) : body.size}\r\n`;
  return `${start}${proxied}${headers["authorization"] === undefined ? address.authorization : ""}${fieldsOf(headers)}${length}\r\n`;
}

/** Path and query of an address that was written with blanks or letters beyond ASCII. */
function encoded(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** A service's headers are the same for every call to it: written out once. */
const written = new WeakMap<Readonly<Record<string, string>>, string>();

function fieldsOf(headers: Readonly<Record<string, string>>): string {
  let fields = written.get(headers);
  if (fields === undefined) {
    fields = "";
    for (const [name, value] of Object.entries(headers)) {
      // A line end in a value would begin a header, or a request, of somebody else's choosing.
      if (!TOKEN.test(name) || !FIELD_VALUE.test(value))
        throw new NetworkTrouble("ERR_INVALID_HEADER", `the header ${JSON.stringify(name)} of this provider holds what HTTP does not allow`);
      fields += `${name}: ${value}\r\n`;
    }
    if (headers["accept-encoding"] === undefined) fields += "accept-encoding: identity\r\n";
    if (headers["user-agent"] === undefined) fields += "user-agent: signalbox\r\n";
    written.set(headers, fields);
  }
  return fields;
}

const PRINTABLE = /^[\x21-\x7e]*$/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e]*$/;

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  if (error instanceof NetworkTrouble && error.message !== error.code) return `${error.code}, ${error.message}`;
  const code = (error as Error & { code?: unknown }).code;
  return typeof code === "string" ? code : error.message.slice(0, 200);
}
