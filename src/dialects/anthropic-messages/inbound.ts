import type { ChatInbound, FailureFace } from "../../vocabulary/dialect.ts";
import { readMessagesCall } from "./inbound/read/call.ts";
import { messagesEncoder, writeMessage } from "./inbound/write/encode.ts";
import { writeMessagesFailure } from "./inbound/write/failure.ts";
import { messagesRateHeaders } from "./inbound/write/rate-headers.ts";

/** How clients of Anthropic's API are told of failures, whatever they asked for. */
export const MESSAGES_FAILURES: FailureFace = { idHeader: "request-id", writeFailure: writeMessagesFailure, rateHeaders: messagesRateHeaders };

/** Clients of `POST /v1/messages`: Claude Code, Anthropic's SDKs and all that is made with them. */
export const anthropicMessagesInbound: ChatInbound = {
  ...MESSAGES_FAILURES,
  name: "anthropic-messages",
  streamType: "text/event-stream; charset=utf-8",
  comment: () => 'event: ping\ndata: {"type": "ping"}\n\n',
  terminator: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  readCall: readMessagesCall,
  encoder: messagesEncoder,
  writeAnswer: writeMessage,
};
