import { Failure, invalidRequest } from "../vocabulary/failure.ts";

/** Limits on request bodies, in bytes. */
export interface BodyLimits {
  /** One body. */
  readonly each: number;
  /** All bodies being read or worked on at once. */
  readonly all: number;
}

/** Reads bodies within the limits. */
export interface BodyReader {
  /** The body as text. `release` gives its bytes back to the budget; call it once the request is over. */
  read(request: Request, onRelease: (release: () => void) => void): Promise<string>;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

export function bodyReader(limits: () => BodyLimits): BodyReader {
  let inFlight = 0;
  return {
    read(request, onRelease) {
      const { each, all } = limits();
      const encoding = request.headers.get("content-encoding");
      if (encoding !== null && encoding !== "identity")
        throw invalidRequest("", `The request body is encoded as ${encoding}. Send it without content-encoding.`);
      const header = request.headers.get("content-length");
      const declared = header === null ? undefined : Number(header);
      let held = 0;
      const hold = (size: number) => {
        if (size > each) throw tooLarge(each);
        if (inFlight - held + size > all) throw new Failure("overloaded", "Too many request bodies are in flight. Try again in a moment.", { retryAfter: 1 });
        inFlight += size - held;
        held = size;
      };
      onRelease(() => {
        inFlight -= held;
        held = 0;
      });
      if (declared === undefined) return counted(request, hold).then(textOf);
      hold(declared);
      return request.bytes().then(textOf, departed);
    },
  };
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw invalidRequest("", "The request body is not valid UTF-8.");
  }
}

function departed(error: unknown): never {
  throw new Failure("client-left", "The client closed the connection before its request was complete.", { cause: error });
}

/** A body in chunks, of undeclared length: held as it comes, so that it cannot grow past the limits. */
async function counted(request: Request, hold: (size: number) => void): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body) {
      size += chunk.length;
      hold(size);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Failure) throw error;
    departed(error);
  }
  return Buffer.concat(chunks);
}

function tooLarge(cap: number): Failure {
  return new Failure(
    "too-large",
    `The request body is larger than ${Math.floor(cap / 1024 / 1024)} MB. Send less, or have the operator raise server.max_body_mb.`,
  );
}
