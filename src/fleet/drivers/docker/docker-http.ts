import { type IncomingMessage, request } from "node:http";
import { type Json, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { DriverFailure } from "../driver.ts";
import type { DockerAddress } from "./docker-address.ts";

/** One call, its path with its query. */
export interface DockerCall {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly body?: Json;
  /** Milliseconds for the whole answer; of a stream for its beginning. */
  readonly within: number;
  /** Statuses from 300 on that are answers, not refusals. */
  readonly expected?: readonly number[];
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** Docker's "no", in its own words. */
export class DockerRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = "DockerRefusal";
    this.status = status;
  }
}

/**
 * Calls to one daemon. Both reject with `DockerRefusal` when it says no, and with `DriverFailure` ("driver-gone") when it cannot be reached or
 * does not answer in time.
 */
export interface DockerHttp {
  /** The answer, read to its end. */
  ask(call: DockerCall): Promise<{ readonly status: number; readonly body: Buffer }>;
  /** The answer as it comes, however long that takes. Throws "driver-gone" when it is cut. */
  follow(call: DockerCall): Promise<AsyncIterable<Uint8Array>>;
  /** Ends what is under way. */
  close(): void;
}

/** No answer of ours is near it. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Every call has a connection of its own: after a daemon has come back there are no stale ones. */
export function createDockerHttp(address: DockerAddress): DockerHttp {
  const closing = new AbortController();

  /** Puts the call, and runs the work on its answer, both before the deadline. */
  async function within<Result>(call: DockerCall, work: (answer: IncomingMessage) => Promise<Result> | Result): Promise<Result> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), call.within);
    try {
      const signals = [closing.signal, deadline.signal, ...(call.signal === undefined ? [] : [call.signal])];
      const answer = await begin(address, call, AbortSignal.any(signals));
      const status = answer.statusCode ?? 0;
      if (status >= 300 && call.expected?.includes(status) !== true) throw refusalOf(status, (await readWhole(answer)).toString());
      return await work(answer);
    } catch (error) {
      if (error instanceof DockerRefusal) throw error;
      if (deadline.signal.aborted) throw goneFor(`Docker at ${address.shown} did not answer ${plain(call)} within ${call.within / 1000} s.`, error);
      throw unreachable(address, error);
    } finally {
      clearTimeout(timer);
    }
  }

  async function* piecesOf(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
    try {
      yield* answer as AsyncIterable<Buffer>;
    } catch (error) {
      throw unreachable(address, error);
    }
  }

  return {
    ask: (call) => within(call, async (answer) => ({ status: answer.statusCode ?? 0, body: await readWhole(answer) })),
    follow: (call) => within(call, piecesOf),
    close: () => closing.abort(),
  };
}

function begin({ target }: DockerAddress, { method, path, body }: DockerCall, signal: AbortSignal): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = { host: "docker", ...(text !== undefined && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }) };
  return new Promise((resolve, reject) => {
    const sent = request({ ...target, method, path, headers, agent: false, signal }, (answer) => {
      // Cut before anybody reads it, it must not take the process with it.
      answer.on("error", () => undefined);
      resolve(answer);
    });
    sent.on("error", reject);
    sent.end(text);
  });
}

async function readWhole(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) throw new Error("its answer does not end");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refusalOf(status: number, body: string): DockerRefusal {
  const { message } = objectOf(parseJson(body));
  return new DockerRefusal(status, stringOf(message) ?? `status ${status}`);
}

/** What it means that a daemon cannot be reached, or no longer. */
function unreachable({ shown }: DockerAddress, error: unknown): DriverFailure {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOENT":
      return goneFor(`There is no Docker socket at ${shown}: start the daemon, or correct fleet.docker.host.`, error);
    case "EACCES":
    case "EPERM":
      return goneFor(`The Docker socket at ${shown} may not be opened: let the gateway's user into the group that owns it.`, error);
    case "ECONNREFUSED":
      return goneFor(`Nobody answers for Docker at ${shown}: start the daemon, or correct fleet.docker.host.`, error);
    case "ENOTFOUND":
      return goneFor(`The host of ${shown} is not known: correct fleet.docker.host.`, error);
    default:
      return goneFor(`The connection to Docker at ${shown} broke: ${message}.`, error);
  }
}

const goneFor = (message: string, cause: unknown) => new DriverFailure("driver-gone", message, { cause });

/** A call for messages: what stands in its query is nobody's business. */
const plain = ({ method, path }: DockerCall) => `${method} ${path.split("?")[0]}`;
