import type { ChatOutbound, Crossing } from "../../vocabulary/dialect.ts";
import { readOpenaiFailure } from "../shared/openai/failure.ts";
import { readResponse, responsesDecoder } from "./outbound/decode.ts";
import { expressResponses } from "./outbound/express.ts";
import { writeResponsesRequest } from "./outbound/write-request.ts";

/**
 * What Codex tells of its session and is told in return, and betas a client asks for. Who pays and who may, `openai-organization`,
 * `openai-project`, `x-openai-actor-authorization`, is the gateway's to say.
 */
const CROSSING: Crossing = {
  asked: /^(?!.*(auth|token|key|secret))(openai-beta|x-openai-[\w-]+|x-codex-[\w-]+|originator|session[-_]id|thread-id|x-client-request-id)$/,
  answered: /^(openai-(processing-ms|version|model)|x-codex-[\w-]+|x-models-etag|x-reasoning-included)$/,
};

/** Upstreams that speak `POST /responses`: OpenAI, and some that are compatible with it. */
export const openaiResponsesOutbound: ChatOutbound = {
  name: "openai-responses",
  framing: "sse",
  crossing: CROSSING,
  express: expressResponses,
  write: writeResponsesRequest,
  decoder: responsesDecoder,
  readAnswer: readResponse,
  readFailure: (reply) => readOpenaiFailure(reply, "openai-responses"),
};
