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
