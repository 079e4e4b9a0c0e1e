import type { Socket } from "bun";
import { processUse } from "../proc.ts";
import { nagleShare, summaryOf } from "../statistics.ts";
import { type LoadPlan, type LoadResult, requestBytes } from "./plan.ts";

interface StreamState {
  sentAt: number;
  first: boolean;
  /** The end of the last piece: a time stamp may be cut in two. */
  held: string;
}

const STAMP = /@(\d+\.\d+)@/g;

/** Milliseconds since 1970, on the clock the upstream stamps with. */
function now(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Keeps `connections` streams open, opened one by one over the warm-up so that first tokens are not one burst, and asks anew on
 * each connection that ends. First tokens are measured throughout, chunks after the warm-up.
 */
export function runStreams(plan: LoadPlan): Promise<LoadResult> {
  const request = requestBytes(plan);
  const { promise, resolve } = Promise.withResolvers<LoadResult>();
  const sockets = new Set<Socket<StreamState>>();
  const [firsts, delays]: [number[], number[]] = [[], []];
  let [failures, measuring, over, startedAt, cpuBefore] = [0, false, false, 0, 0];

  const ask = (socket: Socket<StreamState>) => {
    socket.data.sentAt = now();
    socket.data.first = true;
    socket.data.held = "";
    socket.write(request);
  };
  const hear = (socket: Socket<StreamState>, bytes: Buffer) => {
    const at = now();
    const text = socket.data.held + bytes.toString("latin1");
    let end = 0;
    for (const stamp of text.matchAll(STAMP)) {
      if (socket.data.first) firsts.push(at - socket.data.sentAt);
      socket.data.first = false;
      if (measuring) delays.push(at - Number(stamp[1]));
      end = stamp.index + stamp[0].length;
    }
    if (text.includes("[DONE]")) return ask(socket);
    socket.data.held = text.slice(Math.max(end, text.length - 40));
  };
  const connect = () => {
    if (over) return;
    void Bun.connect<StreamState>({
      hostname: plan.host,
      port: plan.port,
      data: { sentAt: 0, first: true, held: "" },
      socket: {
        open(socket) {
          sockets.add(socket);
          socket.setNoDelay(true);
          ask(socket);
        },
        data: hear,
        close(socket) {
          sockets.delete(socket);
          if (!over) failures += 1;
        },
        error: () => undefined,
        connectError: () => {
          failures += 1;
        },
      },
    }).catch(() => undefined);
  };

  for (let index = 0; index < plan.connections; index++) setTimeout(connect, (plan.warmUpSeconds * 1000 * index) / plan.connections);
  setTimeout(() => {
    [measuring, startedAt, cpuBefore] = [true, performance.now(), processUse(plan.pid).cpuSeconds];
  }, plan.warmUpSeconds * 1000);
  setTimeout(
    () => {
      over = true;
      const cpuSeconds = processUse(plan.pid).cpuSeconds - cpuBefore;
      const seconds = (performance.now() - startedAt) / 1000;
      for (const socket of sockets) socket.terminate();
      const nagle = nagleShare([...firsts, ...delays]);
      resolve({ done: delays.length, failures, seconds, cpuSeconds, latency: summaryOf(firsts), chunkDelay: summaryOf(delays), nagle });
    },
    (plan.warmUpSeconds + plan.seconds) * 1000,
  );
  return promise;
}

/**
 * Opens `requests` streams, `connections` at a time, and leaves each one: one in four before anything came, the others at their first bytes.
 */
export async function runAborts(plan: LoadPlan): Promise<LoadResult> {
  const request = requestBytes(plan);
  const startedAt = performance.now();
  const cpuBefore = processUse(plan.pid).cpuSeconds;
  const firsts: number[] = [];
  let [begun, left, failures] = [0, 0, 0];
  const wanted = plan.requests ?? 0;

  const one = (early: boolean) =>
    new Promise<void>((resolve) => {
      const sentAt = performance.now();
      void Bun.connect<undefined>({
        hostname: plan.host,
        port: plan.port,
        socket: {
          open(socket) {
            socket.write(request);
            if (!early) return;
            // An orderly half-close, as a client that exits sends it; a server that does not answer it is left the hard way.
            setTimeout(() => socket.end(), 1);
            setTimeout(() => socket.terminate(), 1000);
          },
          data(socket, bytes) {
            if (!early && bytes.toString("latin1", 9, 12) !== "200") failures += 1;
            if (!early) firsts.push(performance.now() - sentAt);
            socket.terminate();
          },
          close() {
            left += 1;
            resolve();
          },
          error: () => undefined,
          connectError: () => {
            failures += 1;
            resolve();
          },
        },
      }).catch(() => undefined);
    });
  const worker = async () => {
    while (begun < wanted) await one(begun++ % 4 === 0);
  };
  await Promise.all(Array.from({ length: plan.connections }, worker));
  const seconds = (performance.now() - startedAt) / 1000;
  const cpuSeconds = processUse(plan.pid).cpuSeconds - cpuBefore;
  return { done: left, failures, seconds, cpuSeconds, latency: summaryOf(firsts), chunkDelay: summaryOf([]), nagle: nagleShare(firsts) };
}
