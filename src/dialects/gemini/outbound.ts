import type { ChatOutbound } from "../../vocabulary/dialect.ts";
import { decoder, readAnswer } from "./outbound/decode.ts";
import { expressGemini } from "./outbound/express.ts";
import { readFailure } from "./outbound/read-failure.ts";
import { readsAddress } from "./outbound/write-media.ts";
import { write } from "./outbound/write-request.ts";

/** Gemini's native API as an upstream: `:generateContent` and `:streamGenerateContent?alt=sse`. */
export const geminiOutbound: ChatOutbound = {
  name: "gemini",
  framing: "sse",
  crossing: { asked: /^x-server-timeout$/, answered: /^x-gemini-/ },
  express: expressGemini,
  write,
  readsAddress,
  decoder,
  readAnswer,
  readFailure,
};
