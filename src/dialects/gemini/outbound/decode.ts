import type { ChatDecoder } from "../../../vocabulary/dialect.ts";
import { type ChatEvent, choiceOf } from "../../../vocabulary/events.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import type { Usage } from "../../../vocabulary/usage.ts";
import { plainMime } from "../../shared/conversation/media.ts";
import { fittingId } from "../../shared/conversation/tool-ids.ts";
import { codeText } from "../code.ts";
import { endingOf, finishWord } from "../finish.ts";
import { annotationsOf } from "../grounding.ts";
import { logprobsOf } from "../logprobs.ts";
import { usageFromGemini } from "../usage.ts";
import { errorIn, failureInAnswer } from "./read-failure.ts";
import { originalName } from "./tool-names.ts";

/** What is known of one candidate so far. */
interface Candidate {
  /** Tool calls seen. */
  calls: number;
  /** All its text: citations point into it by byte. */
  text: string;
  reason?: string;
  message?: string;
  grounding?: JsonObject;
}

/** Reads a stream's frames, each a `GenerateContentResponse`. Nothing marks Gemini's end, so finish, usage and end wait for `close`. */
export function decoder(): ChatDecoder {
  const answer = reader();
  return {
    decode(frame) {
      const data = frame.data.trim();
      if (data === "" || data === "[DONE]") return [];
      const json = parseJson(data);
      if (json === undefined) return answer.fail(new Failure("upstream-error", "The upstream sent a frame that is not JSON in the middle of its answer."));
      return answer.read(json);
    },
    close: answer.close,
  };
}

/** A whole answer as events: one `GenerateContentResponse`, or a list of them from a stream that was asked for without `alt=sse`. */
export function readAnswer(json: Json): ChatEvent[] {
  const answer = reader();
  return [...answer.read(json), ...answer.close()];
}

interface Reader {
  read(json: Json): ChatEvent[];
  fail(failure: Failure): ChatEvent[];
  close(): ChatEvent[];
}

