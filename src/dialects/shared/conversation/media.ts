import type { Media } from "../../../vocabulary/chat.ts";
import { type Failure, invalidRequest } from "../../../vocabulary/failure.ts";

const ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "image/jpg": "image/jpeg",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
  }),
);

/** A MIME type in lower case, without parameters, by its registered name: `image/JPG; q=1` is `image/jpeg`. */
export function plainMime(mime: string): string {
  const bare = (mime.split(";", 1)[0] ?? "").trim().toLowerCase();
  return ALIASES.get(bare) ?? bare;
}

/**
 * A `data:` URL as bytes, anything else as a URL (RFC 2397; parameters and an upper-case MIME type are fine).
 * Throws `invalid-request` at `param` for a `data:` URL that holds no base64.
 */
export function mediaOf(url: string, param: string): Media {
  if (!/^data:/i.test(url)) return { kind: "url", url };
  const comma = url.indexOf(",");
  const head = url.slice(5, comma);
  if (comma < 0 || !/;\s*base64\s*$/i.test(head))
    throw invalidRequest(param, `${param} is a data: URL without base64 content. Write it as data:<type>;base64,<content>.`);
  return { kind: "bytes", mime: plainMime(head) || "application/octet-stream", base64: url.slice(comma + 1) };
}

/** The refusal of a part that names its content by address, for an upstream that fetches none. */
export function unfetched(path: string): Failure {
  return invalidRequest(
    path,
    `${path} names its content by address, and this model's provider does not fetch addresses. Send it as a data: URL: data:<type>;base64,<content>.`,
  );
}

/** Bytes as a `data:` URL; a URL as it is. Stored files have none. */
export function urlOf(media: Media): string | undefined {
  switch (media.kind) {
    case "bytes":
      return `data:${media.mime};base64,${media.base64}`;
    case "url":
      return media.url;
    case "stored":
      return undefined;
  }
}
