import type { Visit } from "../gateway/visit/visit.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";

/** Limits on request bodies, in bytes. */
export interface BodyLimits {
  /** One body. */
  readonly each: number;
  /** All bodies being read or worked on at once. */
  readonly all: number;
  /** Where the operator says how large one may be; absent: `server.max_body_mb`. */
  readonly setting?: string;
}

/** Reads bodies within the limits. */
export interface BodyReader {
  /** The body as text. Its bytes go back to the budget when the request is over. */
  read(request: Request, visit: Pick<Visit, "owes" | "clientsTurn">): Promise<string>;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

export function bodyReader(limits: () => BodyLimits): BodyReader {
  const budget: Budget = { taken: 0 };
  return {
    read(request, visit) {
      refuseEncoded(request);
      const share = new Share(limits(), budget);
      visit.owes(() => share.giveBack());
      const declared = request.headers.get("content-length");
      if (declared !== null) share.grow(Number(declared));
      visit.clientsTurn = true;
      const read = (bytes: Uint8Array) => {
        visit.clientsTurn = false;
        return textOf(bytes);
      };
      return declared === null ? counted(request, share).then(read) : request.bytes().then(read, departed);
    },
  };
}

/** Throws `invalid-request` for a body in an encoding. */
export function refuseEncoded(request: Request): void {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding !== "identity") throw invalidRequest("", `The request body is encoded as ${encoding}. Send it without content-encoding.`);
}

/** Bytes that all bodies in one place take together. */
export interface Budget {
  taken: number;
}

/** What one body takes of the budget of all. */
export class Share {
  readonly #limits: BodyLimits;
  readonly #budget: Budget;
  #size = 0;

  constructor(limits: BodyLimits, budget: Budget) {
    this.#limits = limits;
    this.#budget = budget;
  }

  /** Bytes taken. */
  get size(): number {
    return this.#size;
  }

  /** Takes so many bytes altogether. Throws `too-large` or `overloaded` when they are not to be had. */
  grow(size: number): void {
    const { each, all, setting } = this.#limits;
    if (size > each) throw tooLarge(each, setting);
    const others = this.#budget.taken - this.#size;
    if (others + size > all) throw new Failure("overloaded", "Too many request bodies are in flight. Try again in a moment.", { retryAfter: 1 });
    this.#budget.taken = others + size;
    this.#size = size;
  }

  giveBack(): void {
    this.#budget.taken -= this.#size;
    this.#size = 0;
  }
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalidRequest("", "The request body is not valid UTF-8.");
  }
}

/** The client went away while its body was being read. */
export function departed(error: unknown): never {
  throw new Failure("client-left", "The client closed the connection before its request was complete.", { cause: error });
}

/** A body in chunks, of undeclared length: held as it comes, so that it cannot grow past the limits. */
async function counted(request: Request, share: Share): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body) {
      size += chunk.length;
      share.grow(size);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    departed(error);
  }
  return Buffer.concat(chunks);
}

function tooLarge(cap: number, setting = "server.max_body_mb"): Failure {
  return new Failure("too-large", `The request body is larger than ${Math.floor(cap / 1024 / 1024)} MB. Send less, or have the operator raise ${setting}.`);
}
