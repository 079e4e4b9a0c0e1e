import type { DatedPrice, Tariff } from "../../vocabulary/price.ts";
import { BUILT_IN, type WrittenModel, type WrittenPrice } from "./built-in.ts";
import { type Fits, fitsOf } from "./clause.ts";

/** What one provider's models cost: made when it is first asked for. */
interface PriceList {
  readonly fallbacks: readonly string[];
  readonly models: readonly { readonly fits: Fits; readonly model: WrittenModel }[];
}

const lists = new Map<string, PriceList | undefined>();

/**
 * The built-in tariff of a model, by genai-prices' name for its provider; `undefined` where none is known. The rules are genai-prices' own: the
 * first clause that fits the name, then those of the providers whose models it sells as well, then the same for a date that is written otherwise.
 */
export function builtInTariff(provider: string, model: string): Tariff | undefined {
  const name = model.trim().toLowerCase();
  const dashed = withDashedDates(name);
  return found(provider, name) ?? (dashed === name ? undefined : found(provider, dashed));
}

function found(provider: string, name: string): Tariff | undefined {
  for (const seller of [provider, ...(listOf(provider)?.fallbacks ?? [])]) {
    const known = listOf(seller)?.models.find(({ fits }) => fits(name));
    if (known !== undefined) return tariffOf(seller, known.model);
  }
  return undefined;
}

function listOf(provider: string): PriceList | undefined {
  if (lists.has(provider)) return lists.get(provider);
  const written = BUILT_IN.providers[provider];
  const list = written && { fallbacks: written.fallbacks ?? [], models: written.models.map((model) => ({ fits: fitsOf(model.match), model })) };
  lists.set(provider, list);
  return list;
}

function tariffOf(provider: string, { id, prices: [first, ...rest] }: WrittenModel): Tariff | undefined {
  if (first === undefined) return undefined;
  const name = `${BUILT_IN.edition} ${provider}/${id}`;
  return {
    source: { from: "built-in", provider, model: id },
    version: `${BUILT_IN.edition} of ${BUILT_IN.date}`,
    prices: [datedPrice(first, name), ...rest.map((price) => datedPrice(price, name))],
  };
}

function datedPrice({ from, ...price }: WrittenPrice, name: string): DatedPrice {
  const { daily } = price;
  const since = from === undefined ? "" : ` from ${from}`;
  const hours = daily === undefined ? "" : ` at ${[daily.from, daily.to].map((time) => new Date(time).toISOString().slice(11, 16)).join("-")}Z`;
  return { ...price, version: name + since + hours, ...(from === undefined ? {} : { from: Date.parse(from) }) };
}

/** `-20250929` as `-2025-09-29`, where there is such a day. */
function withDashedDates(name: string): string {
  return name.replace(/-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, (written, year, month, day) => {
    const date = `${year}-${month}-${day}`;
    return new Date(`${date}T00:00Z`).toISOString().startsWith(date) ? `-${date}` : written;
  });
}
