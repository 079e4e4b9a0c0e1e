import type { ImagePart } from "../../../vocabulary/chat.ts";

const PICTURE = /^!\[image\]\(data:([a-z]+\/[a-z0-9.+-]+);base64,([A-Za-z0-9+/=]+)\)$/;

/** A picture a model made as text: Messages have no other place for one. Markdown shows it, and `readPicture` finds it again. */
export function writePicture(mime: string, base64: string): string {
  return `![image](data:${mime};base64,${base64})`;
}

/** The picture in a text that is nothing else: sent back as text it would cost its model a token for every other letter of it. */
export function readPicture(text: string): ImagePart | undefined {
  if (!text.startsWith("![image](data:")) return undefined;
  const [, mime, base64] = PICTURE.exec(text) ?? [];
  return mime === undefined || base64 === undefined ? undefined : { type: "image", media: { kind: "bytes", mime, base64 } };
}
