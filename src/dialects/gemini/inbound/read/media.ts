import type { Media, UserPart } from "../../../../vocabulary/chat.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { plainMime } from "../../../shared/conversation/media.ts";
import { refuse, stringIn } from "../../fields.ts";

type MediaPart = Exclude<UserPart, { type: "text" }>;

/** Files that only Google can open: by their name in its file store, or that store's address. */
const OF_GOOGLE = /^(files\/|https:\/\/generativelanguage\.googleapis\.com\/)/i;
const FILM = /^https:\/\/((www|m)\.)?(youtube\.com|youtu\.be)\//i;

/** `inlineData` or `fileData`, found at `path`, as a picture, sound, film or file. Throws `invalid-request` for data without a type. */
export function readMedia(kind: "inlineData" | "fileData", data: JsonObject, path: string): MediaPart {
  const given = stringIn(data, "mimeType", `${path}.mimeType`);
  const mime = given === undefined ? undefined : plainMime(given);
  if (kind === "inlineData") {
    if (!mime) return refuse(`${path}.mimeType`, "is missing: say what the data is, such as image/png");
    const base64 = stringIn(data, "data", `${path}.data`) ?? refuse(`${path}.data`, "is missing: send the content as base64");
    return partOf({ kind: "bytes", mime, base64: plainBase64(base64) }, mime, data, path);
  }
  const uri = stringIn(data, "fileUri", `${path}.fileUri`) ?? refuse(`${path}.fileUri`, "is missing");
  const media: Media = OF_GOOGLE.test(uri) ? { kind: "stored", id: uri } : { kind: "url", url: uri, ...(mime === undefined ? {} : { mime }) };
  return partOf(media, mime ?? (FILM.test(uri) ? "video/mp4" : ""), data, path);
}

function partOf(media: Media, mime: string, data: JsonObject, path: string): MediaPart {
  if (mime.startsWith("image/")) return { type: "image", media };
  if (mime.startsWith("audio/")) return { type: "audio", media };
  if (mime.startsWith("video/")) return { type: "video", media };
  const filename = stringIn(data, "displayName", `${path}.displayName`);
  return { type: "file", media, ...(filename === undefined ? {} : { filename }) };
}

/** Google takes both alphabets of base64, and its client for Python writes the one of addresses; everybody else wants the plain one. */
function plainBase64(text: string): string {
  return /[-_]/.test(text) ? text.replaceAll("-", "+").replaceAll("_", "/") : text;
}
