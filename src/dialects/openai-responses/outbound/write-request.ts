import type { ChatRequest } from "../../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { type JsonObject, listOf } from "../../../vocabulary/json.ts";
import { fitBody } from "../../shared/json/fit-body.ts";
import { refuseMoreThanOneText } from "../../shared/tuning/one-text.ts";
import { withoutRenames } from "./express.ts";
import { writeInput } from "./write-input.ts";
import { writeText } from "./write-text.ts";
import { writeTools } from "./write-tools.ts";
import { sharedExtras, untaken, writeBound, writeLogprobs, writeReasoning, writeSampling, writeServiceTier, writeUser } from "./write-tuning.ts";
import type { Writing } from "./writing.ts";

/**
 * A request of another dialect as a body for `POST /responses`, for the quirks of its destination. Nothing is stored: what a model that
 * thinks would look up there comes back encrypted, and is sent along. Throws `invalid-request` for a meaning the Responses API has no way to take in.
 */
export function writeResponsesRequest(request: ChatRequest, destination: Destination): Outgoing {
  const { model, profile } = destination;
  const writing: Writing = { request, destination, warnings: [], include: new Set() };
  refuseMoreThanOneText(request);
  // A Responses client's own words go as they are, where they are not ours to say.
  const own = request.origin === "openai-responses" ? request.extras : {};
  for (const name of listOf(own["include"])) if (typeof name === "string") writing.include.add(name);

  const body: JsonObject = {
    store: false,
    ...own,
    ...sharedExtras(request),
    model,
    input: writeInput(request.messages, profile),
    ...writeTools(request),
    max_output_tokens: writeBound(writing),
    ...writeSampling(writing),
    top_logprobs: writeLogprobs(writing),
    reasoning: writeReasoning(writing),
    text: writeText(writing),
    include: undefined,
    stream: request.stream ? true : undefined,
    prompt_cache_key: request.cacheKey,
    safety_identifier: writeUser(request),
    service_tier: writeServiceTier(writing),
    metadata: request.metadata,
  };
  if (writing.include.size > 0) body["include"] = [...writing.include];
  writing.warnings.push(...untaken(writing));
  fitBody(body, withoutRenames(destination), writing.warnings);
  return { body: JSON.stringify(body), warnings: writing.warnings };
}
