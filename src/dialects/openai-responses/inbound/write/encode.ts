import type { AnswerFacts, ChatCall, ChatEncoder } from "../../../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../../../vocabulary/events.ts";
import { ResponseBuilder } from "./build.ts";

/** Events as a Response's stream: named events, numbered from 0, each in one piece. `now` gives milliseconds since 1970. */
export function responsesEncoder(call: ChatCall, facts: AnswerFacts, now: () => number = Date.now): ChatEncoder {
  let frames = "";
  let sequence_number = 0;
  const builder = new ResponseBuilder(call, facts, {
    tell(type, fields) {
      frames += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number, ...fields })}\n\n`;
      sequence_number++;
    },
    now,
  });
  return {
    encode(event) {
      frames = "";
      builder.hear(event);
      return frames;
    },
    forward(frame) {
      sequence_number++;
      return frame;
    },
  };
}

/** A whole answer as a Response: what the last event of its stream would hold. */
export function writeResponse(events: readonly ChatEvent[], call: ChatCall, facts: AnswerFacts, now: () => number = Date.now): string {
  const builder = new ResponseBuilder(call, facts, { tell: () => {}, now });
  for (const event of events) builder.hear(event);
  return JSON.stringify(builder.response);
}
