import type { DatedPrice } from "../../vocabulary/price.ts";
import data from "./built-in.json" with { type: "json" };
import type { Clause } from "./clause.ts";

/** Prices as they are written down: `scripts/built-in-prices.ts` makes the file of what genai-prices knows. */
export interface BuiltIn {
  readonly edition: string;
  /** The day on which it was published. */
  readonly date: string;
  readonly providers: Readonly<Record<string, WrittenProvider>>;
}
export interface WrittenProvider {
  /** Whose models it sells as well, at their prices. */
  readonly fallbacks?: readonly string[];
  readonly models: readonly WrittenModel[];
}
export interface WrittenModel {
  readonly id: string;
  /** The first whose clause fits a name counts. */
  readonly match: Clause;
  /** None: there is one, and it cannot be told in our rates. */
  readonly prices: readonly WrittenPrice[];
}
export interface WrittenPrice extends Omit<DatedPrice, "from" | "version"> {
  /** `2026-08-17`, from the beginning of the day in UTC. */
  readonly from?: string;
}

export const BUILT_IN: BuiltIn = data;
