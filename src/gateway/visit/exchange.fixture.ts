import { systemClock } from "../../vocabulary/clock.ts";
import type { Exchange } from "./exchange.ts";
import { Visit } from "./visit.ts";

/** A request of no words from nobody, but for what a test says of it. */
export function testExchange(said: Partial<Exchange> = {}): Exchange {
  return {
    visit: new Visit("req_1", systemClock),
    headers: new Headers(),
    search: "",
    rest: "",
    address: () => "",
    body: async () => "",
    form: () => Promise.reject(new Error("no forms")),
    ...said,
  };
}
