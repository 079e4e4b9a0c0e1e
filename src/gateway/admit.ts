import type { Caller } from "../vocabulary/caller.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Exchange } from "./visit/exchange.ts";

/** Who is asking, and on whose behalf: before a byte of body is read. Throws as `identify` and `behalf` do. */
export async function admit({ visit, headers, search }: Exchange, box: Signalbox): Promise<Caller> {
  const caller = await box.access.identify(headers, search);
  visit.caller = caller;
  visit.headers = headers;
  if (caller.vouches) visit.behalf = await box.access.behalf(headers);
  return caller;
}
