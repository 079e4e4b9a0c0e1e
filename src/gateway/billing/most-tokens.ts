import type { ChatRequest, Media, Message } from "../../vocabulary/chat.ts";
import type { ChatCall } from "../../vocabulary/dialect.ts";

/** The most a picture, a clip of a few minutes or a page costs at any provider. Tokens. */
const MOST_MEDIA = 6_500;
/** Base64 holds three bytes in four characters; a page of a PDF has some 30 kB, a second of speech 2 kB and at most 32 tokens. */
const BYTES_PER_PAGE = 30_000;
/** What providers say to a model by themselves when it is given tools. Tokens. */
const ABOUT_TOOLS = 800;
/** Role and separators of a message. Tokens. */
const AROUND_MESSAGE = 8;
/** What stands in a body beside text: its bytes are no tokens. */
const MEDIA = /"(?:image|input_image|image_url|input_audio|audio|input_file|file|document|video|images|inline_?[dD]ata|file_?[dD]ata)"/;

/**
 * The most tokens a text has in any vocabulary we know of, by its script: two letters of ASCII or spaces to a token, one digit or sign of it,
 * one letter of a two-byte script (Cyrillic, Greek, Arabic), half a letter of the others. No tokenizer is asked: it would take longer than
 * all else that is done for a request.
 */
export function mostTokens(text: string): number {
  let halves = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) halves += isLetterOrSpace(code) ? 1 : 2;
    else halves += code < 0x800 ? 2 : 4;
  }
  return Math.ceil(halves / 2);
}

function isLetterOrSpace(code: number): boolean {
  const lower = code | 0x20;
  return (lower >= 0x61 && lower <= 0x7a) || code === 0x20;
}

/** May there be more than text in this body? */
export function mayHoldMedia(body: string): boolean {
  return MEDIA.test(body);
}

/** The most tokens of a prompt: of its whole body, where that is text alone, else part by part. */
export function mostPromptTokens(call: ChatCall): number {
  const about = call.json["tools"] === undefined ? 0 : ABOUT_TOOLS;
  const request = mayHoldMedia(call.text) ? neutral(call) : undefined;
  if (request === undefined) return about + mostTokens(call.text);
  const tools = request.tools.length === 0 ? 0 : mostTokens(JSON.stringify(request.tools));
  return about + tools + request.messages.reduce((sum, message) => sum + mostOfMessage(message), 0);
}

/** `undefined` when there are no neutral words for it: its own provider understands it, or refuses it. */
function neutral(call: ChatCall): ChatRequest | undefined {
  try {
    return call.request();
  } catch {
    return undefined;
  }
}

function mostOfMessage({ parts }: Message): number {
  let tokens = AROUND_MESSAGE;
  for (const part of parts) {
    if ("media" in part) tokens += mostOfMedia(part.type, part.media);
    else if (part.type === "tool-call") tokens += mostTokens(part.name) + mostTokens(part.arguments);
    else tokens += mostTokens(part.text);
  }
  return tokens;
}

function mostOfMedia(type: string, media: Media): number {
  if (type === "image" || media.kind !== "bytes") return MOST_MEDIA;
  return MOST_MEDIA * Math.max(1, Math.ceil((media.base64.length * 3) / 4 / BYTES_PER_PAGE));
}
