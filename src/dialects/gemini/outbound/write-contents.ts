import type { AssistantPart, TextPart, ToolCallPart, UserPart } from "../../../vocabulary/chat.ts";
import { isObject, type JsonObject, objectOf, parseJson } from "../../../vocabulary/json.ts";
import type { ToolResult, Turn } from "../../shared/conversation/turns.ts";
import { geminiName } from "./tool-names.ts";
import { type MediaContext, type MediaPart, mediaPart } from "./write-media.ts";

/** What a conversation's writer must know besides the turns. */
interface ContentsContext extends MediaContext {
  /** Does `functionResponse` take pictures? Else they follow as parts of the user's turn. */
  readonly resultImages: boolean;
  /** Gemini 3 refuses a function call or a picture of the model in the history without its thought signature. */
  readonly needsSignatures: boolean;
}

/** Google's documented stand-in for a signature that was lost: https://ai.google.dev/gemini-api/docs/thought-signatures */
const NO_SIGNATURE = "skip_thought_signature_validator";

/** The turns as Gemini's `contents`; system turns are left out, and their neighbours of one role become one content. */
export function contentsOf(turns: readonly Turn[], context: ContentsContext): JsonObject[] {
  const contents: { role: "user" | "model"; parts: JsonObject[] }[] = [];
  for (const turn of turns) {
    if (turn.role === "system") continue;
    const role = turn.role === "assistant" ? "model" : "user";
    const parts = turn.role === "assistant" ? modelParts(turn.parts, context) : userParts(turn.results, turn.parts, context);
    // An assistant's turn may have held nothing but thinking.
    if (parts.length === 0) continue;
    const last = contents.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else contents.push({ role, parts });
  }
  return contents.map(({ role, parts }) => ({ role, parts }));
}

function userParts(results: readonly ToolResult[], parts: readonly UserPart[], context: ContentsContext): JsonObject[] {
  const answers: JsonObject[] = [];
  const after: JsonObject[] = [];
  for (const result of results) {
    const texts = result.parts.filter((part) => part.type === "text");
    const media = result.parts.filter((part) => part.type !== "text");
    const inside = context.resultImages ? media.filter((part) => part.media.kind === "bytes") : [];
    const outside = media.filter((part) => !inside.includes(part));
    const name = geminiName(result.name, "messages");
    answers.push({
      functionResponse: {
        id: result.callId,
        name,
        response: responseOf(texts, media, result.failed),
        ...(inside.length === 0 ? {} : { parts: inside.map((part) => mediaPart(part, context)) }),
      },
    });
    if (outside.length > 0) after.push({ text: `Result of ${name}:` }, ...outside.map((part) => mediaPart(part, context)));
  }
  return [...answers, ...after, ...parts.map((part) => userPart(part, context))];
}

function userPart(part: UserPart, context: ContentsContext): JsonObject {
  return part.type === "text" ? { text: part.text } : mediaPart(part, context);
}

/** A tool's words as the object Gemini wants: a JSON object stays one, all else goes under `output`, failures under `error`. */
function responseOf(texts: readonly TextPart[], media: readonly MediaPart[], failed: boolean): JsonObject {
  const text = texts.map((part) => part.text).join("\n");
  if (failed) return { error: text };
  if (text === "" && media.length > 0) return {};
  return safeObject(text) ?? { output: text };
}

/** The object in a JSON text; `undefined` when it is none or holds an integer that reading would round. */
function safeObject(text: string): JsonObject | undefined {
  if (!text.trimStart().startsWith("{") || /[:,[\s]-?\d{16,}/.test(text)) return undefined;
  const json = parseJson(text);
  return isObject(json) ? json : undefined;
}

function modelParts(parts: readonly AssistantPart[], context: ContentsContext): JsonObject[] {
  const written: JsonObject[] = [];
  let calls = 0;
  for (const part of parts) {
    switch (part.type) {
      case "text":
        written.push(signed({ text: part.text }, part.signature));
        break;
      case "refusal":
        if (part.text !== "") written.push({ text: part.text });
        break;
      case "tool-call":
        // Of parallel calls only the first carries the turn's signature.
        written.push(signed({ functionCall: callOf(part) }, part.signature ?? (context.needsSignatures && calls === 0 ? NO_SIGNATURE : undefined)));
        calls++;
        break;
      case "image":
        // A picture of its own without its signature is a 400 too.
        written.push(signed(mediaPart(part, context), part.signature ?? (context.needsSignatures ? NO_SIGNATURE : undefined)));
        break;
      case "thinking":
        // Gemini thinks anew; its summaries are for people, and another provider's are not its own.
        break;
      default:
        part satisfies never;
    }
  }
  return written;
}

function callOf(part: ToolCallPart): JsonObject {
  return { id: part.id, name: geminiName(part.name, "messages"), args: objectOf(parseJson(part.arguments)) };
}

function signed(part: JsonObject, signature: string | undefined): JsonObject {
  return signature === undefined ? part : { ...part, thoughtSignature: signature };
}
