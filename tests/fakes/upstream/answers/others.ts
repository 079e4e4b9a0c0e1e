import { type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../../src/vocabulary/json.ts";
import type { AnswerFrame } from "../framing.ts";
import { type Asked, CREATED, numberIn, type WholeAnswer } from "./answer.ts";

/** An answer that is neither a chat nor vectors: JSON, events, or bytes of a type. */
export type OtherAnswer =
  | { readonly json: Json }
  | { readonly frames: readonly AnswerFrame[] }
  | { readonly bytes: readonly Uint8Array[]; readonly contentType: string };

/** A picture of one white pixel. */
export const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";
/** Bytes that no text has, in pieces. */
export const AUDIO: readonly Uint8Array[] = [0, 1, 2, 3].map((piece) => Uint8Array.from({ length: 1000 }, (_, at) => (at * 7 + piece * 64) & 255));

/** What is at this path; `undefined` for the paths of others. */
export function otherAnswer(asked: Asked, answer: WholeAnswer): OtherAnswer | undefined {
  const [, name] =
    /\/(rerank|moderations|images|images\/generations|images\/edits|audio\/transcriptions|audio\/translations|audio\/speech)(\?|$)/.exec(asked.path) ?? [];
  switch (name) {
    case undefined:
      return undefined;
    case "rerank":
      return { json: reranked(asked, answer) };
    case "moderations":
      return {
        json: {
          id: `modr-fake-${asked.index}`,
          model: asked.model,
          results: [{ flagged: false, categories: { hate: false }, category_scores: { hate: 0.001 } }],
        },
      };
    case "audio/speech":
      return spoken(asked, answer);
    case "audio/transcriptions":
    case "audio/translations":
      return transcribed(asked, answer);
    default:
      return pictured(asked, answer, name.endsWith("edits") ? "image_edit" : "image_generation");
  }
}

/** Documents that share more words with the query come first. */
function reranked({ json, model, index }: Asked, { usage }: WholeAnswer): Json {
  const wanted = new Set((stringOf(json.query) ?? "").toLowerCase().split(/\W+/));
  const documents = listOf(json.documents).map((each) => stringOf(each) ?? stringOf(objectOf(each).text) ?? "");
  const results = documents.map((text, at) => {
    const words = text.toLowerCase().split(/\W+/);
    const relevance_score = words.filter((word) => wanted.has(word)).length / words.length;
    return { index: at, relevance_score, ...(json.return_documents === true ? { document: { text } } : {}) };
  });
  results.sort((one, other) => other.relevance_score - one.relevance_score);
  return {
    id: `rerank-fake-${index}`,
    model,
    results: results.slice(0, numberIn(json, "top_n", results.length)),
    ...(usage ? { usage: { total_tokens: usage.input } } : {}),
  };
}

function pictured({ json, stream }: Asked, { usage }: WholeAnswer, event: string): OtherAnswer {
  const used = usage && {
    usage: {
      input_tokens: usage.input,
      input_tokens_details: { image_tokens: usage.imageInput, text_tokens: usage.input - usage.imageInput },
      output_tokens: usage.output,
      total_tokens: usage.input + usage.output,
    },
  };
  if (!stream) return { json: { created: CREATED, data: Array.from({ length: numberIn(json, "n", 1) }, () => ({ b64_json: PIXEL })), ...used } };
  const frame = (kind: AnswerFrame["kind"], type: string, more: JsonObject): AnswerFrame => ({
    kind,
    event: `${event}.${type}`,
    data: JSON.stringify({ type: `${event}.${type}`, b64_json: PIXEL, created_at: CREATED, ...more }),
  });
  return { frames: [frame("content", "partial_image", { partial_image_index: 0 }), frame("end", "completed", { ...used })] };
}

function transcribed({ json, stream }: Asked, { text, usage }: WholeAnswer): OtherAnswer {
  const said = text.join("");
  const used = usage && {
    usage: {
      type: "tokens",
      input_tokens: usage.input,
      input_token_details: { text_tokens: usage.input - usage.audioInput, audio_tokens: usage.audioInput },
      output_tokens: usage.output,
      total_tokens: usage.input + usage.output,
    },
  };
  if (json.response_format === "text") return { bytes: [Buffer.from(`${said}\n`)], contentType: "text/plain; charset=utf-8" };
  if (json.response_format === "verbose_json") return { json: { task: "transcribe", language: "english", duration: 3.7, text: said, segments: [] } };
  if (!stream) return { json: { text: said, ...used } };
  const deltas = text.map((delta): AnswerFrame => ({ kind: "content", data: JSON.stringify({ type: "transcript.text.delta", delta }) }));
  return { frames: [...deltas, { kind: "end", data: JSON.stringify({ type: "transcript.text.done", text: said, ...used }) }] };
}

function spoken({ json }: Asked, { usage }: WholeAnswer): OtherAnswer {
  if (json.stream_format !== "sse") return { bytes: AUDIO, contentType: "audio/mpeg" };
  const pieces = AUDIO.map(
    (bytes): AnswerFrame => ({
      kind: "content",
      data: JSON.stringify({ type: "speech.audio.delta", audio: Buffer.from(bytes).toString("base64") }),
    }),
  );
  const used = usage && { usage: { input_tokens: usage.input, output_tokens: usage.output, total_tokens: usage.input + usage.output } };
  return { frames: [...pieces, { kind: "end", data: JSON.stringify({ type: "speech.audio.done", ...used }) }] };
}

/** The values of a form's fields, files left out, with what forms have instead of `true`; `undefined` for what is no form. */
export function formFields(contentType: string, text: string): JsonObject | undefined {
  const boundary = /^multipart\/form-data;.*boundary="?([^";]+)/.exec(contentType)?.[1];
  if (boundary === undefined) return undefined;
  const fields: JsonObject = {};
  for (const part of text.split(`--${boundary}`)) {
    const [, name, value] = /name="?([^"\r\n;]+)"?\r\n(?:[^\r\n]+\r\n)*\r\n([\s\S]*)\r\n$/.exec(part) ?? [];
    if (name !== undefined && !part.includes("filename=")) fields[name] = value === "true" ? true : value;
  }
  return fields;
}
