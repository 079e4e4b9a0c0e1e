import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, parseJson } from "../../src/vocabulary/json.ts";
import { countProblems, type Heard } from "../conformance/hearers/heard.ts";

/** How a strict client of a dialect hears an answer, told piece by piece and whole. */
export interface Hearer {
  readonly stream: (text: string) => Heard;
  readonly whole: (text: string) => Heard;
  /** Are both one document of its dialect, which must be the same but for its times? */
  readonly document?: (heard: Heard) => Json;
}

/**
 * What an upstream broke stays broken: calls it did not name, arguments that are none, what it says after it finished, and answers whose
 * choices begin with another than the first.
 */
const THEIRS =
  /^(a call without id, name or input|a tool call without type or id|a delta after the finish|no finish|usage before the finish|2 ids|0 reasons to finish)$/;

/** What is written for a client must be in the order and shape its dialect's clients insist on, whatever it was made from; `answer` is there when the stream came to its end. Throws what is not. */
export function checkHeard({ stream, whole, document }: Hearer, text: string, answer: string | undefined): void {
  const heard = [stream(text), ...(answer === undefined ? [] : [whole(answer)])];
  for (const { problems, ...rest } of heard) {
    const ours = problems.filter((problem) => !THEIRS.test(problem));
    if (ours.length > 0) throw new Error(`${ours.join("; ")}: ${JSON.stringify(rest).slice(0, 200)}`);
  }
  const [streamed, told] = heard.map((each) => document?.(each));
  if (answer !== undefined && !isDeepStrictEqual(streamed, told)) throw new Error("the whole answer is not the streamed one");
}

/** The counts of an answer, by their names, must be whole numbers. Throws those that are not. */
export function checkCounts(counts: Json | undefined, names: readonly string[]): void {
  const problems = isObject(counts) ? countProblems(counts, names) : [];
  if (problems.length > 0) throw new Error(problems.join("; "));
}

/** What we send must be a document. Throws for anything else. */
export function documentIn(body: string): Json {
  const json = parseJson(body);
  if (json === undefined) throw new Error(`no JSON: ${body.slice(0, 100)}`);
  return json;
}
