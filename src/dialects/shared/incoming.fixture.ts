import type { Incoming } from "../../vocabulary/dialect.ts";
import type { Json } from "../../vocabulary/json.ts";

/** A request as it comes in, its body as text or as JSON to be written. */
export function incoming(body: string | object | Json | undefined, headers: Readonly<Record<string, string>> = {}, rest = ""): Incoming {
  return { text: typeof body === "string" ? body : JSON.stringify(body), headers: new Headers(headers), rest };
}
