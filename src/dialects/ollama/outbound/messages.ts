import type { AssistantPart, ImagePart, Message, UserPart } from "../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import { type JsonObject, objectOf, parseJson } from "../../../vocabulary/json.ts";
import { placeOf } from "../../shared/places.ts";

/** Messages as Ollama takes them: text as one string, images beside it as bare base64, arguments as objects, results under their tool's name. */
export function writeMessages(messages: readonly Message[]): JsonObject[] {
  const written: JsonObject[] = [];
  const toolNames = new Map<string, string>();
  /** Images of tool results: they follow in a user message once the results of a turn are complete. */
  let pictures: string[] = [];
  const showPictures = () => {
    if (pictures.length > 0) written.push({ role: "user", content: "Images from the tool results above.", images: pictures });
    pictures = [];
  };
  messages.forEach((message, index) => {
    const path = `messages[${index}]`;
    if (message.role !== "tool") showPictures();
    switch (message.role) {
      case "system":
        written.push({ role: "system", content: textOf(message.parts) });
        break;
      case "user":
        written.push(withImages({ role: "user", content: textOf(message.parts) }, imagesOf(message.parts, path)));
        break;
      case "assistant":
        for (const part of message.parts) if (part.type === "tool-call") toolNames.set(part.id, part.name);
        written.push(assistantOf(message.parts, path));
        break;
      case "tool": {
        const name = toolNames.get(message.callId) ?? message.toolName;
        written.push({ role: "tool", content: textOf(message.parts), ...(name === undefined ? {} : { tool_name: name }), tool_call_id: message.callId });
        pictures.push(...imagesOf(message.parts, path));
        break;
      }
      default:
        message satisfies never;
    }
  });
  showPictures();
  return written;
}

function assistantOf(parts: readonly AssistantPart[], path: string): JsonObject {
  // A signature shows that another family of models did the thinking: only unsigned text is of use here.
  const thinking = parts.flatMap((part) => (part.type === "thinking" && part.signature === undefined ? [part.text] : [])).join("");
  const calls = parts
    .filter((part) => part.type === "tool-call")
    .map((call) => ({ id: call.id, function: { name: call.name, arguments: objectOf(parseJson(call.arguments)) } }));
  const message: JsonObject = {
    role: "assistant",
    content: parts.flatMap((part) => (part.type === "text" || part.type === "refusal" ? [part.text] : [])).join(""),
    ...(thinking === "" ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return withImages(
    message,
    parts.flatMap((part, index) => (part.type === "image" ? [base64Of(part, placeOf(part, `${path}.content[${index}]`))] : [])),
  );
}

function textOf(parts: readonly UserPart[]): string {
  return parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}

function imagesOf(parts: readonly UserPart[], path: string): string[] {
  return parts.flatMap((part, index) => {
    const at = placeOf(part, `${path}.content[${index}]`);
    if (part.type === "text") return [];
    if (part.type === "image") return [base64Of(part, at)];
    throw invalidRequest(
      at,
      `${at} is ${part.type === "audio" ? "audio" : `a ${part.type}`}, which this model's provider cannot read. Send text and images only.`,
    );
  });
}

function base64Of(part: ImagePart, path: string): string {
  switch (part.media.kind) {
    case "bytes":
      return part.media.base64;
    case "url":
      throw invalidRequest(path, `${path} is an image by URL, which this model's provider does not fetch. Send the image itself as a data: URL.`);
    case "stored":
      throw invalidRequest(path, `${path} is a stored file, which this model's provider does not have. Send the image itself as a data: URL.`);
  }
}

function withImages(message: JsonObject, images: string[]): JsonObject {
  return images.length === 0 ? message : { ...message, images };
}
