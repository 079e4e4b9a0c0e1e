import { anthropicMessagesInbound } from "../../../src/dialects/anthropic-messages/inbound.ts";
import { geminiInbound } from "../../../src/dialects/gemini/inbound.ts";
import { chatOutbound } from "../../../src/dialects/index.ts";
import { ollamaChatInbound } from "../../../src/dialects/ollama/inbound.ts";
import { openaiChatInbound } from "../../../src/dialects/openai-chat/inbound.ts";
import { openaiResponsesInbound } from "../../../src/dialects/openai-responses/inbound.ts";
import { incoming } from "../../../src/dialects/shared/incoming.fixture.ts";
import { profileFor } from "../../../src/providers/index.ts";
import type { ChatInbound, DialectName } from "../../../src/vocabulary/dialect.ts";
import { Failure } from "../../../src/vocabulary/failure.ts";
import { isObject, parseJson } from "../../../src/vocabulary/json.ts";
import type { Recording } from "../../recordings/recordings.ts";
import { type Exception, requestMisfits } from "../../specs/requests.ts";

/** A model a request can be translated for. */
export interface Target {
  readonly dialect: DialectName;
  readonly kind: string;
  readonly model: string;
}

/** Dialects a chat can be translated to, and models whose profiles are demanding ones. */
export const TARGETS: readonly Target[] = [
  { dialect: "anthropic-messages", kind: "anthropic", model: "claude-sonnet-4-5" },
  { dialect: "anthropic-messages", kind: "anthropic", model: "claude-opus-4-7" },
  { dialect: "openai-chat", kind: "openai", model: "gpt-4o" },
  { dialect: "openai-chat", kind: "openai", model: "gpt-5" },
  { dialect: "openai-chat", kind: "mistral", model: "mistral-large-latest" },
  { dialect: "openai-chat", kind: "vllm", model: "qwen" },
  { dialect: "openai-responses", kind: "openai", model: "gpt-5" },
  { dialect: "openai-responses", kind: "openai", model: "gpt-5-codex" },
  { dialect: "openai-responses", kind: "openai", model: "o3-pro" },
  { dialect: "openai-responses", kind: "azure", model: "gpt-4o" },
  { dialect: "openai-responses", kind: "xai", model: "grok-4.3" },
  { dialect: "gemini", kind: "gemini", model: "gemini-2.5-pro" },
  { dialect: "gemini", kind: "gemini", model: "gemini-3-pro-preview" },
  { dialect: "ollama", kind: "ollama", model: "llama3.2" },
];

/** What has no words in any dialect but Google's; and what some upstreams refuse, whoever asks: kinds of media, forced calls where none can be forced. */
const GOOGLES = /^(tools\[\d+\]\.(googleSearch|codeExecution|urlContext|fileSearch)|cachedContent|contents\[\d+\]\.parts\[\d+\])$/;
const THEIRS = /^(messages\[\d+\]\.content\[\d+\]|modalities|tool_choice)$/;

/** The APIs that chats come in by, how much of their recorded traffic every target must be able to take, and what of it may be refused: all of that is a loss. */
export const ASKED: Readonly<Record<string, { readonly face: ChatInbound; readonly written: number; readonly refused?: readonly RegExp[] }>> = {
  chat_completions: { face: openaiChatInbound, written: 0.8 },
  // What is refused are tools that the provider runs itself, and what a dialect has no place for.
  responses: { face: openaiResponsesInbound, written: 0.7 },
  anthropic_messages: { face: anthropicMessagesInbound, written: 0.75 },
  gemini_generate: { face: geminiInbound, written: 0.7, refused: [GOOGLES, THEIRS] },
  ollama_chat: { face: ollamaChatInbound, written: 1 },
};

/** Recorded requests that were answered, and so ought to be understood. */
export const isAsked = ({ api, request, response }: Recording): boolean => api in ASKED && response.status < 300 && isObject(request.body);

/** What became of recorded requests when they were written for another dialect. */
export interface Translated {
  written: number;
  /** How many were refused, by what for. */
  readonly refused: Map<string, number>;
  /** Bodies that are not what the upstream's vendor says they are, and anything else that is neither: mistakes of ours. */
  readonly mistakes: string[];
}

/** Writes every recorded request for one target, as its vendor's schema wants it. A refusal must be `invalid-request`, and name its field. */
export function translateAll(recordings: readonly Recording[], target: Target, excepted?: (exception: Exception) => void): Translated {
  const all: Translated = { written: 0, refused: new Map(), mistakes: [] };
  const destination = { model: target.model, profile: profileFor(target.kind, target.model) };
  for (const { id, api, request } of recordings) {
    try {
      const call = ASKED[api]?.face.readCall(incoming(request.body, {}, "m:generateContent"));
      if (call === undefined) throw new Error(`nobody reads ${api}`);
      const body = parseJson(chatOutbound(target.dialect).write(call.request(), destination).body);
      all.written++;
      all.mistakes.push(...requestMisfits({ ...target, body }, excepted).map((misfit) => `${id}: ${misfit}`));
    } catch (thrown) {
      if (!isClear(thrown, ASKED[api]?.refused)) all.mistakes.push(`${id}: ${String(thrown)}`);
      else {
        const reason = reasonOf(thrown);
        all.refused.set(reason, (all.refused.get(reason) ?? 0) + 1);
      }
    }
  }
  return all;
}

function isClear(thrown: unknown, patterns: readonly RegExp[] = [/./]): thrown is Failure {
  if (!(thrown instanceof Failure) || thrown.kind !== "invalid-request" || thrown.message === "") return false;
  return patterns.some((pattern) => pattern.test(thrown.facts.param ?? ""));
}

function reasonOf({ facts, message }: Failure): string {
  const words = message
    .replaceAll(/\d+/g, "N")
    .replaceAll(/"[^"]*"/g, '"…"')
    .slice(0, 110);
  return `${(facts.param ?? "").replaceAll(/\d+/g, "N")}: ${words}`;
}
