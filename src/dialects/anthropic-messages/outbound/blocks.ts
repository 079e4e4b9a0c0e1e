import type { CacheMark, FilePart, ImagePart, Media, TextPart, UserPart } from "../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { pathOf } from "../../shared/places.ts";
import type { Writing } from "./writing.ts";

/** https://platform.claude.com/docs/en/build-with-claude/vision */
const IMAGE_TYPES = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"]);

/** Files whose content is text, whatever they are called. */
const TEXT_TYPE = /^(text\/.+|application\/(json|xml|yaml|x-yaml|javascript|x-ndjson))$/;

/** What the Files API calls its files, and the header it wants: https://platform.claude.com/docs/en/build-with-claude/files */
const FILE_ID = /^file_[A-Za-z0-9]+$/;
const FILES_BETA = "files-api-2025-04-14";

/** `cache_control` of a mark, to be spread into a block. */
export function cacheControl(cache: CacheMark | undefined): JsonObject {
  if (cache === undefined) return {};
  return { cache_control: { type: "ephemeral", ...(cache.ttl === undefined ? {} : { ttl: cache.ttl }) } };
}

export function textBlock(part: TextPart): JsonObject {
  return { type: "text", text: part.text, ...cacheControl(part.cache) };
}

/** One part of a user's turn or of a tool's result. Throws `invalid-request` at the part for what Claude cannot take in. */
export function userBlock(part: UserPart, writing: Writing): JsonObject {
  switch (part.type) {
    case "text":
      return textBlock(part);
    case "image":
      return imageBlock(part, writing);
    case "file":
      return fileBlock(part, writing);
    case "audio":
    case "video":
      return refuse(part, writing, `is ${part.type}, which this model's provider does not take. Send text, images or PDF files, or choose another model`);
  }
}

function imageBlock(part: ImagePart | FilePart, writing: Writing): JsonObject {
  const { media } = part;
  if (media.kind === "bytes" && !IMAGE_TYPES.has(media.mime))
    return refuse(part, writing, `is an image of type ${media.mime}. This model's provider takes JPEG, PNG, GIF and WebP`);
  return { type: "image", source: sourceOf(media, part, writing), ...cacheControl(part.cache) };
}

function fileBlock(part: FilePart, writing: Writing): JsonObject {
  const { media } = part;
  const mime = media.kind === "stored" ? undefined : media.mime;
  if (mime !== undefined && IMAGE_TYPES.has(mime)) return imageBlock(part, writing);
  // A name that is no title of 1 to 500 characters is left out rather than refused.
  const title = part.filename === undefined || part.filename === "" || part.filename.length > 500 ? {} : { title: part.filename };
  if (media.kind === "bytes" && TEXT_TYPE.test(media.mime)) {
    const data = textOf(media.base64) ?? refuse(part, writing, "is not valid base64");
    return { type: "document", source: { type: "text", media_type: "text/plain", data }, ...title, ...cacheControl(part.cache) };
  }
  if (media.kind === "bytes" && media.mime !== "application/pdf")
    return refuse(part, writing, `is a file of type ${media.mime}. This model's provider takes PDF and plain text`);
  return { type: "document", source: sourceOf(media, part, writing), ...title, ...cacheControl(part.cache) };
}

function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function sourceOf(media: Media, part: UserPart, writing: Writing): JsonObject {
  switch (media.kind) {
    case "bytes":
      return { type: "base64", media_type: media.mime, data: media.base64 };
    case "url":
      if (!writing.profile.imageUrls) return refuse(part, writing, "is a URL, which this model's provider does not fetch. Send the content as a data: URL");
      return { type: "url", url: media.url };
    case "stored":
      if (!FILE_ID.test(media.id)) return refuse(part, writing, "names a file stored at another provider. Send the content as a data: URL");
      writing.betas.add(FILES_BETA);
      return { type: "file", file_id: media.id };
  }
}

function refuse(part: UserPart, writing: Writing, what: string): never {
  const path = pathOf(writing.request, part);
  throw invalidRequest(path, `${path} ${what}.`);
}
