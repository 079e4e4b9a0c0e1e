import type { CountInbound } from "../../vocabulary/dialect.ts";
import { readCountCall } from "./inbound/read/call.ts";
import { MESSAGES_FAILURES } from "./inbound.ts";

/** Clients of `POST /v1/messages/count_tokens`. */
export const anthropicCount: CountInbound = {
  ...MESSAGES_FAILURES,
  name: "anthropic-messages",
  readCall: readCountCall,
  writeCount: (tokens) => JSON.stringify({ input_tokens: tokens }),
};
