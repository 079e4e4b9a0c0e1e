import type { ChatRequest } from "../../../vocabulary/chat.ts";
import type { Destination } from "../../../vocabulary/dialect.ts";

/** One request on its way to becoming a body. */
export interface Writing {
  readonly request: ChatRequest;
  readonly destination: Destination;
  readonly warnings: string[];
  /** What the answer is to hold besides the usual: `include`. */
  readonly include: Set<string>;
}
