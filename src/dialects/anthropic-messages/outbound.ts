import type { ChatOutbound } from "../../vocabulary/dialect.ts";
import { messagesDecoder, readMessage } from "./outbound/decode.ts";
import { expressMessages } from "./outbound/express.ts";
import { readMessagesFailure } from "./outbound/read-failure.ts";
import { writeMessagesRequest } from "./outbound/write-request.ts";

/** Upstreams that speak `POST /v1/messages`: Anthropic and everything compatible with it. */
export const anthropicMessagesOutbound: ChatOutbound = {
  name: "anthropic-messages",
  framing: "sse",
  // Organization, workspace and limits are those of our account, which all our clients share.
  crossing: { asked: /^anthropic-/, answered: /^anthropic-(?!(organization|workspace)-id$|ratelimit-|priority-)/ },
  express: expressMessages,
  write: writeMessagesRequest,
  decoder: messagesDecoder,
  readAnswer: readMessage,
  readFailure: readMessagesFailure,
};
