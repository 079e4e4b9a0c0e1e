import type { AnswerFacts, ChatCall, ChatEncoder } from "../../../../vocabulary/dialect.ts";
import { encodeInto } from "./encode.ts";

/** With `alt=sse`: a frame each. The end of the connection is the end of the answer. */
export function frameEncoder(call: ChatCall, facts: AnswerFacts): ChatEncoder {
  return encodeInto({ element: (json) => `data: ${json}\n\n`, end: () => "" }, call, facts);
}

/** Without: the elements of one JSON array that grows. An upstream's own frames, which are SSE, become elements with not a byte of their JSON changed. */
export function listEncoder(call: ChatCall, facts: AnswerFacts): ChatEncoder {
  let begun = false;
  const element = (json: string): string => {
    const before = begun ? ",\r\n" : "[";
    begun = true;
    return before + json;
  };
  return {
    ...encodeInto({ element, end: () => LIST_END }, call, facts),
    forward(frame) {
      const json = dataOf(frame);
      return Buffer.from(json === "" || json === "[DONE]" ? "" : element(json));
    },
  };
}

export const LIST_END = "]";

/** What an SSE frame's `data` lines say. */
function dataOf(frame: Uint8Array): string {
  return new TextDecoder()
    .decode(frame)
    .split(/\r\n|\n|\r/)
    .flatMap((line) => (line.startsWith("data:") ? [line.slice("data:".length).trim()] : []))
    .join("\n")
    .trim();
}
