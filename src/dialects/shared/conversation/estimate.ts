import type { ChatRequest, Media, Message } from "../../../vocabulary/chat.ts";
import type { Call } from "../../../vocabulary/dialect.ts";
import { tokensOfBytes } from "../../../vocabulary/usage.ts";

/** What a picture, a page or a clip costs at about every provider. Tokens. */
const MEDIA = 1500;
/** Role and separators of a message. Tokens. */
const AROUND_MESSAGE = 4;
/** Base64 holds three bytes in four characters; a page of a PDF is about 50 kB. */
const BYTES_PER_PAGE = 50_000;

/** About how many tokens a call's prompt has; by its bytes where there are no neutral words for it. */
export function estimatedPrompt(call: Call<ChatRequest>): number {
  let request: ChatRequest;
  try {
    request = call.request();
  } catch {
    return tokensOfBytes(Buffer.byteLength(call.text));
  }
  return estimatedTokens(request);
}

/** About how many tokens a request has, for clients that ask and upstreams that cannot say. */
export function estimatedTokens(request: ChatRequest): number {
  const tools = request.tools.map(({ name, description, parameters }) => tokensOfText(JSON.stringify({ name, description, parameters })));
  return [...request.messages.map(tokensOfMessage), ...tools].reduce((sum, tokens) => sum + tokens, 0);
}

function tokensOfMessage({ parts }: Message): number {
  let tokens = AROUND_MESSAGE;
  for (const part of parts) {
    if ("media" in part) tokens += tokensOfMedia(part.type, part.media);
    else if (part.type === "tool-call") tokens += tokensOfText(part.name + part.arguments);
    else tokens += tokensOfText(part.text);
  }
  return tokens;
}

function tokensOfMedia(type: string, media: Media): number {
  if (type !== "file" || media.kind !== "bytes") return MEDIA;
  return MEDIA * Math.max(1, Math.ceil((media.base64.length * 3) / 4 / BYTES_PER_PAGE));
}

function tokensOfText(text: string): number {
  return tokensOfBytes(Buffer.byteLength(text));
}
