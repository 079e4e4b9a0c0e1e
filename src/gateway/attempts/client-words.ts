import type { Places } from "../../vocabulary/chat.ts";
import { Failure } from "../../vocabulary/failure.ts";

/**
 * What a writer threw, told in the client's words: writers name a message by its index in the neutral request, `messages[2].content[0]`,
 * which is nowhere in the body of a client that has no `messages`. Paths and sentences begin with it.
 */
export function inClientWords(thrown: unknown, places: Places | undefined): unknown {
  if (places === undefined || !(thrown instanceof Failure) || thrown.facts.param === undefined) return thrown;
  return new Failure(thrown.kind, placed(thrown.message, places), { ...thrown.facts, param: placed(thrown.facts.param, places) });
}

/** The text with the place of the message it begins with; as it is when it begins with none. */
function placed(text: string, { list, parts }: Places): string {
  return text.replace(/^messages\b(\[(\d+)\](\.content)?)?/, (_all, message?: string, index?: string, content?: string) => {
    const place = parts[Number(index)];
    if (message === undefined || place === undefined) return list;
    return content === undefined ? place.replace(/\.\w+$/, "") : place;
  });
}
