import type { CountInbound } from "../../vocabulary/dialect.ts";
import { writeOpenaiFailure } from "../shared/openai/failure.ts";
import { readResponsesCall } from "./inbound/read/call.ts";

/** Clients of `POST /v1/responses/input_tokens`. */
export const responsesCount: CountInbound = {
  name: "openai-responses",
  readCall: readResponsesCall,
  writeCount: (tokens) => JSON.stringify({ object: "response.input_tokens", input_tokens: tokens }),
  writeFailure: writeOpenaiFailure,
};
