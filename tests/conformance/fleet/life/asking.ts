import { type Json, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";

/** Who is asked, and for what. */
export interface Door {
  readonly url: string;
  readonly key: string;
  readonly model: string;
}

export interface Question {
  readonly dialect?: "openai" | "anthropic";
  readonly stream?: boolean;
  readonly tokens?: number;
  /** The client leaves when it is aborted. */
  readonly signal?: AbortSignal;
  /** Called with all that has come so far, whenever more has. */
  readonly heard?: (text: string) => void;
}

/** What a client has got. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** As much as came. */
  readonly text: string;
  /** Did the connection break before the answer's end? */
  readonly cut: boolean;
  /** `error` of its JSON, or of the last event of its stream that has one. */
  readonly error: { readonly code?: string; readonly type?: string; readonly message?: string };
}

/** Asks as a client does. Resolves when the answer is over; rejects when there is none. */
export async function ask({ url, key, model }: Door, question: Question = {}): Promise<Answer> {
  const { dialect = "openai", stream = false, tokens = 8, signal, heard = () => {} } = question;
  const body = { model, stream, max_tokens: tokens, messages: [{ role: "user", content: "Hello there" }] };
  const response = await fetch(`${url}${dialect === "openai" ? "/v1/chat/completions" : "/v1/messages"}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...(dialect === "anthropic" && { "anthropic-version": "2023-06-01" }) },
    body: JSON.stringify(body),
    ...(signal !== undefined && { signal }),
  });
  let text = "";
  let cut = false;
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body ?? []) {
      text += decoder.decode(piece, { stream: true });
      heard(text);
    }
  } catch {
    cut = true;
  }
  return { status: response.status, headers: response.headers, text, cut, error: errorIn(text) };
}

/** A stream that ended as it should, or a whole answer. */
export function isWhole({ status, text, cut, error }: Answer): boolean {
  return status === 200 && !cut && error.message === undefined && /\[DONE\]|message_stop|"finish_reason":"(stop|length)"/.test(text);
}

/** The tokens that came. */
export const tokensIn = (text: string): number => [...text.matchAll(/"(?:content|text)":"(?:Token| \d+)"/g)].length;

function errorIn(text: string): Answer["error"] {
  const events = text.split("\n").filter((line) => line.startsWith("data: {"));
  const objects: (Json | undefined)[] = [text, ...events.map((line) => line.slice("data: ".length))].map(parseJson);
  const { code, type, message } = objectOf(objects.map((object) => objectOf(object)["error"]).findLast((error) => error !== undefined));
  return { code: stringOf(code), type: stringOf(type), message: stringOf(message) };
}
