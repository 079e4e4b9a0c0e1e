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

/** The answer of a head and a body. Making one throws `upstream-error` for a body in an encoding nobody knows. */
export class Reply implements UpstreamReply {
  readonly status: number;
  readonly headers: HeaderView;
  readonly #body: Body;
  readonly #source: ByteSource;

  constructor(head: AnswerHead, body: Body) {
    this.status = head.status;
    this.headers = head.headers;
    this.#body = body;
    const empty = head.framing.by === "length" && head.framing.length === 0;
    this.#source = empty ? body : decoded(body, head.headers.get("content-encoding"));
  }

  next(): Promise<Buffer | undefined> {
    return this.#source.next();
  }

  text(most: number = LARGEST_ANSWER): Promise<string> {
    const whole = this.#source === this.#body ? this.#body.whole() : undefined;
    return whole !== undefined && whole.length <= most ? Promise.resolve(utf8(whole)) : textOf(this.#source, most);
  }
}
