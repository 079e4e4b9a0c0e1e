import { chatOutbound } from "../../../src/dialects/index.ts";
import { incoming } from "../../../src/dialects/shared/incoming.fixture.ts";
import { profileFor } from "../../../src/providers/index.ts";
import type { DialectName } from "../../../src/vocabulary/dialect.ts";
import { Failure } from "../../../src/vocabulary/failure.ts";
import { parseJson } from "../../../src/vocabulary/json.ts";
import type { Recording } from "../../recordings/recordings.ts";
import { type Exception, requestMisfits } from "../../specs/requests.ts";
import type { Client } from "./clients.ts";
import { isAnswered } from "./lane.ts";
import { isPlayed } from "./lanes.ts";

/** A model a request can be translated for. */
export interface Target {
  readonly dialect: DialectName;
  readonly kind: string;
  readonly model: string;
}

/** Dialects a chat can be translated to, and models whose profiles are demanding ones. */
export const TARGETS: readonly Target[] = [
  { dialect: "openai-chat", kind: "openai", model: "gpt-4o" },
  { dialect: "openai-chat", kind: "openai", model: "gpt-5" },
  { dialect: "openai-chat", kind: "mistral", model: "mistral-large-latest" },
  { dialect: "openai-chat", kind: "vllm", model: "qwen" },
  { dialect: "anthropic-messages", kind: "anthropic", model: "claude-sonnet-4-5" },
  { dialect: "anthropic-messages", kind: "anthropic", model: "claude-opus-4-7" },
  { dialect: "gemini", kind: "gemini", model: "gemini-2.5-pro" },
  { dialect: "gemini", kind: "gemini", model: "gemini-3-pro-preview" },
  { dialect: "ollama", kind: "ollama", model: "llama3.2" },
  { dialect: "openai-responses", kind: "openai", model: "gpt-5" },
  { dialect: "openai-responses", kind: "openai", model: "gpt-5-codex" },
  { dialect: "openai-responses", kind: "openai", model: "o3-pro" },
  { dialect: "openai-responses", kind: "azure", model: "gpt-4o" },
  { dialect: "openai-responses", kind: "xai", model: "grok-4.3" },
];

/** What became of recorded requests when they were written for another dialect. */
export interface Translated {
  written: number;
  /** How many were refused, by what for. */
  readonly refused: Map<string, number>;
  /** Bodies that are not what the upstream's vendor says they are, and anything else that is neither: mistakes of ours. */
  readonly mistakes: string[];
}

/** Recorded requests of a client's own API that its service answered. */
export function asked({ api }: Client, recordings: readonly Recording[]): readonly Recording[] {
  return recordings.filter((recording) => recording.api === api && isAnswered(recording) && isPlayed(recording));
}

/** Writes every recorded request of such clients for one target, as its vendor's schema wants it. A refusal must be `invalid-request` and name its field. */
export function translateAll(
  recordings: readonly Recording[],
  { dialect, kind, model }: Target,
  { face, rest }: Client,
  excepted?: (exception: Exception) => void,
): Translated {
  const all: Translated = { written: 0, refused: new Map(), mistakes: [] };
  const destination = { model, profile: profileFor(kind, model) };
  for (const recording of recordings) {
    try {
      const { body } = chatOutbound(dialect).write(face.readCall(incoming(recording.request.body, {}, rest)).request(), destination);
      all.written++;
      all.mistakes.push(...requestMisfits({ dialect, kind, body: parseJson(body) }, excepted).map((misfit) => `${recording.id}: ${misfit}`));
    } catch (thrown) {
      const reason = refusalOf(thrown);
      if (reason === undefined) all.mistakes.push(`${recording.id}: ${String(thrown)}`);
      else all.refused.set(reason, (all.refused.get(reason) ?? 0) + 1);
    }
  }
  return all;
}

/** What was refused, and why; nothing for a mistake of ours. */
function refusalOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Failure) || thrown.kind !== "invalid-request" || thrown.message === "") return undefined;
  const words = thrown.message.replaceAll(/\d+/g, "N").replaceAll(/"[^"]*"/g, '"…"');
  return `${(thrown.facts.param ?? "").replaceAll(/\d+/g, "N")}: ${words.slice(0, 110)}`;
}
