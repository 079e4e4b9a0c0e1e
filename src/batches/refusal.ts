import { asFailure, type Failure } from "../vocabulary/failure.ts";

/** The failure of an author who may not ask any more; anything else is thrown. */
export function refusalOf(thrown: unknown): Failure {
  const failure = asFailure(thrown);
  if (failure.kind === "invalid-key") return failure;
  throw thrown;
}
