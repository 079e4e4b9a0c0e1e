/**
 * What may still help after a failure: nothing; another deployment; another, or the same after a while; another key of the service, or
 * another deployment; a deployment that takes longer prompts; a model whose provider does not refuse what the prompt says.
 */
export type Remedy = "none" | "elsewhere" | "again" | "another-key" | "larger-window" | "other-model";

/**
 * The one table of everything that can go wrong. Dialects write a kind in their own words (`writeFailure`) and
 * recognise a kind in an upstream's words (`readFailure`); nobody else knows a status code.
 */
interface FailureRow {
  /** HTTP status in OpenAI dialects; others may map the kind to their own. */
  readonly status: number;
  /** OpenAI's `error.type`. */
  readonly type: string;
  /** OpenAI's `error.code`. */
  readonly code: string;
  /** What may still help, as long as no content reached the client. */
  readonly remedy: Remedy;
  /** May the client's own retry of the same request succeed? `false` becomes `x-should-retry: false`. */
  readonly retry: boolean;
}

const row = (status: number, type: string, code: string, remedy: Remedy, retry: boolean): FailureRow => ({ status, type, code, remedy, retry });

export const FAILURES = {
  "invalid-request": row(400, "invalid_request_error", "invalid_request_error", "none", false),
  "context-overflow": row(400, "invalid_request_error", "context_length_exceeded", "larger-window", false),
  /** Somebody's proof of thinking is not its own: where it was made it may be good. */
  "proof-refused": row(400, "invalid_request_error", "invalid_request_error", "elsewhere", false),
  "content-refused": row(400, "invalid_request_error", "content_filter", "other-model", false),
  "invalid-key": row(401, "invalid_request_error", "invalid_api_key", "none", false),
  "permission-denied": row(403, "permission_error", "permission_denied", "none", false),
  "model-not-found": row(404, "invalid_request_error", "model_not_found", "none", false),
  "not-found": row(404, "invalid_request_error", "not_found", "none", false),
  "method-not-allowed": row(405, "invalid_request_error", "method_not_allowed", "none", false),
  /** A WebSocket was asked for where only HTTP is spoken: clients that can, fall back at once. */
  "upgrade-required": row(426, "invalid_request_error", "upgrade_required", "none", false),
  "too-large": row(413, "invalid_request_error", "request_too_large", "none", false),
  "rate-limited": row(429, "rate_limit_error", "rate_limit_exceeded", "another-key", true),
  "quota-exhausted": row(429, "insufficient_quota", "insufficient_quota", "another-key", false),
  "no-healthy-deployment": row(503, "server_error", "no_healthy_deployment", "none", true),
  /** It has hours, and this is none of them. */
  "not-scheduled": row(503, "server_error", "engine_not_scheduled", "none", true),
  /** It is being started, or will be again after a failure. */
  "engine-starting": row(503, "server_error", "engine_starting", "elsewhere", true),
  /** It cannot be started as it is described. */
  "engine-failed": row(503, "server_error", "no_healthy_deployment", "elsewhere", false),
  /** As many calls as may be are being answered, and as many as may wait are waiting. */
  full: row(503, "server_error", "engine_busy", "elsewhere", true),
  overloaded: row(503, "server_error", "overloaded", "again", true),
  /** The upstream says no such model, though our catalog lists it. */
  "upstream-model-missing": row(502, "server_error", "upstream_error", "elsewhere", true),
  /** The upstream refused *our* credentials: never the caller's 401. */
  "upstream-credentials": row(502, "server_error", "upstream_error", "another-key", true),
  "upstream-error": row(502, "server_error", "upstream_error", "again", true),
  "upstream-unreachable": row(502, "server_error", "upstream_error", "again", true),
  /** The client would have nothing but a kept answer, and there is none: RFC 9111 has 504 for it. */
  "not-cached": row(504, "invalid_request_error", "not_cached", "none", false),
  "upstream-timeout": row(504, "server_error", "upstream_timeout", "elsewhere", true),
  /** The client hung up: nobody reads this answer, the log does. 499 is nginx's number for it. */
  "client-left": row(499, "invalid_request_error", "client_left", "none", false),
  internal: row(500, "server_error", "internal_error", "none", true),
} as const satisfies Record<string, FailureRow>;

export type FailureKind = keyof typeof FAILURES;

/** An upstream's own words about the client's request, kept unreworded for a client of the same dialect. */
export interface Verbatim {
  readonly dialect: string;
  readonly status: number;
  readonly body: string;
  readonly contentType: string;
}

export interface FailureFacts {
  /** JSON path of the field at fault, `messages[2].content`. */
  readonly param?: string;
  /** OpenAI's `error.code`, where one more precise than the kind's is known to clients. */
  readonly code?: string;
  /** Seconds until a retry makes sense. */
  readonly retryAfter?: number;
  /** A retry cannot help this time, though it often does after a failure of this kind. */
  readonly hopeless?: boolean;
  readonly verbatim?: Verbatim;
  /** The status the upstream gave, for the trace. */
  readonly upstreamStatus?: number;
  readonly cause?: unknown;
}

/** Something that went wrong, by kind. The message says what was wrong, where, and what to do; it never holds a secret. */
export class Failure extends Error {
  readonly kind: FailureKind;
  readonly facts: FailureFacts;

  constructor(kind: FailureKind, message: string, facts: FailureFacts = {}) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "Failure";
    this.kind = kind;
    this.facts = facts;
  }

  get row(): FailureRow {
    return FAILURES[this.kind];
  }
}

/** A request we will not send anywhere, with the JSON path of the field at fault. */
export function invalidRequest(param: string, message: string): Failure {
  return new Failure("invalid-request", message, { param });
}

/** Whatever was thrown, as a failure: ours as it is, anything else as `internal` without its message. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  return new Failure("internal", "Signalbox itself failed on this request. The log has the details under this request id.", { cause: thrown });
}
