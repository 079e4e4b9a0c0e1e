import type { Behalf, Caller } from "../vocabulary/caller.ts";
import type { Ability } from "../vocabulary/deployment.ts";
import type { DialectName, HeaderView } from "../vocabulary/dialect.ts";
import type { Operation } from "../vocabulary/service.ts";

/** What is asked of a model, as far as routing looks at it. */
export interface Ask {
  readonly operation: Operation;
  /** The client's: services that speak it too are asked in it. */
  readonly dialect: DialectName;
  /** The deployment, by its id, that keeps what the request goes on from: it comes first, if it is among them at all. */
  readonly holder?: string;
  readonly caller?: Caller;
  readonly behalf?: Behalf;
  readonly headers?: HeaderView;
  /** Absent for what is passed on as it is: nobody has read it. */
  readonly prompt?: Prompt;
}

/** What there is to know of a prompt. Worked out when it is first asked for: most requests are routed without. */
export interface Prompt {
  /** Of the whole request. No prompt has more tokens than bytes. */
  readonly bytes: number;
  /** About how many tokens, before any correction. */
  tokens(): number;
  /** The same where it is known already; absent: nobody has asked so far. */
  readonly estimated?: number;
  /** The most tokens its answer may have, where the client says. */
  answerTokens(): number | undefined;
  /** What it needs of a model besides text. */
  needs(): ReadonlySet<Ability>;
  /** Its messages as text, system and tools first: two prompts that begin alike give texts that begin alike. */
  text(): string;
}
