import { estimatedTokens } from "../dialects/shared/conversation/estimate.ts";
import type { Prompt } from "../routing/ask.ts";
import type { ChatRequest } from "../vocabulary/chat.ts";
import type { Ability } from "../vocabulary/deployment.ts";
import type { Call } from "../vocabulary/dialect.ts";
import type { Json } from "../vocabulary/json.ts";
import { tokensOfBytes } from "../vocabulary/usage.ts";

/** What routing may ask about a chat. Everything is worked out when it is first asked for, and once. */
export class ChatPrompt implements Prompt {
  readonly #call: Call<ChatRequest>;
  #request: ChatRequest | null | undefined;
  #bytes: number | undefined;
  #tokens: number | undefined;
  #needs: ReadonlySet<Ability> | undefined;
  #text: string | undefined;

  constructor(call: Call<ChatRequest>) {
    this.#call = call;
  }

  get bytes(): number {
    this.#bytes ??= Buffer.byteLength(this.#call.text);
    return this.#bytes;
  }

  get estimated(): number | undefined {
    return this.#tokens;
  }

  tokens(): number {
    const request = this.#neutral();
    this.#tokens ??= request === null ? tokensOfBytes(this.bytes) : estimatedTokens(request);
    return this.#tokens;
  }

  answerTokens(): number | undefined {
    return this.#neutral()?.maxTokens;
  }

  needs(): ReadonlySet<Ability> {
    const request = this.#neutral();
    this.#needs ??= request === null ? NOTHING : needsOf(request);
    return this.#needs;
  }

  text(): string {
    this.#text ??= openingOf(this.#call.json);
    return this.#text;
  }

  /** `null` when there are no neutral words for it: its own provider understands it, or refuses it. */
  #neutral(): ChatRequest | null {
    if (this.#request === undefined) this.#request = neutral(this.#call);
    return this.#request;
  }
}

const NOTHING: ReadonlySet<Ability> = new Set();

/** Whatever is thrown: where the request itself is read, it is told. Here it only means that less is known. */
function neutral(call: Call<ChatRequest>): ChatRequest | null {
  try {
    return call.request();
  } catch {
    return null;
  }
}

function needsOf({ messages, tools, format, reasoning, modalities, audio }: ChatRequest): ReadonlySet<Ability> {
  const needs = new Set<Ability>();
  if (tools.length > 0) needs.add("tools");
  if (format?.type === "json-schema") needs.add("json_schema");
  if (reasoning !== undefined && reasoning.effort !== "none" && reasoning.budget !== 0) needs.add("thinking");
  if (audio !== undefined || modalities?.includes("audio")) needs.add("audio");
  for (const { parts } of messages) {
    for (const part of parts) {
      if (part.type === "image") needs.add("images");
      else if (part.type === "audio") needs.add("audio");
      else if (part.type === "file" || part.type === "video") needs.add("files");
    }
  }
  return needs;
}

/** Where the dialects keep what comes first in a prompt, in the order in which models read it. */
const FIELDS = ["tools", "system", "instructions", "systemInstruction", "messages", "contents", "input", "prompt"];
/** Marks that move from turn to turn and change nothing that is read. */
const MARKS = /,?"cache_control":\{[^{}]*\}/g;

function openingOf(json: Readonly<Record<string, Json | undefined>>): string {
  let text = "";
  for (const field of FIELDS) {
    const value = json[field];
    if (typeof value === "string") text += value;
    else if (Array.isArray(value)) for (const each of value) text += `${JSON.stringify(each)}\n`;
    else if (value !== undefined && value !== null) text += JSON.stringify(value);
  }
  return text.includes('"cache_control"') ? text.replace(MARKS, "") : text;
}
