import { Failure } from "../vocabulary/failure.ts";

/** The answer of whoever keeps files and batches. Rejects with `overloaded` where that cannot be had. */
export async function answered<Result>(asking: Promise<Result>): Promise<Result> {
  try {
    return await asking;
  } catch (cause) {
    // A file on its way in fails as its client's request does.
    if (cause instanceof Failure) throw cause;
    throw new Failure("overloaded", "Files and batches cannot be read at the moment. Try again shortly.", { retryAfter: 5, cause });
  }
}
