import { LRUCache } from "lru-cache";
import type { Clock } from "../../vocabulary/clock.ts";

/** A question that was answered. */
export interface Neighbour {
  /** Under which its answer is kept. */
  readonly key: string;
  /** From 0 to 1: the cosine of the angle between the two. */
  readonly similarity: number;
}

interface Entry {
  readonly scope: string;
  readonly key: string;
  /** Of length 1. */
  readonly vector: Float32Array;
  readonly until: number;
}

/** Looking at all of a scope takes as long as it is large: 1,000 questions of 1,536 numbers, some 2 ms. */
const MOST_IN_SCOPE = 1000;

/** Questions by what they mean, bounded in number; what was unused for longest goes first. A scope's questions are compared with one another only. */
export class Neighbours {
  readonly #entries: LRUCache<string, Entry>;
  readonly #scopes = new Map<string, Set<Entry>>();
  readonly #clock: Clock;

  constructor({ most, clock }: { readonly most: number; readonly clock: Clock }) {
    this.#clock = clock;
    this.#entries = new LRUCache<string, Entry>({ max: most, dispose: (entry) => this.#leave(entry) });
  }

  /** The nearest question of the scope, however far. */
  nearest(scope: string, vector: Float32Array): Neighbour | undefined {
    const unit = unitOf(vector);
    let nearest: Entry | undefined;
    let similarity = Number.NEGATIVE_INFINITY;
    const now = this.#clock.now();
    for (const entry of this.#scopes.get(scope) ?? []) {
      if (entry.until <= now || entry.vector.length !== unit?.length) continue;
      const product = dot(entry.vector, unit);
      if (product > similarity) [nearest, similarity] = [entry, product];
    }
    if (nearest === undefined) return undefined;
    this.#entries.get(nearest.key);
    return { key: nearest.key, similarity };
  }

  /** Remembers that this question's answer is kept under the key, for so many milliseconds. */
  add(scope: string, key: string, vector: Float32Array, milliseconds: number): void {
    const unit = unitOf(vector);
    if (unit === undefined) return;
    const entry: Entry = { scope, key, vector: unit, until: this.#clock.now() + milliseconds };
    this.#entries.set(key, entry);
    let scoped = this.#scopes.get(scope);
    if (scoped === undefined) this.#scopes.set(scope, (scoped = new Set()));
    scoped.add(entry);
    const [oldest] = scoped;
    if (scoped.size > MOST_IN_SCOPE && oldest !== undefined) this.#entries.delete(oldest.key);
  }

  /** Forgets what is kept under keys that begin so. */
  forget(beginning: string): void {
    for (const key of [...this.#entries.keys()]) if (key.startsWith(beginning)) this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  #leave(entry: Entry): void {
    const scoped = this.#scopes.get(entry.scope);
    scoped?.delete(entry);
    if (scoped?.size === 0) this.#scopes.delete(entry.scope);
  }
}

/** The cosine of the angle between two vectors; 0 for what cannot be compared. */
export function similarityOf(one: Float32Array, other: Float32Array): number {
  const [a, b] = [unitOf(one), unitOf(other)];
  return a === undefined || b === undefined || a.length !== b.length ? 0 : dot(a, b);
}

/** The same direction with length 1; `undefined` for what has none. */
function unitOf(vector: Float32Array): Float32Array | undefined {
  const length = Math.sqrt(dot(vector, vector));
  return length > 0 && Number.isFinite(length) ? vector.map((value) => value / length) : undefined;
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += (one[index] ?? 0) * (other[index] ?? 0);
  return sum;
}
