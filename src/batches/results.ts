import type { BatchTokens, LineResult } from "../vocabulary/batch.ts";
import { parseJson } from "../vocabulary/json.ts";
import { promptTokens, type Usage } from "../vocabulary/usage.ts";
import type { LineAnswer } from "./parts.ts";

/** Why a line has no answer: its time was over, its client wanted no more, or the gateway ended while it was being answered. */
export type Unanswered = "batch_expired" | "batch_cancelled" | "interrupted";

const WORDS: Readonly<Record<Unanswered, string>> = {
  batch_expired: "This request could not be executed before the completion window expired.",
  batch_cancelled: "This request was not executed: the batch was cancelled.",
  interrupted: "The gateway ended while this request was being answered. It is not known whether it was, and it is not asked twice.",
};

/** Which line a result is of. */
interface Named {
  readonly batch: string;
  readonly number: number;
  readonly customId: string;
}

/** The line of the output or the error file for an answer. */
export function answeredResult(line: Named, requestId: string, { status, body, usage, failure }: LineAnswer): LineResult {
  const response = `{"status_code":${status},"request_id":${JSON.stringify(requestId)},"body":${inOneLine(body)}}`;
  const text = `{"id":"${idOf(line)}","custom_id":${JSON.stringify(line.customId)},"response":${response},"error":null}`;
  return { number: line.number, failed: failure !== undefined || status > 299, text, tokens: usage && tokensOf(usage) };
}

/** The line of the error file for a line without an answer. */
export function unansweredResult(line: Named, code: Unanswered): LineResult {
  const text = JSON.stringify({ id: idOf(line), custom_id: line.customId, response: null, error: { code, message: WORDS[code] } });
  return { number: line.number, failed: true, text };
}

function idOf({ batch, number }: Named): string {
  return `batch_req_${batch.replace(/^batch_/, "")}_${number}`;
}

/** JSON without line ends; what is no JSON as text. */
function inOneLine(body: string): string {
  const json = parseJson(body);
  if (json === undefined) return JSON.stringify(body);
  return /[\r\n]/.test(body) ? JSON.stringify(json) : body;
}

function tokensOf(usage: Usage): BatchTokens {
  return { input: promptTokens(usage), cached: usage.cacheRead, output: usage.output, reasoning: usage.reasoning };
}