function reader(): Reader {
  const candidates = new Map<number, Candidate>();
  let started = false;
  let over = false;
  let answerId = "";
  let usage: Usage | undefined;
  let blocked: string | undefined;

  const fail = (failure: Failure): ChatEvent[] => {
    if (over) return [];
    over = true;
    // What a broken answer cost is still known.
    return [...(usage === undefined ? [] : [{ type: "usage", usage } as const]), { type: "failure", failure }];
  };

  const readResponse = (response: JsonObject): ChatEvent[] => {
    const error = errorIn(response);
    if (error !== undefined) return fail(failureInAnswer(error));
    const events: ChatEvent[] = [];
    if (!started) {
      started = true;
      answerId = stringOf(response["responseId"]) ?? "";
      events.push({ type: "start", ...(answerId === "" ? {} : { id: answerId }), ...optional("model", stringOf(response["modelVersion"]) || undefined) });
    }
    usage = usageFromGemini(response["usageMetadata"]) ?? usage;
    const feedback = objectOf(response["promptFeedback"]);
    const reason = stringOf(feedback["blockReason"]);
    if (reason !== undefined) blocked = [reason, stringOf(feedback["blockReasonMessage"])].filter(Boolean).join(": ");
    listOf(response["candidates"]).forEach((value, position) => {
      if (!over) readCandidate(objectOf(value), position, events);
    });
    return events;
  };

  const readCandidate = (json: JsonObject, position: number, events: ChatEvent[]): void => {
    const choice = choiceOf(json["index"], position);
    if (choice === undefined) {
      events.push(...fail(new Failure("upstream-error", `The upstream numbered a candidate ${json["index"]}.`)));
      return;
    }
    const candidate: Candidate = candidates.get(choice) ?? { calls: 0, text: "" };
    candidates.set(choice, candidate);
    for (const part of listOf(objectOf(json["content"])["parts"])) readPart(objectOf(part), choice, candidate, events);
    const logprobs = logprobsOf(json["logprobsResult"]);
    if (logprobs !== undefined) events.push({ type: "logprobs", choice, logprobs });
    const grounding = json["groundingMetadata"];
    if (isObject(grounding) && grounding["groundingSupports"] !== undefined) candidate.grounding = grounding;
    const word = finishWord(json["finishReason"]);
    if (word === undefined) return;
    candidate.reason = word;
    candidate.message = stringOf(json["finishMessage"]);
    const ending = endingOf(candidate.reason, candidate);
    if (ending.type === "broken") events.push(...fail(new Failure("upstream-error", `The model broke off its answer (${ending.why}).`)));
  };

  const readPart = (part: JsonObject, choice: number, candidate: Candidate, events: ChatEvent[]): void => {
    const signature = stringOf(part["thoughtSignature"]);
    const text = stringOf(part["text"]);
    if (part["thought"] === true) {
      if (text !== undefined && text !== "") events.push({ type: "thinking", choice, text });
      if (signature !== undefined) events.push({ type: "thinking-signature", choice, signature });
      return;
    }
    if (isObject(part["functionCall"])) {
      const call = candidate.calls++;
      const id = stringOf(part["functionCall"]["id"]) || mintedId(answerId, choice, call, part["functionCall"]);
      events.push({
        type: "tool-call",
        choice,
        call,
        id,
        name: originalName(stringOf(part["functionCall"]["name"]) ?? ""),
        ...optional("signature", signature),
      });
      events.push({ type: "tool-call-arguments", choice, call, text: JSON.stringify(part["functionCall"]["args"] ?? {}) });
      return;
    }
    if (isObject(part["inlineData"])) {
      events.push(mediaEvent(part["inlineData"], { choice, answer: answerId, signature }));
      return;
    }
    const said = text ?? codeText(part);
    if (said === undefined || (said === "" && signature === undefined)) return;
    candidate.text += said;
    events.push({ type: "text", choice, text: said, ...optional("signature", signature) });
  };

  return {
    read(json) {
      const events: ChatEvent[] = [];
      for (const response of Array.isArray(json) ? json : [json]) {
        if (over) break;
        if (isObject(response)) events.push(...readResponse(response));
        else events.push(...fail(new Failure("upstream-error", "The upstream's answer is not a JSON object.")));
      }
      return events;
    },
    fail,
    close() {
      if (over) return [];
      if (candidates.size === 0 && blocked === undefined) return fail(new Failure("upstream-error", "The upstream's answer ended without a candidate."));
      const finished: ChatEvent[] = [];
      // A prompt that was blocked has no candidates: the client still gets its one choice.
      if (candidates.size === 0) finished.push({ type: "finish", choice: 0, reason: "content-filter", detail: blocked });
      for (const [choice, candidate] of [...candidates].sort(([one], [other]) => one - other)) {
        for (const annotation of candidate.grounding === undefined ? [] : annotationsOf(candidate.grounding, candidate.text))
          finished.push({ type: "annotation", choice, annotation });
        const ending =
          candidate.reason === undefined && blocked !== undefined
            ? ({ type: "finish", reason: "content-filter", detail: blocked } as const)
            : endingIn(candidate);
        if (ending.type === "broken") return fail(new Failure("upstream-error", ending.why));
        finished.push({ ...ending, choice });
      }
      over = true;
      if (usage !== undefined) finished.push({ type: "usage", usage });
      return [...finished, { type: "end" }];
    },
  };
}

function endingIn(candidate: Candidate): ReturnType<typeof endingOf> {
  if (candidate.reason === undefined) return { type: "broken", why: "The upstream closed the connection before its answer was finished." };
  return endingOf(candidate.reason, candidate);
}

/** An id for a call Gemini gave none, the same however the stream was cut. */
function mintedId(answer: string, choice: number, call: number, made: JsonObject): string {
  return fittingId(`${answer}/${choice}/${call}/${JSON.stringify(made)}`, /^$/);
}

function mediaEvent(inline: JsonObject, { choice, answer, signature }: { choice: number; answer: string; signature?: string }): ChatEvent {
  const mime = plainMime(stringOf(inline["mimeType"]) ?? "application/octet-stream");
  const base64 = stringOf(inline["data"]) ?? "";
  if (mime.startsWith("audio/")) return { type: "audio", choice, audio: { id: fittingId(`${answer}/${choice}`, /^$/, "audio_"), data: base64 } };
  return { type: "image", choice, mime, base64, ...optional("signature", signature) };
}

function optional<Name extends string>(name: Name, value: string | undefined): { [key in Name]?: string } {
  return (value === undefined ? {} : { [name]: value }) as { [key in Name]?: string };
}
