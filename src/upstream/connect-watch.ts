import { Failure } from "../vocabulary/failure.ts";

/** One call's way to a connection. */
export interface Connecting {
  /** The call's own signal, or one that also aborts when no connection can be made in time. */
  readonly signal: AbortSignal;
  connected(): void;
  failed(): void;
}

export interface ConnectWatch {
  begin(url: string, within: number, signal: AbortSignal): Connecting;
}

/** How long an origin that answered counts as reachable. Milliseconds. */
const KNOWN_FOR = 30_000;

/**
 * A connect deadline for `fetch`, which has none of its own: for an origin that has not answered lately, a bare TCP connection is
 * opened beside the call; if that does not stand in time the call is aborted. Origins known to answer cost one map look-up.
 */
export function connectWatch(): ConnectWatch {
  const reachable = new Map<string, number>();
  return {
    begin(url, within, signal) {
      const origin = originOf(url);
      const connected = () => void reachable.set(origin, performance.now());
      const failed = () => void reachable.delete(origin);
      const seen = reachable.get(origin);
      if (seen !== undefined && performance.now() - seen < KNOWN_FOR) return { signal, connected, failed };

      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(new Failure("upstream-timeout", `No connection to ${origin} within ${within} ms.`)), within);
      const stop = () => clearTimeout(timer);
      probe(origin).then(stop, stop);
      return {
        signal: AbortSignal.any([signal, deadline.signal]),
        connected: () => {
          stop();
          connected();
        },
        failed: () => {
          stop();
          failed();
        },
      };
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
