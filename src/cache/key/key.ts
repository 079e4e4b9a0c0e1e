import { createHash } from "node:crypto";
import type { Behalf, Caller } from "../../vocabulary/caller.ts";
import type { Call, HeaderView } from "../../vocabulary/dialect.ts";
import type { Operation } from "../../vocabulary/service.ts";
import { isOverride } from "../directives.ts";
import { canonical, type Omission } from "./canonical.ts";
import { leftOutOf } from "./left-out.ts";

/** A request as the cache sees it. */
export interface Question {
  readonly caller: Caller;
  readonly behalf?: Behalf;
  /** The model's public name, aliases followed. */
  readonly model: string;
  readonly operation: Operation;
  readonly call: Call<unknown>;
  readonly headers: HeaderView;
  /** A part of the cache of the client's own making. */
  readonly namespace?: string;
}

/** Headers that change what a provider makes of a body. */
const MEANINGFUL = /^(anthropic|openai)-/;

/** What the key of every answer of this model begins with, so that they can be removed together. */
export function modelPrefix(model: string): string {
  return `${digest(model).slice(0, 16)}:`;
}

/**
 * The name under which the answer to a request is kept: the same for all requests of one tenant that ask the same, and for no others.
 * `leftOut` may hold more than the dialect's own, for keys of what is only nearly the same.
 */
export function keyOf(question: Question, leftOut?: Omission): string {
  const { model, operation, call, headers, namespace } = question;
  const meaning: string[] = [];
  for (const [name, value] of headers) if (MEANINGFUL.test(name)) meaning.push(`${name}: ${value}`);
  const parts = [tenantOf(question), namespace ?? null, operation, call.dialect, meaning.sort()];
  // Our own field says how the cache is used, not what is asked.
  const { cache, ...others } = call.json;
  const json = cache !== undefined && isOverride(cache) ? others : call.json;
  // A number we cannot compare: only the very same text asks the same.
  const body = canonical(json, leftOut ?? leftOutOf(call.dialect)) ?? call.text;
  return modelPrefix(model) + digest(`${JSON.stringify([...parts, model])}\n${body}`);
}

/** Whose answers these are: a user's over all keys, else a key's; and of them the end user's whom the key vouched for. A strict key is not told what a lenient one was. */
function tenantOf({ caller, behalf }: Question): unknown {
  const owner = caller.userId === undefined ? { key: caller.keyId } : { user: caller.userId };
  return [owner, behalf?.endUser ?? null, caller.strict === true];
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
