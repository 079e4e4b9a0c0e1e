import type { Path, Tell } from "../file/problem.ts";
import type { PriceSettings, RateSettings } from "../schema/price.ts";
import type { Settings } from "../schema/schema.ts";

/** Tokens without a price of their own are billed as the wider kind they are part of: that must have one. */
const PART_OF: Readonly<Partial<Record<keyof RateSettings, keyof RateSettings>>> = {
  cache_read: "input",
  cache_write: "input",
  cache_write_1h: "cache_write",
  audio_input: "input",
  image_input: "input",
  cache_audio_read: "cache_read",
  cache_image_read: "cache_read",
  audio_output: "output",
  image_output: "output",
  reasoning: "output",
};

/** Tells of prices that say nothing, leave a hole, or are out of order. */
export function checkPrices({ models }: Pick<Settings, "models">, tell: Tell): void {
  for (const [name, model] of Object.entries(models)) {
    checkPrice(["models", name, "price"], model.price, tell);
    for (const [index, { price }] of model.deployments.entries()) checkPrice(["models", name, "deployments", index, "price"], price, tell);
  }
}

function checkPrice(path: Path, price: PriceSettings | "free" | undefined, tell: Tell): void {
  if (price === undefined || price === "free") return;
  const { batch: _, tiers = [], changes = [], ...rates } = price;
  if (Object.values(rates).every((rate) => rate === undefined)) tell(path, "names no price.", "Write `price: free`, or what it costs, such as input: 2.5.");
  checkRates(path, rates, tell);
  checkTiers([...path, "tiers"], tiers, tell);
  for (const [index, change] of changes.entries()) {
    const here = [...path, "changes", index];
    if (change.from <= (changes[index - 1]?.from ?? "")) tell([...here, "from"], "is not after the one before.", "Put the changes in the order of their days.");
    checkTiers([...here, "tiers"], change.tiers ?? [], tell);
  }
}

function checkRates(path: Path, rates: RateSettings, tell: Tell): void {
  for (const [part, whole] of Object.entries(PART_OF) as [keyof RateSettings, keyof RateSettings][]) {
    if (rates[part] !== undefined && rates[whole] === undefined)
      tell(
        [...path, part],
        `is a price for a part of what ${whole} is for, and that is missing.`,
        `Give ${whole} as well: a price is whole, nothing is added to it.`,
      );
  }
}

function checkTiers(path: Path, tiers: readonly { readonly over: number }[], tell: Tell): void {
  for (const [index, { over }] of tiers.entries())
    if (over <= (tiers[index - 1]?.over ?? 0)) tell([...path, index, "over"], "is not more than the one before.", "Put the tiers in order, the longest last.");
}
