import type { ChatCall, ChatOutbound, HeaderView } from "../../vocabulary/dialect.ts";

/** Headers of an OpenAI upstream that mean something to any client. */
const ALWAYS = ["openai-processing-ms", "openai-version", "openai-model"];

const PRINTABLE = /^[\t\x20-\x7e]*$/;

/** The client's headers that go to its upstream: none, unless both speak one dialect. */
export function crossingUp({ dialect, headers }: ChatCall, { name, crossing }: ChatOutbound): Readonly<Record<string, string>> | undefined {
  return crossing === undefined || name !== dialect ? undefined : matching(headers, crossing.asked);
}

/** The upstream's headers that go to its client. */
export function crossingBack(headers: HeaderView, { crossing }: Pick<ChatOutbound, "crossing">): Readonly<Record<string, string>> {
  if (crossing !== undefined) return matching(headers, crossing.answered);
  const crossed: Record<string, string> = {};
  for (const name of ALWAYS) {
    const value = headers.get(name);
    if (value !== null) crossed[name] = value;
  }
  return crossed;
}

function matching(headers: HeaderView, names: RegExp): Readonly<Record<string, string>> {
  const crossed: Record<string, string> = {};
  for (const [name, value] of headers) if (names.test(name) && PRINTABLE.test(value)) crossed[name] = value;
  return crossed;
}
