import type { AnswerFacts, ChatInbound, Incoming } from "../../vocabulary/dialect.ts";
import type { OllamaCall } from "./inbound/call.ts";
import { readChatCall } from "./inbound/read/chat.ts";
import { readGenerateCall } from "./inbound/read/generate.ts";
import { lineEncoder, writeWhole } from "./inbound/write/encode.ts";
import { writeOllamaFailure } from "./inbound/write/failure.ts";
import { chatShape, generateShape, quietLine, residenceLine, type Shape } from "./inbound/write/lines.ts";

/** Clients of Ollama's own API, whose calls need not ask a model anything. */
export interface OllamaInbound extends ChatInbound {
  /** Throws `invalid-request` with the JSON path. */
  readCall(incoming: Incoming): OllamaCall;
  /** The answer to a call that only wants its model loaded or put away. */
  writeResidence(residence: "load" | "unload", facts: AnswerFacts): string;
}

function inbound(shape: Shape) {
  return {
    streamType: "application/x-ndjson",
    comment: (facts: AnswerFacts) => quietLine(facts, shape),
    // The last line says that it is the last.
    terminator: "",
    encoder: lineEncoder(shape),
    writeAnswer: writeWhole(shape),
    writeResidence: (residence: "load" | "unload", facts: AnswerFacts) => residenceLine(residence, facts, shape),
    writeFailure: writeOllamaFailure,
  };
}

/** Clients of `POST /api/chat`. */
export const ollamaChatInbound: OllamaInbound = { name: "ollama", ...inbound(chatShape), readCall: readChatCall };

/** Clients of `POST /api/generate`: one prompt, one answer. */
export const ollamaGenerateInbound: OllamaInbound = { name: "ollama-generate", ...inbound(generateShape), readCall: readGenerateCall };
