import type { HeaderView } from "../../vocabulary/dialect.ts";
import type { AnswerHead } from "./answer-head.ts";
import { type Body, type ByteSource, textOf, utf8 } from "./body.ts";
import { decoded } from "./decoded.ts";

/** An upstream's answer, as soon as its head is here. */
export interface UpstreamReply extends ByteSource {
  readonly status: number;
  readonly headers: HeaderView;
  /** All of its body. Rejects with `upstream-error` past so many bytes, 256 MiB if nothing is said. */
  text(most?: number): Promise<string>;
}

/** Two thousand embeddings of three thousand numbers, written out. Bytes. */
const LARGEST_ANSWER = 256 * 1024 * 1024;

/** The answer of this head and body. Throws `upstream-error` for a body in an encoding nobody knows. */
export function reply(head: AnswerHead, body: Body): UpstreamReply {
  const empty = head.framing.by === "length" && head.framing.length === 0;
  const source = empty ? body : decoded(body, head.headers.get("content-encoding"));
  return {
    status: head.status,
    headers: head.headers,
    next: () => source.next(),
    text(most = LARGEST_ANSWER) {
      const whole = source === body ? body.whole() : undefined;
      return whole !== undefined && whole.length <= most ? Promise.resolve(utf8(whole)) : textOf(source, most);
    },
  };
}
