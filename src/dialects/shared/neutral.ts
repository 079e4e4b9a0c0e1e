import { invalidRequest } from "../../vocabulary/failure.ts";

/** Deeper than this nobody means it, and walking it would cost more than an answer: writing out 40,000 levels takes half a second. */
const MOST_LEVELS = 1000;

/** The request in neutral words, read once when first asked for. It throws `invalid-request` for a body that nests too deeply to be written anew. */
export function neutral<Request>(text: string, read: () => Request): () => Request {
  let request: Request | undefined;
  return () => {
    if (request === undefined) {
      checkDepth(text, "");
      request = read();
    }
    return request;
  };
}

/** Throws `invalid-request` for JSON that nests too deeply. What is no JSON may pass: whoever reads it will say so. */
export function checkDepth(text: string, param: string): void {
  if (text.length > 2 * MOST_LEVELS && isDeeper(text, MOST_LEVELS))
    throw invalidRequest(param, `${param === "" ? "The request" : param} nests deeper than ${MOST_LEVELS} levels.`);
}

const QUOTE = 34;
const BACKSLASH = 92;

function isDeeper(text: string, levels: number): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = stringEnd(text, at);
        break;
      case 91: // [
      case 123: // {
        if (++depth > levels) return true;
        break;
      case 93:
      case 125:
        depth--;
    }
  }
  return false;
}

/** The position of the quote that closes the string opened at `at`; the text's end without one. */
function stringEnd(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
