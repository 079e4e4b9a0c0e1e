// Writes the built-in prices anew, from the data inside the pinned package, with the day on which that was published:
//   npm install --save-dev --save-exact @pydantic/genai-prices@X && bun scripts/built-in-prices.ts YYYY-MM-DD
import { readFileSync, writeFileSync } from "node:fs";
import { type ModelInfo, type ModelPrice, waitForUpdate } from "@pydantic/genai-prices";
import type { BuiltIn, WrittenModel, WrittenPrice } from "../src/catalog/prices/built-in.ts";
import { nanoOf } from "../src/vocabulary/money.ts";
import type { RateName, Rates, Tier } from "../src/vocabulary/price.ts";

/** Their keys in our words, and how many of ours they are the price of. */
const KEYS: Readonly<Record<string, readonly [rate: RateName, per: number]>> = {
  input_mtok: ["input", 1],
  output_mtok: ["output", 1],
  cache_read_mtok: ["cacheRead", 1],
  cache_write_mtok: ["cacheWrite5m", 1],
  cache_write_1h_mtok: ["cacheWrite1h", 1],
  input_audio_mtok: ["audioInput", 1],
  output_audio_mtok: ["audioOutput", 1],
  input_image_mtok: ["imageInput", 1],
  output_image_mtok: ["imageOutput", 1],
  cache_audio_read_mtok: ["cacheAudioRead", 1],
  cache_image_read_mtok: ["cacheImageRead", 1],
  output_reasoning_mtok: ["reasoning", 1],
  output_citation_mtok: ["citation", 1],
  audio_hours: ["audioHour", 1],
  requests_kcount: ["request", 1000],
  web_searches_kcount: ["webSearch", 1000],
};

/** What no request of ours is counted in. */
const NOT_COUNTED = [
  "input_audio_hours", // the same as audio_hours
  "input_video_mtok",
  "output_video_mtok",
  "input_document_kpages",
  "input_annotated_document_kpages",
  "storage_searches_kcount",
  "input_text_messages_kcount",
];

/** A rule that the package keeps in its program: shorter audio is billed as ten seconds. */
const LEAST_AUDIO: Readonly<Record<string, number>> = { "groq/whisper-large-v3": 10_000, "groq/whisper-large-v3-turbo": 10_000 };

/** All that the package knows, as the file holds it. */
export async function builtInPrices(date: string): Promise<BuiltIn> {
  const { version } = JSON.parse(readFileSync(new URL("../node_modules/@pydantic/genai-prices/package.json", import.meta.url), "utf8"));
  const providers = (await waitForUpdate()) ?? [];
  const written = providers.map(({ id, fallback_model_providers: fallbacks, models }) => [
    id,
    { ...(fallbacks === undefined ? {} : { fallbacks }), models: models.map((model) => writtenModel(id, model)) },
  ]);
  return { edition: `genai-prices ${version}`, date, providers: Object.fromEntries(written) };
}

function writtenModel(provider: string, model: ModelInfo): WrittenModel {
  const { id, match } = model;
  const dated = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  const prices = dated.flatMap(({ prices: theirs, constraint }): WrittenPrice[] => {
    const tiers = tiersOf(theirs, `${provider}/${id}`);
    const price = {
      ...(constraint?.type === "start_date" ? { from: constraint.start_date } : {}),
      ...(constraint?.type === "time_of_date" ? { daily: { from: timeOf(constraint.start_time), to: timeOf(constraint.end_time) } } : {}),
      ...ratesOf(theirs, 0),
      ...(tiers.length === 0 ? {} : { tiers }),
      ...(LEAST_AUDIO[`${provider}/${id}`] === undefined ? {} : { leastAudio: LEAST_AUDIO[`${provider}/${id}`] }),
    };
    return Object.keys(ratesOf(theirs, 0)).length > 0 || saysFree(model, theirs) ? [price] : [];
  });
  return { id, match, prices };
}

/** No price is none known, unless something says that nothing is to be paid. */
function saysFree({ id, price_comments: comment = "" }: ModelInfo, prices: ModelPrice): boolean {
  return Object.keys(prices).length === 0 && (/:free$|^gemma-|^moderation$/.test(id) || /^Included|Free of charge/.test(comment));
}

/** Their tiers count for the whole request, by all tokens of its prompt; those of one price all begin at one length. */
function tiersOf(prices: ModelPrice, where: string): Tier[] {
  const starts = Object.values(prices).flatMap((price) => (typeof price === "object" ? [price.tiers.map(({ start }) => start).join()] : []));
  if (starts.some((start) => start !== starts[0])) throw new Error(`${where}: its tiers begin at different lengths.`);
  const overs = starts[0]?.split(",").map(Number) ?? [];
  return overs.toSorted((one, other) => one - other).map((over) => ({ over, rates: ratesOf(prices, over + 1) }));
}

/** The rates of a prompt of so many tokens. */
function ratesOf(prices: ModelPrice, tokens: number): Rates {
  const rates = Object.entries(prices).flatMap(([key, price]): [string, number][] => {
    if (price === undefined || NOT_COUNTED.includes(key)) return [];
    const [name, per] = KEYS[key] ?? unknown(key);
    const dollars = typeof price === "number" ? price : price.tiers.reduce((found, tier) => (tokens > tier.start ? tier.price : found), price.base);
    const nano = Number(nanoOf(dollars)) / per;
    if (!Number.isSafeInteger(nano)) throw new Error(`${key}: ${dollars} is no whole number of nano-USD.`);
    return [[name, nano]];
  });
  return Object.fromEntries(rates);
}

function unknown(key: string): never {
  throw new Error(`${key} is new: say in scripts/built-in-prices.ts what it is.`);
}

/** Milliseconds after midnight of `16:30:00Z`. */
function timeOf(text: string): number {
  return Date.parse(`1970-01-01T${text}`);
}

/** The file: a line for each model, so that a new edition can be read as a change. */
export function fileText({ edition, date, providers }: BuiltIn): string {
  const lists = Object.entries(providers).map(([id, { models, ...more }]) => {
    const lines = models.map((model) => `        ${JSON.stringify(model)}`).join(",\n");
    const fallbacks = more.fallbacks === undefined ? "" : ` "fallbacks": ${JSON.stringify(more.fallbacks)},`;
    return `    ${JSON.stringify(id)}: {${fallbacks} "models": [\n${lines}\n    ] }`;
  });
  return `{\n  "edition": ${JSON.stringify(edition)},\n  "date": ${JSON.stringify(date)},\n  "providers": {\n${lists.join(",\n")}\n  }\n}\n`;
}

export const FILE = new URL("../src/catalog/prices/built-in.json", import.meta.url);

if (import.meta.main) {
  const [date] = process.argv.slice(2);
  if (date === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date))
    throw new Error("Say on which day this edition was published: bun scripts/built-in-prices.ts 2026-09-23");
  writeFileSync(FILE, fileText(await builtInPrices(date)));
}
