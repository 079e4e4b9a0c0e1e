import { Failure } from "../vocabulary/failure.ts";

/** Knows which origins can be reached, and watches over the first call to any other. */
export interface ConnectWatch {
  /** Has this origin answered lately? Then no connect deadline is needed. */
  known(url: string): boolean;
  /** Makes a call under a signal that also aborts when no connection stands within so many milliseconds. */
  firstTo(url: string, within: number, signal: AbortSignal, call: (signal: AbortSignal) => Promise<Response>): Promise<Response>;
  /** A call to this origin failed: it is not known any more. */
  forget(url: string): void;
}

/** How long an origin that answered counts as reachable. Milliseconds. */
const KNOWN_FOR = 30_000;

/**
 * A connect deadline for `fetch`, which has none of its own: beside the first call to an origin a bare TCP connection is opened; if
 * that does not stand in time the call is aborted. Origins known to answer cost one map look-up.
 */
export function connectWatch(): ConnectWatch {
  const reachable = new Map<string, number>();
  return {
    known: (url) => performance.now() - (reachable.get(originOf(url)) ?? Number.NEGATIVE_INFINITY) < KNOWN_FOR,
    forget: (url) => void reachable.delete(originOf(url)),
    async firstTo(url, within, signal, call) {
      const origin = originOf(url);
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(new Failure("upstream-timeout", `No connection to ${origin} within ${within} ms.`)), within);
      const stop = () => clearTimeout(timer);
      probe(origin).then(stop, stop);
      try {
        const response = await call(AbortSignal.any([signal, deadline.signal]));
        reachable.set(origin, performance.now());
        return response;
      } catch (error) {
        throw deadline.signal.aborted ? deadline.signal.reason : error;
      } finally {
        stop();
      }
    },
  };
}

function originOf(url: string): string {
  const path = url.indexOf("/", url.indexOf("://") + 3);
  return path < 0 ? url : url.slice(0, path);
}

/** Settles when a TCP connection stands or is refused; a refusal is left to `fetch` to report. */
async function probe(origin: string): Promise<void> {
  const url = new URL(origin);
  const port = Number(url.port || (url.protocol === "https:" ? 443 : 80));
  const socket = await Bun.connect({ hostname: url.hostname.replace(/^\[|\]$/g, ""), port, socket: { data() {}, error() {} } });
  socket.end();
}
