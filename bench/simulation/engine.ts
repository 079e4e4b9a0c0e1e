import type { Timeline } from "./timeline.ts";

/** What a simulated engine can do. */
export interface EnginePower {
  /** Prompt tokens it reads in a second, one prompt after the other. */
  readonly prefill: number;
  /** Tokens it generates in a second, shared by all answers under way once they are more than `together`. */
  readonly decode: number;
  /** Answers it generates side by side at the full speed of one. */
  readonly together: number;
  /** Blocks of prompts it keeps for those that begin alike. */
  readonly blocks: number;
}

/** Tokens of a block: vLLM's default. */
export const BLOCK = 16;

/** A prompt as its blocks, each with a name that tells it and all before it. */
export interface Work {
  readonly blocks: readonly string[];
  readonly answerTokens: number;
}

/**
 * An engine as far as time to first token goes: prompts are read one after the other, without the blocks that are still in its cache; blocks
 * unused for longest are dropped. Times are milliseconds of the simulation. After vLLM's automatic prefix caching.
 */
export class SimulatedEngine {
  readonly #power: EnginePower;
  readonly #time: Timeline;
  readonly #cache = new Map<string, true>();
  #freeAt = 0;
  #generating = 0;

  constructor(power: EnginePower, time: Timeline) {
    this.#power = power;
    this.#time = time;
  }

  /** Works on it; calls back at the first token and at the end, with the prompt tokens read from the cache. */
  work({ blocks, answerTokens }: Work, first: (cached: number) => void, last: () => void): void {
    const { prefill, decode, together } = this.#power;
    const cached = this.#read(blocks);
    const start = Math.max(this.#time.now, this.#freeAt);
    this.#freeAt = start + ((blocks.length - cached) * BLOCK * 1000) / prefill;
    this.#time.at(this.#freeAt, () => {
      first(cached * BLOCK);
      this.#generating++;
      const slowed = Math.max(1, this.#generating / together);
      this.#time.at(this.#time.now + (answerTokens * 1000 * slowed) / decode, () => {
        this.#generating--;
        last();
      });
    });
  }

  /** How many of the first blocks are in the cache; afterwards all of them are. */
  #read(blocks: readonly string[]): number {
    let cached = 0;
    while (cached < blocks.length && this.#cache.has(blocks[cached] ?? "")) cached++;
    for (const block of blocks) {
      this.#cache.delete(block);
      this.#cache.set(block, true);
    }
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= this.#power.blocks) break;
      this.#cache.delete(oldest);
    }
    return cached;
  }
}
