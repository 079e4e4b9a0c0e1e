import type { ChatOutbound } from "../../vocabulary/dialect.ts";
import { expressOpenai, usageAsked } from "../shared/openai/express.ts";
import { readOpenaiFailure } from "../shared/openai/failure.ts";
import { completionDecoder, readCompletionAnswer } from "./decode.ts";
import { writeCompletionRequest } from "./write-request.ts";

/** Upstreams that speak the legacy `POST /completions`. */
export const openaiCompletionsOutbound: ChatOutbound = {
  name: "openai-completions",
  framing: "sse",
  express: (call, destination) => expressOpenai(call, destination, usageAsked(call, destination)),
  write: writeCompletionRequest,
  decoder: completionDecoder,
  readAnswer: readCompletionAnswer,
  readFailure: (reply) => readOpenaiFailure(reply, "openai-completions"),
};
