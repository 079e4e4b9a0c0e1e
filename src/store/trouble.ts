/**
 * What a trouble is about. `away`: the database cannot be reached or does not answer, and that passes. `conflict`: what was to be written
 * contradicts what another wrote first. `failed`: anything else.
 */
export type TroubleKind = "away" | "conflict" | "failed";

/** The store cannot be opened or has stopped working. The message is for the operator: what is wrong and what to do. It holds no secret. */
export class StoreTrouble extends Error {
  readonly kind: TroubleKind;

  constructor(message: string, cause?: unknown, kind: TroubleKind = "failed") {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "StoreTrouble";
    this.kind = kind;
  }
}

/** The kind of whatever either database threw. */
export function kindOfTrouble(error: unknown): TroubleKind {
  if (error instanceof StoreTrouble) return error.kind;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^(SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)|23505)$/.test(code) ? "conflict" : "failed";
}
