import type { Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { RequestRecord } from "../vocabulary/record.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Exchange } from "./visit/exchange.ts";
import { enterLimits, refuseStranger } from "./within-limits.ts";

/**
 * Who is asking, if they may ask this of models, and not too often: before a byte of body is read. Throws as `callerOf` does, `not-found` for what
 * the key is not for, and `rate-limited`.
 */
export async function admit(exchange: Exchange, box: Signalbox): Promise<Caller> {
  const caller = await callerOf(exchange, box);
  const { operation } = exchange.visit;
  if (caller.routes !== undefined && !isFor(caller.routes, operation))
    throw new Failure(
      "not-found",
      `This API key is not for ${operation}, only for ${caller.routes.join(", ")}. Use another, or ask whoever runs this Signalbox.`,
    );
  const pending = enterLimits(caller, exchange.visit, box);
  if (pending !== undefined) await pending;
  return caller;
}

/**
 * Who is asking, and on whose behalf: once for a visit, at once for whoever was seen lately. Throws as `identify`, `behalf` and `attributed` do, and
 * `rate-limited` where strangers come from too often.
 */
export function callerOf(exchange: Exchange, box: Signalbox): Caller | Promise<Caller> {
  const { visit, headers, search } = exchange;
  if (visit.caller !== undefined) return visit.caller;
  visit.headers = headers;
  visit.network = () => box.access.networkOf(exchange);
  let caller: Caller | Promise<Caller>;
  try {
    caller = box.access.identify(headers, search);
  } catch (thrown) {
    return refuseStranger(thrown, visit, box);
  }
  if (!(caller instanceof Promise)) return noted(caller, exchange, box);
  return caller.catch((thrown: unknown) => refuseStranger(thrown, visit, box)).then((known) => noted(known, exchange, box));
}

function noted(caller: Caller, exchange: Exchange, box: Signalbox): Caller | Promise<Caller> {
  exchange.visit.caller = caller;
  return caller.vouches ? onBehalf(caller, exchange, box) : caller;
}

async function onBehalf(caller: Caller, { visit, headers }: Exchange, box: Signalbox): Promise<Caller> {
  visit.behalf = await box.access.behalf(headers);
  visit.caller = await box.access.attributed(caller, visit.behalf);
  return visit.caller;
}

/** Lists of models are for everybody, and whoever may chat may know how long their chat is. */
function isFor(routes: readonly string[], operation: RequestRecord["operation"]): boolean {
  if (operation === "models" || operation === "other") return true;
  return routes.includes(operation) || (operation === "count-tokens" && routes.includes("chat"));
}
