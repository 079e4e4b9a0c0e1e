import { BLOCK, type Work } from "./engine.ts";

/** What is asked, when: a request of the simulation. */
export interface SimulatedRequest extends Work {
  /** Milliseconds. */
  readonly at: number;
  /** The prompt as routing reads it. */
  readonly text: string;
}

/** Shared: so many beginnings, of so many tokens, asked again and again. None: every prompt is new. */
export interface WorkloadPlan {
  readonly requests: number;
  readonly perSecond: number;
  readonly beginnings: number;
  readonly sharedTokens: number;
  readonly ownTokens: number;
  readonly answerTokens: number;
}

/** Characters to a token. */
const CHARACTERS = 4;

/** The requests of a plan: arrivals at random, some beginnings asked for far more often than others (Zipf). */
export function workload(plan: WorkloadPlan, random: () => number): SimulatedRequest[] {
  const weights = Array.from({ length: plan.beginnings }, (_, rank) => 1 / (rank + 1) ** 0.8);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const requests: SimulatedRequest[] = [];
  let at = 0;
  for (let index = 0; index < plan.requests; index++) {
    at += (-Math.log(1 - random()) * 1000) / plan.perSecond;
    const shared = plan.beginnings === 0 ? "" : beginning(pick(weights, total * random()), plan.sharedTokens);
    const text = shared + own(index, plan.ownTokens + (plan.beginnings === 0 ? plan.sharedTokens : 0));
    requests.push({ at, text, blocks: blocksOf(text), answerTokens: Math.round(plan.answerTokens * (0.5 + random())) });
  }
  return requests;
}

function pick(weights: readonly number[], at: number): number {
  let left = at;
  for (const [index, weight] of weights.entries()) {
    left -= weight;
    if (left <= 0) return index;
  }
  return weights.length - 1;
}

const beginning = (which: number, tokens: number) => `document ${which} `.repeat(Math.ceil((tokens * CHARACTERS) / 11)).slice(0, tokens * CHARACTERS);
const own = (which: number, tokens: number) => `question ${which} `.repeat(Math.ceil((tokens * CHARACTERS) / 11)).slice(0, tokens * CHARACTERS);

/** Each block's name stands for all the text up to its end. */
function blocksOf(text: string): string[] {
  const size = BLOCK * CHARACTERS;
  const blocks: string[] = [];
  for (let end = size; end <= text.length; end += size) blocks.push(String(Bun.hash((blocks.at(-1) ?? "") + text.slice(end - size, end))));
  return blocks;
}
