import { plainMime } from "../../dialects/shared/conversation/media.ts";
import { placeOf } from "../../dialects/shared/places.ts";
import type { MediaFetcher, WantedMedia } from "../../upstream/media/fetch-media.ts";
import type { ChatRequest, Media, Message } from "../../vocabulary/chat.ts";
import type { ChatOutbound } from "../../vocabulary/dialect.ts";

/** A part that names its media by URL. */
interface ByUrl extends WantedMedia {
  readonly media: Media;
}

/** What was fetched for a request's media, for as long as the request lives: further attempts need not fetch again. */
const fetched = new WeakMap<Media, Media>();

/** The media a request names by URL and this upstream, which fetches nothing, would need as bytes. */
export function mediaToFetch(request: ChatRequest, dialect: ChatOutbound): readonly ByUrl[] {
  const wanted: ByUrl[] = [];
  request.messages.forEach((message, index) => {
    message.parts.forEach((part, at) => {
      if (!("media" in part) || part.media.kind !== "url" || dialect.readsAddress?.(part.media.url) === true) return;
      wanted.push({ url: part.media.url, param: placeOf(part, `messages[${index}].content[${at}]`), type: part.type, media: part.media });
    });
  });
  return wanted;
}

/** The request with these media as bytes. Rejects as the fetcher does. */
export async function inlineMedia(request: ChatRequest, wanted: readonly ByUrl[], fetcher: MediaFetcher, signal: AbortSignal): Promise<ChatRequest> {
  const missing = wanted.filter(({ media }) => !fetched.has(media));
  if (missing.length > 0) {
    const answers = await fetcher.fetch(missing, signal);
    answers.forEach(({ mime, base64 }, index) => {
      const media = missing[index]?.media;
      if (media !== undefined) fetched.set(media, { kind: "bytes", mime: plainMime(mime), base64 });
    });
  }
  return { ...request, messages: request.messages.map(withBytes) };
}

function withBytes(message: Message): Message {
  const parts = message.parts.map((part) => ("media" in part ? { ...part, media: fetched.get(part.media) ?? part.media } : part));
  return { ...message, parts } as Message;
}
