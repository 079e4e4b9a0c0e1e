import type { AnswerFacts, ChatCall, ChatEncoder } from "../../../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../../../vocabulary/events.ts";
import { type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../../vocabulary/json.ts";
import { MessageAssembler } from "./assemble.ts";
import { errorBody } from "./failure.ts";

/** Events as the frames of Anthropic's stream. */
export function messagesEncoder(call: ChatCall, facts: AnswerFacts): ChatEncoder {
  const assembler = new MessageAssembler(call, facts);
  return {
    encode(event: ChatEvent): string {
      if (event.type === "failure") return frame(errorBody(event.failure, facts.requestId));
      const events = assembler.take(event);
      const only = events.length === 1 ? events[0] : undefined;
      return only === undefined ? events.map(frame).join("") : frame(only);
    },
  };
}

function frame(event: JsonObject): string {
  return `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A whole answer as a message: what its stream would come to. */
export function writeMessage(events: readonly ChatEvent[], call: ChatCall, facts: AnswerFacts): string {
  const assembler = new MessageAssembler(call, facts);
  let message: JsonObject = {};
  const content: JsonObject[] = [];
  let input = "";
  for (const event of events.flatMap((one) => assembler.take(one))) {
    const last = content.at(-1);
    switch (event["type"]) {
      case "message_start":
        message = objectOf(event["message"]);
        break;
      case "content_block_start":
        content.push({ ...objectOf(event["content_block"]) });
        input = "";
        break;
      case "content_block_delta": {
        const delta = objectOf(event["delta"]);
        input += stringOf(delta["partial_json"]) ?? "";
        if (last !== undefined) applyDelta(last, delta);
        break;
      }
      case "content_block_stop":
        if (last?.["type"] === "tool_use") last["input"] = objectOf(parseJson(input));
        break;
      case "message_delta":
        message = { ...message, ...objectOf(event["delta"]), usage: event["usage"] };
        break;
    }
  }
  return JSON.stringify({ ...message, content });
}

function applyDelta(block: JsonObject, delta: JsonObject): void {
  for (const name of ["text", "thinking", "signature"]) if (typeof delta[name] === "string") block[name] = textOf(block[name]) + delta[name];
  if (delta["citation"] !== undefined) block["citations"] = [...listOf(block["citations"]), delta["citation"]];
}

function textOf(value: Json | undefined): string {
  return stringOf(value) ?? "";
}
