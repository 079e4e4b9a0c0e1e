import { Worker } from "node:worker_threads";

/** What an upstream does with a call: the JSON in its user's text. Absent: one piece, at once. */
export interface Work {
  /** Words of the answer. */
  readonly pieces: number;
  /** Milliseconds before each. */
  readonly every: number;
  /** Where it falls silent for good: with nothing said, after its headers, or half-way. */
  readonly silent?: "before-headers" | "before-content" | "half-way";
  /** Milliseconds for which it works on after its client hung up, until it notices. */
  readonly notices: number;
}

/** Numbers that an upstream writes and the test reads, in memory both have. `may` is the test's. */
export const FIELDS = ["working", "most", "begun", "over", "may"] as const;

/** One upstream of those in the thread, as it counts itself. */
export interface Counted {
  readonly url: string;
  /** Requests it works on now: from the first byte of each to the end of its answer, or until it has hung up on a client that left. */
  readonly working: number;
  /** The most there ever were at once. */
  readonly most: number;
  readonly begun: number;
  /** Requests that came when it worked on as many as it may already. */
  readonly over: number;
  /** So many at once are no more than it may have, from now on. */
  may(calls: number): void;
}

export interface CountingUpstreams {
  readonly each: readonly Counted[];
  stop(): Promise<void>;
}

/** Starts upstreams that speak OpenAI's chat completions, in a thread of their own: what they count does not wait for the gateway. */
export async function startCountingUpstreams(count: number): Promise<CountingUpstreams> {
  const memory = new SharedArrayBuffer(count * FIELDS.length * Int32Array.BYTES_PER_ELEMENT);
  const worker = new Worker(new URL("./counting-upstream.worker.ts", import.meta.url), { workerData: { memory, count } });
  const ports = await new Promise<readonly number[]>((resolve, reject) => worker.once("message", resolve).once("error", reject));
  const numbers = new Int32Array(memory);
  const at = (index: number, field: (typeof FIELDS)[number]) => index * FIELDS.length + FIELDS.indexOf(field);
  const each = ports.map((port, index): Counted => {
    const read = (field: (typeof FIELDS)[number]) => Atomics.load(numbers, at(index, field));
    return {
      url: `http://127.0.0.1:${port}`,
      get working() {
        return read("working");
      },
      get most() {
        return read("most");
      },
      get begun() {
        return read("begun");
      },
      get over() {
        return read("over");
      },
      may: (calls) => void Atomics.store(numbers, at(index, "may"), calls),
    };
  });
  return { each, stop: async () => void (await worker.terminate()) };
}
