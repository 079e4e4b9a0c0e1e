import type { ChatRequest, TextPart } from "../../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import type { Profile } from "../../../vocabulary/profile.ts";
import { conversationOf } from "../../shared/conversation/turns.ts";
import { placeOf, refusedMessages } from "../../shared/places.ts";
import { untakenKnobs } from "../../shared/tuning/knobs.ts";
import { CONFIG_EXTRA } from "../fields.ts";
import { applied, generationConfigOf } from "./write-config.ts";
import { contentsOf } from "./write-contents.ts";
import { toolsOf } from "./write-tools.ts";

/**
 * A chat as a `GenerateContentRequest`. The model stands in the URL, not here, and so does the wish to stream.
 * Throws `invalid-request` for what Gemini cannot be told: an address it would not fetch, a foreign file id, arguments that are no object.
 */
export function write(request: ChatRequest, { model, profile }: Destination): Outgoing {
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
      placeOf(request.messages.at(-1), `messages[${request.messages.length - 1}]`),
      "The last message must be the user's or a tool's: this model does not continue an answer that was begun for it.",
    );

  const extras = ownExtras(request);
  warnings.push(...untakenKnobs(request, new Set([...knobsOf(request), ...extras.names]), model));
  const config = { ...extras.config, ...generationConfigOf(request, profile, warnings) };
  const body: JsonObject = {
    ...conversation(request, instructions, contents),
    ...toolsOf(request, warnings),
    ...serviceTier(request, profile, warnings),
    ...extras.body,
    ...(Object.keys(config).length === 0 ? {} : { generationConfig: config }),
  };
  return { body: JSON.stringify(body), warnings };
}

/** Gemini wants at least one content: instructions that stand alone become what the user says. */
function conversation({ messages }: ChatRequest, instructions: readonly TextPart[], contents: readonly JsonObject[]): JsonObject {
  const parts = instructions.map((part) => ({ text: part.text }));
  if (contents.length > 0) return { ...(parts.length === 0 ? {} : { systemInstruction: { parts } }), contents: [...contents] };
  if (parts.length === 0) throw refusedMessages(messages, "holds no content: send at least one message that is not empty.");
  return { contents: [{ role: "user", parts }] };
}

/** What a client of Gemini's said that only Gemini has words for, by where it stands. What stands beside a part has lost its place. */
function ownExtras(request: ChatRequest): { readonly names: readonly string[]; readonly body: JsonObject; readonly config: JsonObject } {
  const extras = request.origin === "gemini" ? Object.entries(request.extras) : [];
  const inConfig = extras.filter(([name]) => name.startsWith(CONFIG_EXTRA));
  const atTop = extras.filter(([name]) => !name.includes("."));
  return {
    names: [...inConfig, ...atTop].map(([name]) => name),
    body: Object.fromEntries(atTop),
    config: Object.fromEntries(inConfig.map(([name, value]) => [name.slice(CONFIG_EXTRA.length), value])),
  };
}

/** The knobs Gemini has something like, with what this request asks of them. */
function knobsOf(request: ChatRequest): ReadonlySet<string> {
  const takes = ["seed", "presence_penalty", "frequency_penalty", "logprobs", "reasoning.exclude"];
  if (request.modalities?.includes("audio")) takes.push("audio");
  if (isTier(request.serviceTier)) takes.push("service_tier");
  return new Set(takes);
}

/** The tiers both worlds know. */
function isTier(tier: string | undefined): boolean {
  return tier === "flex" || tier === "priority";
}

function serviceTier(request: ChatRequest, profile: Profile, warnings: string[]): JsonObject {
  return isTier(request.serviceTier) ? applied({ serviceTier: request.serviceTier }, profile, warnings) : {};
}
