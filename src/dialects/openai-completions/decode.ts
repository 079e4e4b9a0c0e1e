import type { ChatDecoder } from "../../vocabulary/dialect.ts";
import { type ChatEvent, choiceOf, type FinishReason } from "../../vocabulary/events.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { type AnswerReader, broken, ChoiceBook, startOf, streamDecoder, wholeAnswer } from "../shared/openai/answer.ts";
import { usageFromOpenai } from "../shared/openai/usage.ts";
import { logprobsFromLists } from "./logprobs.ts";

/** Reads `text_completion` frames. */
export function completionDecoder(): ChatDecoder {
  return streamDecoder(new CompletionReader());
}

/** A whole completion as events: read as if it were one frame. */
export function readCompletionAnswer(json: Json): ChatEvent[] {
  return wholeAnswer(json, new CompletionReader(), "completion");
}

class CompletionReader implements AnswerReader {
  readonly choices = new ChoiceBook();
  #started = false;

  owedReason(): FinishReason {
    return "stop";
  }

  read(json: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = this.#started ? [] : [startOf(json)];
    this.#started = true;
    for (const choice of listOf(json["choices"])) this.#readChoice(objectOf(choice), events);
    const usage = usageFromOpenai(json["usage"]);
    if (usage !== undefined) events.push({ type: "usage", usage });
    return events;
  }

  #readChoice(json: JsonObject, events: ChatEvent[]): void {
    const choice = choiceOf(json["index"], 0);
    if (choice === undefined) {
      events.push(broken(`The upstream numbered a choice ${json["index"]}.`));
      return;
    }
    this.choices.begin(choice);
    const text = stringOf(json["text"]);
    if (text) events.push({ type: "text", choice, text });
    if (isObject(json["logprobs"])) events.push({ type: "logprobs", choice, logprobs: logprobsFromLists(json["logprobs"]) });
    const reason = stringOf(json["finish_reason"]);
    if (!reason || !this.choices.finish(choice)) return;
    // vLLM names the stop sequence; a number there is a stop token.
    const stopSequence = stringOf(json["stop_reason"]);
    events.push({ type: "finish", choice, reason: finishOf(reason), ...(stopSequence === undefined ? {} : { stopSequence }) });
  }
}

function finishOf(reason: string): FinishReason {
  if (reason === "length" || reason === "max_tokens") return "length";
  return reason === "content_filter" ? "content-filter" : "stop";
}
