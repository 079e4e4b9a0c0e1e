import { StoreTrouble, type TroubleKind } from "../trouble.ts";

/** What a worker can be asked: name, one argument in, one answer out. */
export type Methods<Shape> = { [Name in keyof Shape]: (argument: never) => unknown };
export type Question = { readonly number: number; readonly method: string; readonly argument: unknown };
export type Answer =
  | { readonly number: number; readonly value?: unknown; readonly error?: { readonly message: string; readonly kind: TroubleKind } }
  /** Not an answer to anything: why the worker's database cannot be used now, if so. */
  | { readonly number: "told"; readonly trouble: string | undefined };

interface Waiting {
  resolve(value: unknown): void;
  reject(error: StoreTrouble): void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Our end of a worker: numbered questions and their answers, none waited for longer than its deadline. */
export class WorkerLink<Shape extends Methods<Shape>> {
  readonly #worker: Worker;
  readonly #name: string;
  readonly #deadlineMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #next = 1;
  #broken: StoreTrouble | undefined;
  #told: string | undefined;

  constructor(worker: Worker, facts: { readonly name: string; readonly deadlineMs: number }) {
    this.#worker = worker;
    this.#name = facts.name;
    this.#deadlineMs = facts.deadlineMs;
    worker.onmessage = (event: MessageEvent<Answer>) => this.#answered(event.data);
    worker.onerror = (event) => this.#break(`The ${this.#name} worker failed: ${event.message}`);
  }

  /** Why the worker's database cannot be used now; `undefined` while all is well. */
  get trouble(): string | undefined {
    return this.#broken?.message ?? this.#told;
  }

  /** Asks, and settles with the worker's answer. Rejects with `StoreTrouble` on its failure or past the deadline. */
  ask<Name extends keyof Shape & string>(
    method: Name,
    argument: Parameters<Shape[Name]>[0],
    transfer: Transferable[] = [],
  ): Promise<Awaited<ReturnType<Shape[Name]>>> {
    if (this.#broken) return Promise.reject(this.#broken);
    const number = this.#next++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(number);
        reject(new StoreTrouble(`The ${this.#name} worker did not answer ${method} within ${this.#deadlineMs} ms.`, undefined, "away"));
      }, this.#deadlineMs);
      this.#waiting.set(number, { resolve: (value) => resolve(value as Awaited<ReturnType<Shape[Name]>>), reject, timer });
      this.#worker.postMessage({ number, method, argument } satisfies Question, transfer);
    });
  }

  /** Ends the worker; whatever still waits is rejected. */
  end(): void {
    this.#break(`The ${this.#name} worker has been closed.`);
    this.#worker.terminate();
  }

  #answered(answer: Answer): void {
    if (answer.number === "told") {
      this.#told = answer.trouble;
      return;
    }
    const waiting = this.#waiting.get(answer.number);
    if (!waiting) return;
    this.#waiting.delete(answer.number);
    clearTimeout(waiting.timer);
    if (answer.error === undefined) waiting.resolve(answer.value);
    else waiting.reject(new StoreTrouble(answer.error.message, undefined, answer.error.kind));
  }

  #break(message: string): void {
    this.#broken ??= new StoreTrouble(message);
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer);
      waiting.reject(this.#broken);
    }
    this.#waiting.clear();
  }
}
