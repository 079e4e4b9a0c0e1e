import type { Socket } from "bun";
import { processUse } from "../proc.ts";
import { summaryOf } from "../statistics.ts";
import { type LoadPlan, type LoadResult, requestBytes } from "./plan.ts";

interface Connection {
  /** When its request was written. */
  sentAt: number;
  /** Body bytes still to come; -1 while the head is awaited, -2 in a chunked body. */
  left: number;
  /** The start of an answer whose head came in pieces, or the last bytes of a chunked body. */
  held: Buffer;
  ok: boolean;
}

const HEAD = -1;
const CHUNKED = -2;
const LAST_CHUNK = Buffer.from("0\r\n\r\n");
const EMPTY = Buffer.alloc(0);

/**
 * Keeps `connections` keep-alive connections busy with one request after the other: a closed loop, as light as it gets, so
 * that one core is enough to saturate a server on another.
 */
export function runUnary(plan: LoadPlan): Promise<LoadResult> {
  const request = requestBytes(plan);
  const { promise, resolve } = Promise.withResolvers<LoadResult>();
  const sockets = new Set<Socket<Connection>>();
  let [samples, failures, finished, measuring] = [[] as number[], 0, 0, plan.warmUpSeconds === 0];
  const wanted = plan.requests ?? Number.POSITIVE_INFINITY;
  let begun = 0;
  let [startedAt, cpuBefore, over] = [performance.now(), processUse(plan.pid).cpuSeconds, false];

  const finish = () => {
    if (over) return;
    over = true;
    const cpuSeconds = processUse(plan.pid).cpuSeconds - cpuBefore;
    const seconds = (performance.now() - startedAt) / 1000;
    for (const socket of sockets) socket.terminate();
    const none = summaryOf([]);
    resolve({ done: samples.length, failures, seconds, cpuSeconds, latency: summaryOf(samples), chunkDelay: none, nagle: 0 });
  };

  const ask = (socket: Socket<Connection>) => {
    begun += 1;
    socket.data.left = HEAD;
    socket.data.ok = true;
    socket.data.sentAt = performance.now();
    socket.write(request);
  };
  const answered = (socket: Socket<Connection>) => {
    finished += 1;
    if (!socket.data.ok) failures += 1;
    else if (measuring) samples.push(performance.now() - socket.data.sentAt);
    if (finished >= wanted) finish();
    else if (!over && begun < wanted) ask(socket);
  };
  const connect = () => {
    void Bun.connect<Connection>({
      hostname: plan.host,
      port: plan.port,
      data: { sentAt: 0, left: HEAD, held: EMPTY, ok: true },
      socket: {
        open(socket) {
          sockets.add(socket);
          socket.setNoDelay(true);
          ask(socket);
        },
        data(socket, bytes) {
          if (read(socket.data, bytes)) answered(socket);
        },
        close(socket) {
          sockets.delete(socket);
          if (over) return;
          failures += 1;
          finished += 1;
          if (finished >= wanted) finish();
          else connect();
        },
        error: () => undefined,
        connectError: () => {
          failures += 1;
          if (!over) setTimeout(connect, 50);
        },
      },
    }).catch(() => undefined);
  };

  for (let index = 0; index < plan.connections; index++) connect();
  if (!measuring) {
    setTimeout(() => {
      [samples, failures, measuring, startedAt, cpuBefore] = [[], 0, true, performance.now(), processUse(plan.pid).cpuSeconds];
    }, plan.warmUpSeconds * 1000);
  }
  if (plan.requests === undefined) setTimeout(finish, (plan.warmUpSeconds + plan.seconds) * 1000);
  return promise;
}

/** True when these bytes end the answer. */
function read(connection: Connection, bytes: Buffer): boolean {
  if (connection.left > 0) return (connection.left -= bytes.length) <= 0;
  if (connection.left === CHUNKED) return endsChunked(connection, bytes);
  const all = connection.held.length > 0 ? Buffer.concat([connection.held, bytes]) : bytes;
  const end = all.indexOf("\r\n\r\n");
  if (end < 0) {
    connection.held = Buffer.from(all);
    return false;
  }
  connection.held = EMPTY;
  connection.ok = all.toString("latin1", 9, 12) === "200";
  const length = /content-length: ?(\d+)/i.exec(all.toString("latin1", 0, end))?.[1];
  const body = all.subarray(end + 4);
  if (length === undefined) {
    connection.left = CHUNKED;
    return endsChunked(connection, body);
  }
  connection.left = Number(length) - body.length;
  return connection.left <= 0;
}

function endsChunked(connection: Connection, bytes: Buffer): boolean {
  const tail = Buffer.concat([connection.held, bytes]).subarray(-LAST_CHUNK.length);
  connection.held = tail.equals(LAST_CHUNK) ? EMPTY : Buffer.from(tail);
  return connection.held === EMPTY;
}
