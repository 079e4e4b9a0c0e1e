import { Cancellation } from "../vocabulary/cancellation.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { UpstreamClient } from "./client.ts";

/** What libraries that bring HTTP along ask of a `fetch`. */
export interface FetchOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

export type Fetch = (url: string, options?: FetchOptions) => Promise<Response>;

/** Answers of services are documents, not media. Bytes. */
const LARGEST_ANSWER = 1024 * 1024;

/**
 * A `fetch` over the one client, so that what a library calls goes through the same proxies, trusts the same certificates and follows no
 * redirects. GET and POST of text, each within so many milliseconds. Rejects with what the client's `explain` makes of it.
 */
export function fetchOver(client: UpstreamClient, deadline: number): Fetch {
  return async (url, { method = "GET", headers = {}, body, signal } = {}) => {
    const cancellation = new Cancellation();
    const late = () => cancellation.cancel(new Failure("upstream-timeout", `${new URL(url).origin} did not answer within ${deadline} ms.`));
    const timer = setTimeout(late, deadline);
    signal?.addEventListener("abort", late);
    try {
      const text = method === "POST" ? String(body ?? "") : undefined;
      const reply = await client.send({ url, headers, body: text, cancellation, connectWithin: deadline });
      const answer = await reply.text(LARGEST_ANSWER);
      return new Response(reply.status === 204 || reply.status === 304 ? null : answer, { status: reply.status, headers: [...reply.headers] });
    } catch (error) {
      throw client.explain(error, url);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", late);
    }
  };
}
