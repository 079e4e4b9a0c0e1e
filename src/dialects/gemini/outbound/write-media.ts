import type { AudioPart, ChatRequest, FilePart, ImagePart, VideoPart } from "../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { plainMime } from "../../shared/conversation/media.ts";
import { pathOf } from "../../shared/places.ts";

export type MediaPart = ImagePart | AudioPart | VideoPart | FilePart;

/** Addresses Gemini reads itself, whatever the profile says: its own files, Cloud Storage, YouTube. */
const OWN_ADDRESS = /^(gs:\/\/|https:\/\/generativelanguage\.googleapis\.com\/|https:\/\/((www|m)\.)?youtube\.com\/|https:\/\/youtu\.be\/)/i;

const MIME_OF_ENDING: ReadonlyMap<string, string> = new Map(
  Object.entries({
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    png: "image/png",
    gif: "image/gif",
    webp: "image/webp",
    heic: "image/heic",
    heif: "image/heif",
    mp3: "audio/mpeg",
    wav: "audio/wav",
    ogg: "audio/ogg",
    flac: "audio/flac",
    aac: "audio/aac",
    aiff: "audio/aiff",
    m4a: "audio/mp4",
    mp4: "video/mp4",
    mov: "video/quicktime",
    webm: "video/webm",
    mpeg: "video/mpeg",
    mpg: "video/mpeg",
    avi: "video/avi",
    wmv: "video/wmv",
    "3gp": "video/3gpp",
    pdf: "application/pdf",
    txt: "text/plain",
    md: "text/markdown",
    csv: "text/csv",
    html: "text/html",
    json: "application/json",
    xml: "text/xml",
  }),
);
const MIME_OF_TYPE = { image: "image/jpeg", audio: "audio/mpeg", video: "video/mp4", file: "application/pdf" } as const;

/** Does Gemini read this address itself, whatever the profile says? */
export function readsAddress(url: string): boolean {
  return OWN_ADDRESS.test(url);
}

/** The request a part stands in and whether its upstream fetches addresses: what `mediaPart` must know besides the part. */
export interface MediaContext {
  readonly request: ChatRequest;
  readonly fetchesUrls: boolean;
}

/** A picture, sound, film or file as a Gemini part. Throws `invalid-request` at the part's path for an address Gemini would not read. */
export function mediaPart(part: MediaPart, context: MediaContext): JsonObject {
  const { media } = part;
  switch (media.kind) {
    case "bytes":
      return { inlineData: { mimeType: media.mime, data: media.base64 } };
    case "url": {
      if (readsAddress(media.url) || (context.fetchesUrls && /^https:\/\//i.test(media.url)))
        return { fileData: { fileUri: media.url, mimeType: mimeOf(part, media) } };
      const path = pathOf(context.request, part);
      throw invalidRequest(
        path,
        `${path} is ${nameOf(part)} by address, and this model's provider does not fetch addresses. Send it as a data: URL: data:<type>;base64,<content>.`,
      );
    }
    case "stored": {
      if (/^files\/[\w-]+$/.test(media.id))
        return { fileData: { fileUri: `https://generativelanguage.googleapis.com/v1beta/${media.id}`, mimeType: mimeOf(part, {}) } };
      if (readsAddress(media.id)) return { fileData: { fileUri: media.id, mimeType: mimeOf(part, { url: media.id }) } };
      const path = pathOf(context.request, part);
      throw invalidRequest(
        path,
        `${path} names the stored file ${JSON.stringify(media.id)}, which this model's provider does not have. Send the content as a data: URL.`,
      );
    }
  }
}

function mimeOf(part: MediaPart, media: { readonly url?: string; readonly mime?: string }): string {
  if (media.mime !== undefined) return plainMime(media.mime);
  const names = [media.url?.split(/[?#]/, 1)[0], part.type === "file" ? part.filename : undefined];
  for (const name of names) {
    const mime = MIME_OF_ENDING.get(/\.(\w+)$/.exec(name ?? "")?.[1]?.toLowerCase() ?? "");
    if (mime !== undefined) return mime;
  }
  return MIME_OF_TYPE[part.type];
}

function nameOf(part: MediaPart): string {
  return part.type === "audio" ? "audio" : part.type === "image" ? "an image" : `a ${part.type}`;
}
