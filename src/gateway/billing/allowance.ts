import type { Hold } from "../../ledger/hold.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Nano } from "../../vocabulary/money.ts";
import type { Visit } from "../visit/visit.ts";

/** Of what is held for an answer, the part at which more is set aside. */
const EARLY = 0.8;
/** Refused, more is asked for again each time so much of it has been delivered. */
const STEP = 0.05;

/** How long an answer may become for what is held. */
interface AllowanceFacts {
  readonly hold: Hold;
  /** Tokens of answer that were held for. */
  readonly tokens: number;
  /** What as many again cost. */
  readonly more: Nano;
}

/**
 * Watches over an answer whose length nobody has bounded. Before it passes what is held for it, more is set aside; where there is no more it ends
 * there, with a failure that says so.
 */
export function watchLength({ hold, tokens, more }: AllowanceFacts, visit: Visit): void {
  let allowed = tokens;
  let next = tokens * EARLY;
  visit.delivered = (delivered) => {
    if (delivered < next) return;
    if (hold.extend(more)) {
      allowed += tokens;
      next = allowed - tokens * (1 - EARLY);
      return;
    }
    next = delivered + tokens * STEP;
    if (delivered < allowed) return;
    visit.callOff(
      new Failure(
        "quota-exhausted",
        "The answer has become longer than the balance or budget allows, and ends here. Send max_tokens to be told before it begins.",
      ),
    );
  };
}
