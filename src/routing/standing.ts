import type { Deployment } from "../vocabulary/deployment.ts";
import type { ServiceKey } from "../vocabulary/service.ts";

/** What every deployment is doing, and has done so far. Outlives a reload: it is kept by the deployment's id. */
export interface Standings {
  /** The same object until some are forgotten. */
  of(deployment: Deployment): Standing;
  /** How often some were forgotten: whoever has kept one asks for it anew when this has changed. */
  readonly forgotten: number;
  /** How often one of them ceased to be plain. */
  readonly alarms: number;
  /** Calls being answered or waiting for their turn, by `Standing.slot`, as they are now. */
  readonly calls: Int32Array;
}

/** One deployment's. Times are milliseconds on a clock that never goes back. */
export interface Standing {
  /** Its own as long as it is not forgotten. */
  readonly slot: number;
  /** Calls being answered. */
  readonly inFlight: number;
  /** Calls waiting for their turn. */
  readonly queued: number;
  readonly pace: Pace;
  /** The part of its prompts that its provider read from a cache, from 0 to 1, lately. */
  readonly hitRate: number;
  /** Real prompt tokens for each estimated one, lately; 1 as long as nothing is known. */
  readonly tokenFactor: number;
  /** Is it well, with nothing to look up before it is asked? So it stays until there is an alarm. */
  readonly isPlain: boolean;
  /** Why it should not be asked now: no key of it may be used, its quota is used up, checks find it down; absent: it may. */
  resting(now: number): string | undefined;
  /** Does it rest because something is used up? Then it is not asked at all; who is only ill may be, when nobody else is left. */
  usedUp(now: number): UsedUp | undefined;
  /** Which key the next call uses: in turn, of those that may be used; when none may, the one that is due first, of those that are only ill if there are any. */
  nextKey(now: number): ServiceKey;
}

/** What the operator or a provider gives a deployment, when nothing of it is left. */
export interface UsedUp {
  /** `its 60 requests a minute are used up`. */
  readonly what: string;
  /** When there is some again. */
  readonly until: number;
}

/** How fast it has answered, lately: averages in which old answers fade. */
export interface Pace {
  /** Until the first content; absent: never seen. */
  readonly firstToken: number | undefined;
  /** For each token after that. */
  readonly perToken: number | undefined;
  /** Tokens of an answer. */
  readonly answerTokens: number | undefined;
  /** Answers seen. */
  readonly answers: number;
  /** When it was seen first: newcomers start slowly. */
  readonly since: number;
}
