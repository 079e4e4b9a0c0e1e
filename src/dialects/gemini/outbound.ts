import type { ChatOutbound } from "../../vocabulary/dialect.ts";
import { decoder, readAnswer } from "./decode.ts";
import { readFailure } from "./read-failure.ts";
import { readsAddress } from "./write-media.ts";
import { write } from "./write-request.ts";

/** Gemini's native API as an upstream: `:generateContent` and `:streamGenerateContent?alt=sse`. */
export const geminiOutbound: ChatOutbound = { name: "gemini", framing: "sse", write, readsAddress, decoder, readAnswer, readFailure };
