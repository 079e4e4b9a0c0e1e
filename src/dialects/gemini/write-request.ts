import type { ChatRequest, TextPart } from "../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../vocabulary/dialect.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import type { Profile } from "../../vocabulary/profile.ts";
import { conversationOf } from "../shared/turns.ts";
import { applied, generationConfigOf } from "./write-config.ts";
import { contentsOf } from "./write-contents.ts";
import { toolsOf } from "./write-tools.ts";

/**
 * A chat as a `GenerateContentRequest`. The model stands in the URL, not here, and so does the wish to stream.
 * Throws `invalid-request` for what Gemini cannot be told: an address it would not fetch, a foreign file id, arguments that are no object.
 */
export function write(request: ChatRequest, { profile }: Destination): Outgoing {
  const warnings: string[] = [];
  const { system, turns } = conversationOf(request.messages);
  const instructions = [...system, ...turns.flatMap((turn) => (turn.role === "system" ? turn.parts : []))];
  const contents = contentsOf(turns, {
    request,
    fetchesUrls: profile.imageUrls,
    resultImages: profile.toolResultImages,
    needsSignatures: profile.thinking === "level",
  });
  if (!profile.prefill && contents.at(-1)?.["role"] === "model")
    throw invalidRequest(
      `messages[${request.messages.length - 1}]`,
      "The last message must be the user's or a tool's: this model does not continue an answer that was begun for it.",
    );

  const config = generationConfigOf(request, profile, warnings);
  const body: JsonObject = {
    ...conversation(instructions, contents),
    ...toolsOf(request, warnings),
    ...serviceTier(request, profile, warnings),
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
  };
  return { body: JSON.stringify(body), warnings };
}

/** Gemini wants at least one content: instructions that stand alone become what the user says. */
function conversation(instructions: readonly TextPart[], contents: readonly JsonObject[]): JsonObject {
  const parts = instructions.map((part) => ({ text: part.text }));
  if (contents.length > 0) return { ...(parts.length === 0 ? {} : { systemInstruction: { parts } }), contents: [...contents] };
  if (parts.length === 0) throw invalidRequest("messages", "messages holds no content: send at least one message that is not empty.");
  return { contents: [{ role: "user", parts }] };
}

/** Only the tiers both worlds know: OpenAI's others mean "as usual". */
function serviceTier(request: ChatRequest, profile: Profile, warnings: string[]): JsonObject {
  const tier = request.serviceTier;
  return tier === "flex" || tier === "priority" ? applied({ serviceTier: tier }, profile, warnings) : {};
}
