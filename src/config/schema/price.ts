import { z } from "zod";
import { nanoOf } from "../../vocabulary/money.ts";
import { wholeNumber } from "./fields.ts";
import { section } from "./sections.ts";

/** Nobody charges more, and so much in nano-USD is still an exact number. Dollars. */
const MOST = 100_000;

/** US dollars, as they are written: no arithmetic has touched them. */
function usd() {
  const error = `expected US dollars, from 0 to ${MOST} and no finer than a billionth.`;
  return z.union([z.number({ error }), z.string({ error })], { error }).refine((value) => /^\$\{/.test(String(value)) || isAmount(value), { error });
}

function isAmount(value: number | string): boolean {
  const nano = nanoOf(value);
  return nano !== undefined && nano >= 0n && Number(value) <= MOST && (nano > 0n || Number(value) === 0);
}

const rates = {
  input: usd().optional().describe("USD for a million prompt tokens."),
  output: usd().optional().describe("USD for a million generated tokens."),
  cache_read: usd().optional().describe("USD for a million prompt tokens read from a cache. Left out: as input."),
  cache_write: usd().optional().describe("USD for a million prompt tokens written to a cache for five minutes. Left out: as input."),
  cache_write_1h: usd().optional().describe("USD for a million prompt tokens written to a cache for an hour. Left out: as cache_write."),
  audio_input: usd().optional().describe("USD for a million prompt tokens of audio. Left out: as input."),
  audio_output: usd().optional().describe("USD for a million generated tokens of audio. Left out: as output."),
  image_input: usd().optional().describe("USD for a million prompt tokens of images. Left out: as input."),
  image_output: usd().optional().describe("USD for a million generated tokens of images. Left out: as output."),
  cache_audio_read: usd().optional().describe("USD for a million tokens of audio read from a cache. Left out: as cache_read."),
  cache_image_read: usd().optional().describe("USD for a million tokens of images read from a cache. Left out: as cache_read."),
  reasoning: usd().optional().describe("USD for a million tokens of reasoning. Left out: as output."),
  per_request: usd().optional().describe("USD for each request."),
  per_image: usd().optional().describe("USD for each picture made."),
  per_million_characters: usd().optional().describe("USD for a million characters spoken."),
  per_minute_audio: usd().optional().describe("USD for a minute of audio heard."),
  per_search: usd().optional().describe("USD for each search of a reranker."),
  per_web_search: usd().optional().describe("USD for each search of the web by the provider."),
  per_gpu_second: usd().optional().describe("USD for a second of a GPU."),
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** A day, from its beginning in UTC. */
function day() {
  const error = "expected a day, such as 2027-01-31.";
  return z.string({ error }).refine((text) => DAY.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text), { error });
}

const tiers = z.array(
  section({ over: wholeNumber(1, 1_000_000_000).describe("The prompt has more tokens than this: all of the request is billed so."), ...rates }),
  { error: "expected a list of tiers, such as [{ over: 200000, input: 2.5, output: 15 }]." },
);

const priceSection = section({
  ...rates,
  batch: usd().optional().describe("What requests in a batch cost, as a part of this: 0.5 is half."),
  tiers: tiers.optional().describe("Other prices for long prompts; what is left out stays as it is. The longest last."),
  changes: z
    .array(section({ from: day().describe("From this day on, in UTC."), ...rates, tiers: tiers.optional().describe("Instead of the tiers before.") }), {
      error: "expected a list of changes, such as [{ from: 2027-01-31, input: 2 }].",
    })
    .optional()
    .describe("Prices that change on a day; what is left out stays as it was. The latest last."),
});

/** A price, or the word that there is nothing to pay. */
export const price = () =>
  z.union([z.literal("free"), priceSection], { error: "expected prices in US dollars below this name, as `input: 2.5`, or the word free." });

export type PriceSettings = z.output<typeof priceSection>;
export type RateSettings = { readonly [Name in keyof typeof rates]?: number | string };
