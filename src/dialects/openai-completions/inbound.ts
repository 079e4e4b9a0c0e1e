import type { ChatInbound } from "../../vocabulary/dialect.ts";
import { writeOpenaiFailure } from "../shared/openai/failure.ts";
import { completionEncoder, writeCompletionAnswer } from "./encode.ts";
import { readCompletionCall } from "./read-call.ts";

/** Clients of the legacy `POST /v1/completions`. */
export const openaiCompletionsInbound: ChatInbound = {
  name: "openai-completions",
  streamType: "text/event-stream; charset=utf-8",
  comment: (_facts, news = "ka") => `: ${news}\n\n`,
  terminator: "data: [DONE]\n\n",
  readCall: readCompletionCall,
  encoder: completionEncoder,
  writeAnswer: writeCompletionAnswer,
  writeFailure: writeOpenaiFailure,
};
