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
    async read(request, onRelease) {
      const { each, all } = limits();
      const encoding = request.headers.get("content-encoding");
      if (encoding !== null && encoding !== "identity") throw invalidRequest("", `The request body is encoded as ${encoding}. Send it without content-encoding.`);
      const header = request.headers.get("content-length");
      const declared = header === null ? undefined : Number(header);
      if (declared !== undefined && declared > each) throw tooLarge(each);
      if (inFlight + (declared ?? 0) > all) throw new Failure("overloaded", "Too many request bodies are in flight. Try again in a moment.", { retryAfter: 1 });
      let held = declared ?? 0;
      inFlight += held;
      onRelease(() => {
        inFlight -= held;
      });
      const bytes = await bytesOf(request, declared, each);
      inFlight += bytes.length - held;
      held = bytes.length;
      try {
        return decoder.decode(bytes);
      } catch {
        throw invalidRequest("", "The request body is not valid UTF-8.");
      }
    },
  };
}

/** A body of declared length is read in one go; one in chunks is counted as it comes, so that it cannot grow past the cap. */
async function bytesOf(request: Request, declared: number | undefined, cap: number): Promise<Uint8Array> {
  try {
    if (declared !== undefined) return await request.bytes();
    if (request.body === null) return new Uint8Array();
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of request.body) {
      size += chunk.length;
      if (size > cap) throw tooLarge(cap);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure("client-left", "The client closed the connection before its request was complete.", { cause: error });
  }
}

function tooLarge(cap: number): Failure {
  return new Failure("too-large", `The request body is larger than ${Math.floor(cap / 1024 / 1024)} MB. Send less, or have the operator raise server.max_body_mb.`);
}
