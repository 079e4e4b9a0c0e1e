import { Failure } from "../../vocabulary/failure.ts";
import type { UsedUp } from "../standing.ts";

/** One deployment of which nothing is left for now. */
export interface Exhausted extends UsedUp {
  /** Its id. */
  readonly deployment: string;
}

/** So many are named. */
const MOST_NAMED = 3;

/** What the client is told when nothing is left of any: what is used up, and when there is some again. `now` as in `until`. */
export function allUsedUp(of: string, all: readonly Exhausted[], now: number): Failure {
  const seconds = Math.max(1, Math.ceil((Math.min(...all.map(({ until }) => until)) - now) / 1000));
  const named = all.slice(0, MOST_NAMED).map(({ deployment, what }) => `${deployment}: ${what}`);
  const more = all.length > MOST_NAMED ? `; and ${all.length - MOST_NAMED} more` : "";
  return new Failure("rate-limited", `${of} has nothing left for now (${named.join("; ")}${more}). Ask again in ${seconds} s.`, { retryAfter: seconds });
}
