import type { Caller } from "../vocabulary/caller.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Exchange } from "./visit/exchange.ts";
import { enterLimits, refuseStranger } from "./within-limits.ts";

/** Who is asking, on whose behalf, and not too often: before a byte of body is read. Throws as `identify` and `behalf` do, and `rate-limited`. */
export async function admit(exchange: Exchange, box: Signalbox): Promise<Caller> {
  const caller = await identified(exchange, box);
  const pending = enterLimits(caller, exchange.visit, box);
  if (pending !== undefined) await pending;
  return caller;
}

/** Who is asking, and on whose behalf. Throws likewise. */
export async function identified(exchange: Exchange, box: Signalbox): Promise<Caller> {
  const { visit, headers, search } = exchange;
  visit.network = () => box.access.networkOf(exchange);
  let caller: Caller;
  try {
    caller = await box.access.identify(headers, search);
  } catch (thrown) {
    return refuseStranger(thrown, visit, box);
  }
  visit.caller = caller;
  visit.headers = headers;
  if (caller.vouches) visit.behalf = await box.access.behalf(headers);
  return caller;
}
