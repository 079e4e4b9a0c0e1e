import type { AssistantPart, Message, UserPart } from "../../vocabulary/chat.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import type { Profile } from "../../vocabulary/profile.ts";
import { unfetched, urlOf } from "../shared/conversation/media.ts";
import { placeOf } from "../shared/places.ts";

/**
 * Messages as chat bodies have them. Only a user's message may hold more than text: what else tool results and the assistant's own answers
 * hold follows in one of the user's, after the last result, for nothing may stand between a turn's calls and their results.
 */
export function writeMessages(messages: readonly Message[], profile: Profile): JsonObject[] {
  const written: JsonObject[] = [];
  let displaced: JsonObject[] = [];
  const show = () => {
    if (displaced.length > 0) written.push({ role: "user", content: [{ type: "text", text: "Content of the messages above:" }, ...displaced] });
    displaced = [];
  };
  messages.forEach((message, index) => {
    const pathOf = (part: UserPart | AssistantPart) => placeOf(part, `messages[${index}].content[${(message.parts as readonly object[]).indexOf(part)}]`);
    const writeOne = (part: UserPart) => writePart(part, pathOf(part), profile.imageUrls);
    if (message.role !== "tool") show();
    switch (message.role) {
      case "system":
        written.push({ role: message.developer && profile.developerRole ? "developer" : "system", content: textOf(message.parts, "text", "\n\n") });
        break;
      case "user":
        written.push({ role: "user", content: contentOf(message.parts, writeOne), ...(message.name === undefined ? {} : { name: message.name }) });
        break;
      case "tool":
        written.push({ role: "tool", tool_call_id: message.callId, content: textOf(message.parts, "text", "\n") });
        displaced.push(...message.parts.filter((part) => part.type !== "text").map(writeOne));
        break;
      case "assistant":
        written.push(assistantOf(message.parts));
        displaced.push(...message.parts.filter((part) => part.type === "image").map(writeOne));
        break;
      default:
        message satisfies never;
    }
  });
  show();
  return written;
}

function assistantOf(parts: readonly AssistantPart[]): JsonObject {
  const text = textOf(parts, "text", "");
  const refusal = textOf(parts, "refusal", "");
  const calls = parts.flatMap((part) =>
    part.type === "tool-call"
      ? [{ id: part.id, type: "function", function: { name: part.name, arguments: part.arguments.trim() === "" ? "{}" : part.arguments } }]
      : [],
  );
  return {
    role: "assistant",
    content: text === "" && (calls.length > 0 || refusal !== "") ? null : text,
    ...(refusal === "" ? {} : { refusal }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function textOf(parts: readonly (UserPart | AssistantPart)[], type: "text" | "refusal", between: string): string {
  return parts.flatMap((part) => (part.type === type && "text" in part ? [part.text] : [])).join(between);
}

function contentOf(parts: readonly UserPart[], writeOne: (part: UserPart) => JsonObject): string | JsonObject[] {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (parts.length === 0) return "";
  return only?.type === "text" ? only.text : parts.map(writeOne);
}

function writePart(part: UserPart, path: string, fetches: boolean): JsonObject {
  if (!fetches && "media" in part && part.media.kind === "url") throw unfetched(path);
  switch (part.type) {
    case "text":
      return { type: "text", text: part.text };
    case "image":
      return {
        type: "image_url",
        image_url: {
          url: urlOf(part.media) ?? refuse(path, "names a stored file, which chat images cannot"),
          ...(part.detail === undefined ? {} : { detail: part.detail }),
        },
      };
    case "video":
      return { type: "video_url", video_url: { url: urlOf(part.media) ?? refuse(path, "names a stored file, which chat videos cannot") } };
    case "audio":
      if (part.media.kind !== "bytes") return refuse(path, "must hold the audio itself, as base64");
      return {
        type: "input_audio",
        input_audio: { data: part.media.base64, format: part.media.mime === "audio/mpeg" ? "mp3" : part.media.mime.replace(/^audio\//, "") },
      };
    case "file":
      return {
        type: "file",
        file:
          part.media.kind === "stored"
            ? { file_id: part.media.id }
            : { file_data: urlOf(part.media), ...(part.filename === undefined ? {} : { filename: part.filename }) },
      };
  }
}

function refuse(path: string, what: string): never {
  throw invalidRequest(path, `${path} ${what}.`);
}
