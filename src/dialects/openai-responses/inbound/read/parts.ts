import type { AssistantPart, CacheMark, Media, TextPart, UserPart } from "../../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { mediaOf, plainMime } from "../../../shared/conversation/media.ts";
import { placed } from "../../../shared/places.ts";

/** What a user said or a tool gave: a string or a list of parts. Throws `invalid-request` at the part that cannot be understood. */
export function readUserParts(content: Json | undefined, path: string): UserPart[] {
  return readParts(content, path, readUserPart);
}

/** Instructions: nothing but text. */
export function readSystemParts(content: Json | undefined, path: string): TextPart[] {
  return readParts(content, path, (part, at) => textIn(part, at) ?? refuse(`${at}.type`, "must be input_text: instructions are text"));
}

/** What the model said: text and refusals. Empty text is nothing said. */
export function readAssistantParts(content: Json | undefined, path: string): AssistantPart[] {
  return readParts<AssistantPart>(content, path, (part, at) => {
    if (part["type"] === "refusal") return { type: "refusal", text: stringOf(part["refusal"]) ?? refuse(`${at}.refusal`, "must be a string") };
    return textIn(part, at) ?? refuse(`${at}.type`, "must be output_text or refusal in an assistant's message");
  }).filter((part) => !("text" in part) || part.text !== "");
}

function readParts<Part extends object>(content: Json | undefined, path: string, read: (part: JsonObject, path: string) => Part): (Part | TextPart)[] {
  if (content === undefined || content === null) return [];
  if (typeof content === "string") return [placed({ type: "text", text: content }, path)];
  if (!Array.isArray(content)) return refuse(path, "must be a string or a list of parts");
  return content.map((part, index) => placed(read(objectOf(part), `${path}[${index}]`), `${path}[${index}]`));
}

function readUserPart(part: JsonObject, path: string): UserPart {
  const marked = cacheMark(part);
  switch (part["type"]) {
    case "input_image":
      return { type: "image", media: imageIn(part, path), detail: stringOf(part["detail"]), ...marked };
    case "input_file":
      return { type: "file", media: fileIn(part, path), filename: stringOf(part["filename"]), ...marked };
    case "input_audio": {
      const audio = objectOf(part["input_audio"]);
      const base64 = stringOf(audio["data"]) ?? refuse(`${path}.input_audio.data`, "must be base64");
      return { type: "audio", media: { kind: "bytes", mime: plainMime(`audio/${stringOf(audio["format"]) ?? "wav"}`), base64 } };
    }
    case "input_video":
      return { type: "video", media: mediaOf(stringOf(part["video_url"]) ?? refuse(`${path}.video_url`, "must be a URL"), `${path}.video_url`) };
    case "refusal":
      return { type: "text", text: stringOf(part["refusal"]) ?? "" };
    default:
      return (
        textIn(part, path) ??
        refuse(
          `${path}.type`,
          `is ${JSON.stringify(part["type"] ?? null)}, which is no kind of content part. Use input_text, input_image, input_file, input_audio or input_video`,
        )
      );
  }
}

/** The text of a part of any kind that is one; `undefined` for the others. */
function textIn(part: JsonObject, path: string): TextPart | undefined {
  const { type } = part;
  if (type !== "input_text" && type !== "output_text" && type !== "text") return undefined;
  return { type: "text", text: stringOf(part["text"]) ?? refuse(`${path}.text`, "must be a string"), ...cacheMark(part) };
}

function imageIn(part: JsonObject, path: string): Media {
  const id = stringOf(part["file_id"]);
  if (id !== undefined) return { kind: "stored", id };
  const image = part["image_url"];
  const url = stringOf(image) ?? stringOf(objectOf(image)["url"]) ?? refuse(`${path}.image_url`, "must be an https: or data: URL, or file_id must be given");
  return mediaOf(url, `${path}.image_url`);
}

function fileIn(part: JsonObject, path: string): Media {
  const id = stringOf(part["file_id"]);
  if (id !== undefined) return { kind: "stored", id };
  const url = stringOf(part["file_url"]);
  if (url !== undefined) return mediaOf(url, `${path}.file_url`);
  const data = stringOf(part["file_data"]) ?? refuse(path, "needs file_data (a data: URL), file_url or file_id");
  return /^data:/i.test(data) ? mediaOf(data, `${path}.file_data`) : { kind: "bytes", mime: "application/pdf", base64: data };
}

/** OpenAI's `prompt_cache_breakpoint`: this part ends a cacheable prefix. */
function cacheMark(part: JsonObject): { cache?: CacheMark } {
  return isObject(part["prompt_cache_breakpoint"]) ? { cache: {} } : {};
}

function refuse(path: string, what: string): never {
  throw invalidRequest(path, `${path} ${what}.`);
}
