/** Redis did not do what it was asked for. The message is for the operator and holds no secret. */
export class RedisTrouble extends Error {
  /** The first word of the server's refusal, where it did refuse: `NOSCRIPT`. */
  readonly refusal: string | undefined;

  constructor(message: string, refusal?: string) {
    super(message);
    this.name = "RedisTrouble";
    this.refusal = refusal;
  }
}

/** Refusals that hold for every command, and for a while: the server loads, has become a replica, or may not write. */
const UNUSABLE = new Set(["LOADING", "READONLY", "MASTERDOWN", "MISCONF", "NOREPLICAS"]);

/** What a failure of the client tells about the server. */
export interface Told {
  /** In words that end a sentence. */
  readonly why: string;
  /** Nothing else would succeed either. */
  readonly unusable: boolean;
  /** The first word of what the server says. */
  readonly refusal?: string;
}

/** Reads what the client rejects with; `code` is its own, the message is the server's or says nothing. */
export function readRefusal(error: unknown): Told {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const said = typeof message === "string" ? message : String(error);
  switch (code) {
    case "ERR_REDIS_CONNECTION_CLOSED":
      return { why: "nobody accepts connections there, or they are closed at once", unusable: true };
    case "ERR_REDIS_CONNECTION_TIMEOUT":
      return { why: "it does not answer", unusable: true };
    case "ERR_REDIS_INVALID_RESPONSE":
    case "ERR_REDIS_INVALID_RESPONSE_TYPE":
      return { why: "what answers there is not Redis", unusable: true };
    default: {
      const refusal = said.split(" ", 1)[0] ?? "";
      return { why: said, unusable: UNUSABLE.has(refusal), refusal };
    }
  }
}
