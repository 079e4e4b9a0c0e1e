import type { ChatOutbound } from "../../vocabulary/dialect.ts";
import { ollamaDecoder, readOllamaAnswer } from "./decode.ts";
import { readOllamaFailure } from "./failure.ts";
import { writeOllamaRequest } from "./write-request.ts";

/** Upstreams that speak Ollama's own `POST /api/chat`. */
export const ollamaOutbound: ChatOutbound = {
  name: "ollama",
  framing: "ndjson",
  write: writeOllamaRequest,
  decoder: ollamaDecoder,
  readAnswer: readOllamaAnswer,
  readFailure: readOllamaFailure,
};
