import type { ChatInbound, CountInbound } from "../../vocabulary/dialect.ts";
import { readChatCall, readCountCall } from "./inbound/read/call.ts";
import { writeAnswer } from "./inbound/write/encode.ts";
import { writeGeminiFailure } from "./inbound/write/failure.ts";
import { frameEncoder, LIST_END, listEncoder } from "./inbound/write/stream-shapes.ts";

/** Clients of Google's `:generateContent` and of `:streamGenerateContent?alt=sse`. */
export const geminiInbound: ChatInbound = {
  name: "gemini",
  streamType: "text/event-stream",
  // An empty line: Google's client for Python takes any other line without `data:` for an error.
  comment: () => "\n",
  terminator: "",
  readCall: readChatCall,
  encoder: frameEncoder,
  writeAnswer,
  writeFailure: writeGeminiFailure,
};

/** Clients of `:streamGenerateContent` without `alt=sse`, who get one JSON array that grows. */
export const geminiListInbound: ChatInbound = {
  ...geminiInbound,
  streamType: "application/json; charset=UTF-8",
  terminator: LIST_END,
  encoder: listEncoder,
};

/** Clients of Google's `:countTokens`. */
export const geminiCountInbound: CountInbound = {
  name: "gemini",
  readCall: readCountCall,
  writeCount: (totalTokens) => JSON.stringify({ totalTokens }),
  writeFailure: writeGeminiFailure,
};
