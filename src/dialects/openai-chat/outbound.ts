import type { ChatOutbound } from "../../vocabulary/dialect.ts";
import { readOpenaiFailure } from "../shared/openai/failure.ts";
import { chatDecoder, readChatAnswer } from "./decode.ts";
import { expressChat } from "./express.ts";
import { writeChatRequest } from "./write-request.ts";

/** Upstreams that speak `POST /chat/completions`: OpenAI and everything compatible with it. */
export const openaiChatOutbound: ChatOutbound = {
  name: "openai-chat",
  framing: "sse",
  express: expressChat,
  write: writeChatRequest,
  decoder: chatDecoder,
  readAnswer: readChatAnswer,
  readFailure: (reply) => readOpenaiFailure(reply, "openai-chat"),
};
