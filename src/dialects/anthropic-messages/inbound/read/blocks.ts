import type { FilePart, ImagePart, Media, TextPart, UserPart } from "../../../../vocabulary/chat.ts";
import { type JsonObject, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { mediaOf, plainMime } from "../../../shared/conversation/media.ts";
import { placed } from "../../../shared/places.ts";
import { shortName } from "../tool-names.ts";
import { blocksOf, cacheOf, named, type Reading, refuse, stringAt } from "./reading.ts";

/** A block of a user's turn, or of a tool's result, as parts. Throws `invalid-request` at its path for what has no words elsewhere. */
export function readUserBlock(block: JsonObject, path: string, reading: Reading): UserPart[] {
  return partsOf(block, path, reading).map((part) => placed(part, path));
}

function partsOf(block: JsonObject, path: string, reading: Reading): UserPart[] {
  switch (block["type"]) {
    case "text":
      return readText(block, path);
    case "image":
      return [readImage(block, path)];
    case "document":
      return readDocument(block, path, reading);
    case "search_result":
      return [readSearchResult(block, path, reading)];
    case "tool_reference":
      return [{ type: "text", text: `Tool ${shortName(stringAt(block, "tool_name", path))} is loaded.`, ...cacheOf(block) }];
    case "container_upload":
      return refuse(path, "puts a file where only Claude's code execution reads it. Send it as an image or document block");
    default:
      return refuse(`${path}.type`, `is ${named(block["type"])}, which cannot be translated for this model's provider`);
  }
}

/** A text block; none for an empty one, which nobody may be sent. */
export function readText(block: JsonObject, path: string): TextPart[] {
  const text = stringAt(block, "text", path);
  return text === "" ? [] : [{ type: "text", text, ...cacheOf(block) }];
}

function readImage(block: JsonObject, path: string): ImagePart {
  return { type: "image", media: readSource(objectOf(block["source"]), `${path}.source`), ...cacheOf(block) };
}

function readSource(source: JsonObject, path: string): Media {
  switch (source["type"]) {
    case "base64":
      return { kind: "bytes", mime: plainMime(stringAt(source, "media_type", path)), base64: stringAt(source, "data", path) };
    case "url":
      return mediaOf(stringAt(source, "url", path), `${path}.url`);
    case "file":
      return { kind: "stored", id: stringAt(source, "file_id", path) };
    default:
      return refuse(`${path}.type`, `is ${named(source["type"])}, which is no kind of source. Use base64, url or file`);
  }
}

/** A document that is text becomes text, for most models take no other files than PDF; what it is called stands around it. */
function readDocument(block: JsonObject, path: string, reading: Reading): UserPart[] {
  const source = objectOf(block["source"]);
  const at = `${path}.source`;
  const title = stringOf(block["title"]);
  const context = stringOf(block["context"]);
  if (objectOf(block["citations"])["enabled"] === true) reading.unsaid.add("citations");
  switch (source["type"]) {
    case "text":
      return [{ type: "text", text: documentText(stringAt(source, "data", at), title, context), ...cacheOf(block) }];
    case "content": {
      const parts = blocksOf(source["content"], `${at}.content`).flatMap((inner, index) => readUserBlock(inner, `${at}.content[${index}]`, reading));
      const head: TextPart = { type: "text", text: documentHead(title, context) };
      return [head, ...parts, { type: "text", text: "</document>", ...cacheOf(block) }];
    }
    default: {
      const media = readSource(source, at);
      const file: FilePart = {
        type: "file",
        media: media.kind === "url" ? { mime: "application/pdf", ...media } : media,
        ...(title === undefined ? {} : { filename: title }),
        ...cacheOf(block),
      };
      return context === undefined ? [file] : [{ type: "text", text: `About the document that follows: ${context}` }, file];
    }
  }
}

function documentHead(title: string | undefined, context: string | undefined): string {
  const head = title === undefined ? "<document>" : `<document title=${JSON.stringify(title)}>`;
  return context === undefined ? head : `${head}\n<context>${context}</context>`;
}

function documentText(text: string, title: string | undefined, context: string | undefined): string {
  return `${documentHead(title, context)}\n${text}\n</document>`;
}

function readSearchResult(block: JsonObject, path: string, reading: Reading): TextPart {
  if (objectOf(block["citations"])["enabled"] === true) reading.unsaid.add("citations");
  const texts = blocksOf(block["content"], `${path}.content`).map((inner, index) => stringAt(inner, "text", `${path}.content[${index}]`));
  const [title, source] = [stringOf(block["title"]) ?? "", stringOf(block["source"]) ?? ""];
  const text = `<search_result title=${JSON.stringify(title)} source=${JSON.stringify(source)}>\n${texts.join("\n")}\n</search_result>`;
  return { type: "text", text, ...cacheOf(block) };
}
