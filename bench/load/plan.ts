import type { Summary } from "../statistics.ts";

/** One stretch of load against one server, as data: it crosses a process boundary. */
export interface LoadPlan {
  readonly kind: "unary" | "streams" | "aborts";
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Connections that ask in turn (unary, aborts), or streams that are open together. */
  readonly connections: number;
  /** How long to measure, after `warmUpSeconds` whose samples are dropped. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Stop after so many answers instead (unary, aborts). */
  readonly requests?: number;
  /** Whose CPU time to read. */
  readonly pid: number;
}

export interface LoadResult {
  /** Answers (unary, aborts) or chunks (streams) within the measured time. */
  readonly done: number;
  /** Answers that were not 200, and connections lost before an answer. */
  readonly failures: number;
  readonly seconds: number;
  /** CPU time of the server under test meanwhile. */
  readonly cpuSeconds: number;
  /** Milliseconds from request to whole answer (unary), or from request to first chunk (streams, aborts). */
  readonly latency: Summary;
  /** Milliseconds from the upstream's write to our read of each chunk (streams). */
  readonly chunkDelay: Summary;
  /** Share of first chunks and of chunk delays between 35 and 50 ms. */
  readonly nagle: number;
}

/** The request's exact bytes. */
export function requestBytes(plan: LoadPlan): Uint8Array {
  const headers = { host: `${plan.host}:${plan.port}`, "content-type": "application/json", ...plan.headers };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const body = Buffer.from(plan.body);
  return Buffer.concat([Buffer.from(`POST ${plan.path} HTTP/1.1\r\n${lines.join("")}content-length: ${body.length}\r\n\r\n`), body]);
}
