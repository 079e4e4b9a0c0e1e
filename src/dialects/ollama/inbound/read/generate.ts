import type { ChatRequest, Message } from "../../../../vocabulary/chat.ts";
import type { Incoming } from "../../../../vocabulary/dialect.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { type JsonObject, listOf, stringOf } from "../../../../vocabulary/json.ts";
import { readWhenAsked } from "../../../shared/json/body.ts";
import { callOf, type OllamaCall, readOwnBody, residenceFor } from "../call.ts";
import { isDataUrl, readImages } from "./images.ts";
import { readSettings } from "./settings.ts";

/** A `/api/generate` body, read as far as routing and the express lane need it. */
export function readGenerateCall(incoming: Incoming): OllamaCall {
  const json = readOwnBody(incoming.text);
  return {
    dialect: "ollama-generate",
    ...callOf(json, incoming),
    residence: text(json, "prompt") === "" ? residenceFor(json["keep_alive"]) : undefined,
    completes: completionIn(json) !== undefined,
    anew: listOf(json["images"]).some(isDataUrl),
    request: readWhenAsked(incoming.text, () => readGenerateRequest(json)),
  };
}

/** A raw prompt is continued as it stands, its suffix unread; so is one before a suffix (server/routes.go, GenerateHandler). */
function completionIn(json: JsonObject): ChatRequest["completion"] {
  if (json["raw"] === true) return {};
  const suffix = text(json, "suffix");
  return suffix === "" ? undefined : { suffix };
}

/** A prompt as a conversation of one user message. What only Ollama knows, its templates and its tokens of earlier turns, are extras. */
function readGenerateRequest(json: JsonObject): ChatRequest {
  const completion = completionIn(json);
  const user: Message = { role: "user", parts: [{ type: "text", text: text(json, "prompt") }, ...readImages(listOf(json["images"]), "images")] };
  const system = text(json, "system");
  if (json["raw"] === true && (system !== "" || text(json, "template") !== "" || listOf(json["context"]).length > 0))
    throw invalidRequest("raw", "raw excludes system, template and context: the prompt is taken as it stands. Leave them out, or raw.");
  const first: Message[] = system === "" || completion !== undefined ? [] : [{ role: "system", parts: [{ type: "text", text: system }] }];
  return {
    model: stringOf(json["model"]) ?? "",
    messages: [...first, user],
    tools: [],
    completion,
    ...readSettings(json, ["prompt", "images", "system", "suffix", "raw"]),
    origin: "ollama-generate",
  };
}

function text(json: JsonObject, field: string): string {
  return stringOf(json[field]) ?? "";
}
