import type { ChatRequest } from "../../../vocabulary/chat.ts";
import type { Profile } from "../../../vocabulary/profile.ts";

/** One request being written: what is asked, for whom, and what had to be given up on the way. */
export interface Writing {
  readonly request: ChatRequest;
  readonly model: string;
  readonly profile: Profile;
  /** Dropped or clamped knobs, one sentence each. */
  readonly warnings: string[];
  /** Beta features the body makes use of, for the `anthropic-beta` header. */
  readonly betas: Set<string>;
}

/** Where a part stands in the client's messages: looked up only when something is refused. */
export function pathOf(request: ChatRequest, part: object): string {
  for (const [index, message] of request.messages.entries()) {
    const at = (message.parts as readonly object[]).indexOf(part);
    if (at >= 0) return `messages[${index}].content[${at}]`;
  }
  return "messages";
}
