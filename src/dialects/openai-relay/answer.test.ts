import { expect, test } from "bun:test";
import type { Json } from "../../vocabulary/json.ts";
import { failureIn, imagesIn, isFinal, transcribedIn } from "./answer.ts";

const NOTHING = { failure: undefined, final: false, images: 0, text: "" };
const TABLE: readonly [what: string, json: Json, says: Partial<typeof NOTHING> | { failure: string }][] = [
  ["nothing", null, {}],
  ["an empty object", {}, {}],
  ["an error", { error: { message: "broken", code: 503 } }, { failure: "overloaded: broken" }],
  ["an error of vLLM", { object: "error", message: "too long", code: 400 }, { failure: "invalid-request: too long" }],
  ["an error event", { type: "error", message: "broken" }, { failure: "upstream-error: broken" }],
  ["an error that is null", { error: null, text: "said" }, { text: "said" }],
  ["pictures", { created: 1, data: [{}, {}] }, { images: 2 }],
  ["a picture in parts", { type: "image_generation.partial_image", b64_json: "x" }, {}],
  ["a picture that is done", { type: "image_edit.completed", b64_json: "x" }, { images: 1, final: true }],
  ["a transcription", { text: "said", usage: {} }, { text: "said" }],
  ["a piece of one", { type: "transcript.text.delta", delta: "said" }, { text: "said" }],
  ["a piece of Mistral's", { type: "transcription.text.delta", text: "said" }, { text: "said" }],
  ["a piece of vLLM's", { object: "transcription.chunk", choices: [{ delta: { content: "said" } }] }, { text: "said" }],
  ["its end, which says it again", { type: "transcript.text.done", text: "said" }, { final: true }],
  ["a segment, which says it again", { type: "transcript.text.segment", text: "said" }, {}],
  ["the end of speech", { type: "speech.audio.done", usage: {} }, { final: true }],
  ["odd types", { type: 7, delta: 7, text: 7, data: 7, choices: 7 }, {}],
];

test.each(TABLE)("%s", (_what, json, says) => {
  const failure = failureIn(json);
  expect({
    failure: failure && `${failure.kind}: ${failure.message}`,
    final: isFinal(json),
    images: imagesIn(json),
    text: transcribedIn(json),
  }).toEqual({ ...NOTHING, ...says } as never);
});
