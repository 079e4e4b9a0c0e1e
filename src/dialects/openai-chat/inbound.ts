import type { ChatInbound } from "../../vocabulary/dialect.ts";
import { writeOpenaiFailure } from "../shared/openai/failure.ts";
import { chatEncoder, writeChatAnswer } from "./encode.ts";
import { readChatCall } from "./read-call.ts";

/** Clients of `POST /v1/chat/completions`. */
export const openaiChatInbound: ChatInbound = {
  name: "openai-chat",
  streamType: "text/event-stream; charset=utf-8",
  comment: (_facts, news = "ka") => `: ${news}\n\n`,
  terminator: "data: [DONE]\n\n",
  readCall: readChatCall,
  encoder: chatEncoder,
  writeAnswer: writeChatAnswer,
  writeFailure: writeOpenaiFailure,
};
