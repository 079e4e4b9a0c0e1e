import { Failure } from "../vocabulary/failure.ts";
import { type ConnectWatch, connectWatch } from "./connect-watch.ts";

/** One HTTP call to an upstream. */
export interface UpstreamCall {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Aborted when the client leaves or a deadline passes; its reason is what `send` and `read` then throw. */
  readonly signal: AbortSignal;
  /** Milliseconds until a connection must stand. */
  readonly connectWithin: number;
}

/** An upstream's answer, as it comes. */
export interface UpstreamReply {
  readonly status: number;
  readonly headers: Headers;
  /** The next bytes; `undefined` at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** All of the body (the rest, once reading began) as text. */
  text(): Promise<string>;
}

export interface UpstreamClient {
  /** Throws `upstream-unreachable`, `upstream-timeout`, or the signal's reason. */
  send(call: UpstreamCall): Promise<UpstreamReply>;
}

/** The one HTTP client: no redirects followed (they would carry our credentials along), connections kept and pooled per origin. */
export function upstreamClient(watch: ConnectWatch = connectWatch()): UpstreamClient {
  return {
    async send(call) {
      const connecting = watch.begin(call.url, call.connectWithin, call.signal);
      try {
        const response = await fetch(call.url, {
          method: "POST",
          headers: call.headers,
          body: call.body,
          redirect: "manual",
          signal: connecting.signal,
        });
        connecting.connected();
        return replyOf(response, connecting.signal, call.url);
      } catch (error) {
        connecting.failed();
        throw reasonOf(error, connecting.signal, call.url);
      }
    },
  };
}

function replyOf(response: Response, signal: AbortSignal, url: string): UpstreamReply {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return {
    status: response.status,
    headers: response.headers,
    async read() {
      reader ??= response.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
      if (reader === undefined) return undefined;
      try {
        return (await reader.read()).value;
      } catch (error) {
        throw reasonOf(error, signal, url);
      }
    },
    async text() {
      try {
        return await response.text();
      } catch (error) {
        throw reasonOf(error, signal, url);
      }
    },
  };
}

/** What really went wrong: the abort's own reason, or a connection that could not be made or kept. */
function reasonOf(error: unknown, signal: AbortSignal, url: string): unknown {
  if (signal.aborted && signal.reason instanceof Failure) return signal.reason;
  const code = codeOf(error);
  return new Failure("upstream-unreachable", `The connection to ${new URL(url).origin} failed: ${code}.`, { cause: error });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  const code = (error as Error & { code?: unknown }).code;
  return typeof code === "string" ? code : error.message.slice(0, 200);
}
