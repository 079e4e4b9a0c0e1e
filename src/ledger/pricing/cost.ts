import type { Nano } from "../../vocabulary/money.ts";
import { priceAt, type Rates, ratesFor, type Tariff } from "../../vocabulary/price.ts";
import { promptTokens, type Units, type Usage } from "../../vocabulary/usage.ts";
import { Bill } from "./bill.ts";

/**
 * What a request costs that began at this moment (milliseconds since 1970) and used this: nano-USD, rounded half-up once over the whole sum.
 * `undefined` when the tariff knows no rate for anything that was used: unpriced, which is not free.
 *
 * ```ts
 * costOf(usageOf({ input: 1000, output: 50 }), tariff, Date.now()); // 1000 × input + 50 × output
 * ```
 */
export function costOf(usage: Usage, tariff: Tariff, when: number): Nano | undefined {
  const price = priceAt(tariff, when);
  const rates = ratesFor(price, promptTokens(usage));
  const bill = new Bill();
  addPrompt(bill, usage, rates);
  addAnswer(bill, usage, rates);
  addUnits(bill, usage, rates, price.leastAudio);
  return bill.total(price);
}

/** Parts of a whole are never more than it, whatever the upstream says of them. */
function addPrompt(bill: Bill, usage: Usage, rates: Rates): void {
  const { input, cacheRead = input, cacheWrite5m = input } = rates;
  const audio = Math.min(usage.audioInput, usage.input);
  const images = Math.min(usage.imageInput, usage.input - audio);
  bill.addMillions(usage.input - audio - images, input);
  bill.addMillions(audio, rates.audioInput ?? input);
  bill.addMillions(images, rates.imageInput ?? input);
  const cachedAudio = Math.min(usage.cacheAudioRead ?? 0, usage.cacheRead);
  const cachedImages = Math.min(usage.cacheImageRead ?? 0, usage.cacheRead - cachedAudio);
  bill.addMillions(usage.cacheRead - cachedAudio - cachedImages, cacheRead);
  // Where no cached tokens are cheaper, those of audio and images cost what they do otherwise.
  bill.addMillions(cachedAudio, rates.cacheAudioRead ?? rates.cacheRead ?? rates.audioInput ?? input);
  bill.addMillions(cachedImages, rates.cacheImageRead ?? rates.cacheRead ?? rates.imageInput ?? input);
  bill.addMillions(usage.cacheWrite5m, cacheWrite5m);
  bill.addMillions(usage.cacheWrite1h, rates.cacheWrite1h ?? cacheWrite5m);
}

function addAnswer(bill: Bill, usage: Usage, rates: Rates): void {
  const { output } = rates;
  const audio = Math.min(usage.audioOutput, usage.output);
  const images = Math.min(usage.imageOutput ?? 0, usage.output - audio);
  const reasoning = rates.reasoning === undefined ? 0 : Math.min(usage.reasoning, usage.output - audio - images);
  bill.addMillions(usage.output - audio - images - reasoning, output);
  bill.addMillions(audio, rates.audioOutput ?? output);
  bill.addMillions(images, rates.imageOutput ?? output);
  bill.addMillions(reasoning, rates.reasoning);
}

/** What is not counted in tokens of the prompt and the answer, and the request itself. */
export function addUnits(bill: Bill, units: Units, rates: Rates, leastAudio = 0): void {
  if (rates.request !== undefined) bill.addEach(1, rates.request);
  if (units.milliseconds !== undefined) bill.addHours(units.milliseconds === 0 ? 0 : Math.max(units.milliseconds, leastAudio), rates.audioHour);
  if (units.images !== undefined) bill.addEach(units.images, rates.image);
  if (units.characters !== undefined) bill.addMillions(units.characters, rates.character);
  if (units.searches !== undefined) bill.addEach(units.searches, rates.search);
  if (units.webSearches !== undefined) bill.addEach(units.webSearches, rates.webSearch);
  if (units.gpuMilliseconds !== undefined) bill.addSeconds(units.gpuMilliseconds, rates.gpuSecond);
  if (units.citations !== undefined) bill.addMillions(units.citations, rates.citation);
}
