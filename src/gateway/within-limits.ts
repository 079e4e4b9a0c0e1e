import type { Admission } from "../limits/rates/limiter.ts";
import type { Turn } from "../limits/rates/turn.ts";
import type { Asking } from "../limits/rates/who.ts";
import { type Caller, hasRole } from "../vocabulary/caller.ts";
import { asFailure } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import { isFromCache } from "../vocabulary/record.ts";
import { promptTokens } from "../vocabulary/usage.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Exchange } from "./visit/exchange.ts";
import type { Visit } from "./visit/visit.ts";

/**
 * Not too fast, and not too many: takes a request of every limit that binds the caller. Throws or rejects with `rate-limited`. There is nothing
 * to wait for where nothing is limited, and where it is counted in memory.
 */
export function enterLimits(caller: Caller, visit: Visit, { limits }: Signalbox): Promise<void> | undefined {
  return limits && entered(limits.admit(askingOf(caller, visit)), visit);
}

/** Somebody showed no key that is known: throws why, or `rate-limited` when that happens too often where it comes from. */
export async function refuseStranger(thrown: unknown, visit: Visit, { limits }: Signalbox): Promise<never> {
  if (asFailure(thrown).kind === "invalid-key") await (limits && entered(limits.knock(visit.network), visit));
  throw thrown;
}

/**
 * Not too much: the request goes to this model and may take so many tokens, which is only asked where tokens are limited. What it does not
 * use of them is given back when the visit ends. Throws or rejects likewise.
 */
export function enterModel(model: Model, tokens: () => number, visit: Visit, { limits }: Signalbox): Promise<void> | undefined {
  const { caller, turn } = visit;
  return limits && caller && entered(limits.reserve(turn, askingOf(caller, visit), { model, tokens }), visit);
}

/** Something is to be changed: by the caller's key, or by where it comes from when that is not known. Throws or rejects likewise. */
export async function enterManagement(exchange: Exchange, { access, limits }: Signalbox): Promise<void> {
  if (limits === undefined) return;
  const { visit, headers, search } = exchange;
  let id: string;
  try {
    const caller = await access.identify(headers, search);
    if (hasRole(caller, "admin")) return;
    id = `key ${caller.keyId}`;
  } catch {
    id = `network ${access.networkOf(exchange)}`;
  }
  await entered(limits.manage(id), visit);
}

export function askingOf(caller: Caller, { behalf, network }: Visit): Asking {
  return { caller, behalf, network };
}

function entered(admission: Admission, visit: Visit): Promise<void> | undefined {
  if (admission instanceof Promise) return admission.then((turn) => hold(turn, visit));
  if (admission !== undefined) hold(admission, visit);
  return undefined;
}

/** The visit has this turn from now on, and gives it back when it ends. */
function hold(turn: Turn, visit: Visit): void {
  if (visit.turn === undefined) {
    visit.turn = turn;
    visit.owes(() => turn.end(tokensUsed(visit)));
  }
  // Called off while Redis was being asked: nobody settles it any more.
  if (visit.settled) turn.end(0);
  if (turn.refusal !== undefined) throw turn.refusal;
}

/** What it cost in tokens. Answers that were given before cost none. */
function tokensUsed({ usage, cache }: Visit): number {
  return usage === undefined || isFromCache(cache) ? 0 : promptTokens(usage) + usage.output;
}
