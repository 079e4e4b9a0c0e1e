import { kindOfTrouble } from "../trouble.ts";
import type { Answer, Methods, Question } from "./worker-link.ts";

interface WorkerScope {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  postMessage(answer: Answer): void;
}

const scope = globalThis as unknown as WorkerScope;

/** A worker's end: answers each question by the method of that name. A method that throws is an answer, not the worker's end. */
export function answerQuestions<Shape extends Methods<Shape>>(methods: Shape): void {
  const table = methods as unknown as Readonly<Record<string, (argument: unknown) => unknown>>;
  scope.onmessage = async (event) => {
    const { number, method, argument } = event.data;
    try {
      const value = await table[method]?.(argument);
      scope.postMessage({ number, value });
    } catch (error) {
      scope.postMessage({ number, error: { message: error instanceof Error ? error.message : String(error), kind: kindOfTrouble(error) } });
    }
  };
}

/** Tells the other end that the database has gone away, and with `undefined` that it is back. */
export function tellTrouble(trouble: string | undefined): void {
  scope.postMessage({ number: "told", trouble });
}

/** Does one piece of work after the other, in the order given. */
export function inTurn(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let turn: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
}

/** The value a worker was opened with, or a clear word when it was not. */
export function opened<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("This worker has not been opened yet.");
  return value;
}
