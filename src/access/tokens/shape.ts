import { isObject, type JsonObject, parseJson } from "../../vocabulary/json.ts";

/** What every JSON object begins with once it is base64url: a brace and a quote, or a blank between them. */
const BEGINS = /^e[yw]/;
const THREE_PARTS = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/**
 * Is this credential a JSON Web Token: three base64url parts, the first of them a JSON object? Other keys cost one look at two letters.
 * It may still be somebody's key: every string can be one.
 */
export function looksLikeToken(credential: string): boolean {
  return BEGINS.test(credential) && THREE_PARTS.test(credential) && headerOf(credential) !== undefined;
}

/** A token's header, which anybody may have written; `undefined` where it is none. */
export function headerOf(token: string): JsonObject | undefined {
  const header = parseJson(Buffer.from(token.slice(0, token.indexOf(".")), "base64url").toString());
  return isObject(header) ? header : undefined;
}

/** Does one of the two JSON objects of a token name a member twice? Two readers of it could then take it for two different tokens. */
export function saysTwice(token: string): boolean {
  return token
    .split(".")
    .slice(0, 2)
    .some((part) => hasDuplicateNames(Buffer.from(part, "base64url").toString()));
}

const STRING_OR_MARK = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

/** Does any object of this JSON name a member twice? Of what is no JSON the answer means nothing. */
function hasDuplicateNames(json: string): boolean {
  const names: (Set<string> | undefined)[] = [];
  let last = "";
  for (const [mark] of json.matchAll(STRING_OR_MARK)) {
    if (mark === "{") names.push(new Set());
    else if (mark === "[") names.push(undefined);
    else if (mark === "}" || mark === "]") names.pop();
    else if (mark === ":") {
      const inside = names.at(-1);
      const name = String(parseJson(last));
      if (inside?.has(name)) return true;
      inside?.add(name);
    }
    last = mark;
  }
  return false;
}
