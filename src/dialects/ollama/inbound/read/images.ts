import type { ImagePart } from "../../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import type { Json } from "../../../../vocabulary/json.ts";
import { mediaOf } from "../../../shared/conversation/media.ts";
import { placed } from "../../../shared/places.ts";

/** How the pictures begin that are known here. Base64 of their first bytes; in WebP the file's size stands between two marks. */
const BEGINNINGS: readonly (readonly [begins: RegExp, mime: string])[] = [
  [/^iVBORw0KGg/, "image/png"],
  [/^\/9j\//, "image/jpeg"],
  [/^R0lGOD/, "image/gif"],
  [/^UklGR.{6}XRUJQ/, "image/webp"],
];

/** Some clients send what they would send to OpenAI; Ollama itself takes bare base64 only. */
export function isDataUrl(image: Json): image is string {
  return typeof image === "string" && /^data:/i.test(image);
}

/** Pictures as Ollama's clients send them, bare base64, whose type only their first bytes tell. Throws `invalid-request` where they do not. */
export function readImages(images: readonly Json[], path: string): ImagePart[] {
  return images.map((image, index) => {
    const at = `${path}[${index}]`;
    if (isDataUrl(image)) return placed({ type: "image", media: mediaOf(image, at) }, at);
    const mime = typeof image === "string" ? BEGINNINGS.find(([begins]) => begins.test(image))?.[1] : undefined;
    if (mime === undefined || typeof image !== "string") throw invalidRequest(at, `${at} must be a PNG, JPEG, GIF or WebP picture in base64.`);
    return placed({ type: "image", media: { kind: "bytes", mime, base64: image } }, at);
  });
}
