import type { ChatInbound } from "../../vocabulary/dialect.ts";
import { writeOpenaiFailure } from "../shared/openai/failure.ts";
import { readResponsesCall } from "./inbound/read/call.ts";
import { responsesEncoder, writeResponse } from "./inbound/write/encode.ts";

/** Clients of `POST /v1/responses`. */
export const openaiResponsesInbound: ChatInbound = {
  name: "openai-responses",
  streamType: "text/event-stream; charset=utf-8",
  comment: (_facts, news = "ka") => `: ${news}\n\n`,
  // The last event of the answer itself ends the stream.
  terminator: "",
  readCall: readResponsesCall,
  encoder: (call, facts) => responsesEncoder(call, facts),
  writeAnswer: (events, call, facts) => writeResponse(events, call, facts),
  writeFailure: writeOpenaiFailure,
};
