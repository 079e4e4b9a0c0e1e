import { Failure } from "../../vocabulary/failure.ts";
import type { KeptResponses } from "../../vocabulary/kept-response.ts";
import type { ResponseMemory } from "../signalbox.ts";

export interface ResponseMemoryParts {
  readonly kept: KeptResponses;
  /** How long a response is kept. Milliseconds. */
  readonly lifetime: () => number;
  /** No conversation that a request goes on from may be larger, as no request may. Characters. */
  readonly most: () => number;
  /** Told of a response that could not be kept. */
  readonly complain: (id: string, error: Error) => void;
}

/** What is kept, as the story asks for it: within bounds, and with a word for a client when it cannot be read. */
export function responseMemory({ kept, lifetime, most, complain }: ResponseMemoryParts): ResponseMemory {
  return {
    keep(response) {
      const now = Date.now();
      kept.keep({ ...response, createdAt: now, expiresAt: now + lifetime() }).catch((error: Error) => complain(response.id, error));
    },
    find: (id, owner) => read(kept.find(id, owner)),
    conversation: async (id, owner) => within(await read(kept.conversation(id, owner, most()))),
    items: async (ids, owner) => within(await read(kept.items(ids, owner, most()))),
    anyOfOthers: (ids, owner) => read(kept.anyOfOthers(ids, owner)),
    remove: (id, owner) => read(kept.remove(id, owner)),
  };
}

async function read<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (cause) {
    throw new Failure("overloaded", "Kept responses cannot be read at the moment. Try again shortly.", { retryAfter: 5, cause });
  }
}

function within<Result>(found: Result | undefined): Result {
  if (found !== undefined) return found;
  throw new Failure("too-large", "The conversation that this goes on from is larger than a request may be. Begin a new one, or send what matters of it.");
}
