import { sseReader } from "../../upstream/frames.ts";
import { isObject, type JsonObject, objectOf, parseJson } from "../../vocabulary/json.ts";
import type { Reply } from "../visit/exchange.ts";

/** Told of a finished Response object, just before its client is. */
export type Keep = (response: JsonObject) => void;

/** The reply, with its Response object shown to `keep` once it is whole. What fails or breaks off is not kept. */
export function remembering(reply: Reply, keep: Keep): Reply {
  if (reply.status !== 200) return reply;
  if (typeof reply.body !== "string") return { ...reply, body: watched(reply.body, keep) };
  keepFinished(parseJson(reply.body), keep);
  return reply;
}

/** The last frame of a stream, and of no other, holds a Response that is over. It is looked for by its name, since most of a stream is text. */
async function* watched(body: AsyncIterable<Uint8Array>, keep: Keep): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) {
    if (LAST_EVENTS.some((event) => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).includes(event))) {
      for (const frame of sseReader().feed(chunk)) {
        const event = objectOf(parseJson(frame.data));
        if (LAST_EVENTS.includes(String(event["type"]))) keepFinished(event["response"], keep);
      }
    }
    yield chunk;
  }
}

const LAST_EVENTS: readonly string[] = ["response.completed", "response.incomplete"];

function keepFinished(response: unknown, keep: Keep): void {
  if (isObject(response) && typeof response["id"] === "string" && response["error"] == null && response["store"] !== false) keep(response);
}
