import type { Said } from "../../cache/keep/answer.ts";
import { Listener } from "../../cache/keep/listener.ts";
import type { ChatCall } from "../../vocabulary/dialect.ts";
import type { Operation } from "../../vocabulary/service.ts";
import type { ChatAnswer, Piece } from "../asking/chat-answer.ts";
import type { Visit } from "../visit/visit.ts";
import { type Asking, asBefore, type Form } from "./as-before.ts";

/** A chat, however its client asks for it. */
interface ChatAsking extends Asking {
  readonly call: ChatCall;
  readonly operation: Operation;
}

/** The chat's answer as it was given before, or a fresh one. Costs nothing where the cache is off. */
export function chatAsBefore(asking: ChatAsking, fresh: () => Promise<ChatAnswer>): Promise<ChatAnswer> {
  const { cache } = asking.box;
  if (cache === undefined || !cache.isOn(asking.model)) return fresh();
  const { visit, call } = asking;
  const plan = cache.plan({ ...asking, behalf: visit.behalf, headers: call.headers });
  return plan === undefined ? fresh() : asBefore({ asking, plan, cache, form: chatForm(visit) }, fresh);
}

function chatForm(visit: Visit): Form<ChatAnswer> {
  return {
    again: (said) => (said.type === "chat" ? { type: "whole", events: said.events, headers: {} } : undefined),
    heard(answer, { largest, mayBeCut }) {
      const listener = new Listener({ most: largest, mayBeCut, id: visit.id, created: Math.floor(visit.startedAt / 1000) });
      return { answer: listenedTo(answer, listener), said: () => saidTo(listener, visit) };
    },
  };
}

function saidTo(listener: Listener, { served }: Visit): Said | undefined {
  // Ollama's clients go on from the `context` of its own answers, for which there is no word of ours.
  if (served?.route.dialect === "ollama-generate") return undefined;
  const events = listener.heard();
  return events === undefined ? undefined : { type: "chat", events };
}

function listenedTo(answer: ChatAnswer, listener: Listener): ChatAnswer {
  if (answer.type === "whole") {
    for (const event of answer.events) listener.hear(event);
    return answer;
  }
  const hear = (pieces: readonly Piece[] | undefined) => {
    for (const { events } of pieces ?? []) for (const event of events) listener.hear(event);
    return pieces;
  };
  hear(answer.opening);
  return { ...answer, next: () => answer.next().then(hear) };
}
