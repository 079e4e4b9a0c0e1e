import type { FilePart, ImagePart, UserPart } from "../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { unfetched, urlOf } from "../../shared/conversation/media.ts";

/** Names for files that came without one: the Responses API tells their kind by the name. */
const FILE_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "application/pdf": "file.pdf",
    "application/json": "file.json",
    "text/csv": "file.csv",
    "text/html": "file.html",
    "text/markdown": "file.md",
  }),
);

/** A part of what a user says, or of what a tool gave back. `fetches`: does the upstream read addresses? Throws `invalid-request` at `path` for what it cannot take. */
export function writePart(part: UserPart, path: string, fetches: boolean): JsonObject {
  if (!fetches && "media" in part && part.media.kind === "url") throw unfetched(path);
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image":
      return writeImage(part);
    case "file":
      return writeFile(part);
    case "audio":
    case "video":
      throw invalidRequest(path, `${path} is ${part.type}, which this model's provider does not take in its Responses API. Send text, images or files.`);
  }
}

function writeImage({ media, detail }: ImagePart): JsonObject {
  const place = media.kind === "stored" ? { file_id: media.id } : { image_url: urlOf(media) };
  return { type: "input_image", ...place, detail: detail ?? "auto" };
}

function writeFile({ media, filename }: FilePart): JsonObject {
  switch (media.kind) {
    case "stored":
      return { type: "input_file", file_id: media.id };
    case "url":
      return { type: "input_file", file_url: media.url };
    case "bytes":
      return { type: "input_file", filename: filename ?? FILE_NAMES.get(media.mime) ?? "file.txt", file_data: urlOf(media) };
  }
}
