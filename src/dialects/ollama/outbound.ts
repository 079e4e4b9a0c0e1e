import type { ChatOutbound } from "../../vocabulary/dialect.ts";
import { ollamaDecoder, readOllamaAnswer } from "./outbound/decode.ts";
import { readOllamaFailure } from "./outbound/failure.ts";
import { writeOllamaRequest } from "./outbound/write-request.ts";

/** Upstreams that speak Ollama's own `POST /api/chat`. */
export const ollamaOutbound: ChatOutbound = {
  name: "ollama",
  framing: "ndjson",
  write: writeOllamaRequest,
  decoder: ollamaDecoder,
  readAnswer: readOllamaAnswer,
  readFailure: readOllamaFailure,
};
