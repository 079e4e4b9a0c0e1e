import type { ChatOutbound } from "../../vocabulary/dialect.ts";
import { chatMessage, generateMessage, ollamaDecoder, readOllamaAnswer } from "./outbound/decode.ts";
import { expressOllama } from "./outbound/express.ts";
import { readOllamaFailure } from "./outbound/failure.ts";
import { writeGenerateRequest } from "./outbound/write-generate.ts";
import { writeOllamaRequest } from "./outbound/write-request.ts";

/** Upstreams that speak Ollama's own `POST /api/chat`. */
export const ollamaOutbound: ChatOutbound = {
  name: "ollama",
  framing: "ndjson",
  express: expressOllama,
  write: writeOllamaRequest,
  decoder: () => ollamaDecoder(chatMessage),
  readAnswer: (json) => readOllamaAnswer(json, chatMessage),
  readFailure: readOllamaFailure,
};

/** The same servers' `POST /api/generate`, which only its own clients are sent to. */
export const ollamaGenerateOutbound: ChatOutbound = {
  ...ollamaOutbound,
  name: "ollama-generate",
  write: writeGenerateRequest,
  decoder: () => ollamaDecoder(generateMessage),
  readAnswer: (json) => readOllamaAnswer(json, generateMessage),
};
