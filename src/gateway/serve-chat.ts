import { editTopLevel } from "../dialects/shared/json/edits.ts";
import type { Caller } from "../vocabulary/caller.ts";
import type { Target } from "../vocabulary/deployment.ts";
import type { ChatCall, ChatInbound } from "../vocabulary/dialect.ts";
import type { Operation } from "../vocabulary/service.ts";
import { admit } from "./admit.ts";
import { askChat } from "./asking/ask-chat.ts";
import type { Attempt } from "./attempts/attempt.ts";
import { firstToAnswer } from "./attempts/first-to-answer.ts";
import { mostOfChat } from "./billing/most-used.ts";
import { setAside } from "./billing/set-aside.ts";
import { chatAsBefore } from "./caching/chat.ts";
import { withoutOverride } from "./caching/override.ts";
import { deliver } from "./delivery/deliver.ts";
import { findModel } from "./find-model.ts";
import { ChatPrompt } from "./prompt.ts";
import { rankTargets } from "./rank-targets.ts";
import type { Signalbox } from "./signalbox.ts";
import { tokensLikely } from "./tokens-likely.ts";
import type { Exchange, Reply } from "./visit/exchange.ts";
import type { Visit } from "./visit/visit.ts";
import { enterModel } from "./within-limits.ts";

/** Which route the client used. */
export interface ChatDoor {
  readonly face: ChatInbound;
  readonly operation: Operation;
  /** The route streams whatever the body says. */
  readonly alwaysStream?: boolean;
}

/** A call, and how it was sent if that is otherwise: so it goes to the deployment that knows what it refers to. */
export interface Asked {
  readonly call: ChatCall;
  readonly asSent?: ChatCall;
  /** The deployment's id; asked first. */
  readonly holder?: string;
}

/** The story of a chat: who is asking, what they want; and then, of a call that is understood, `answerChat`. */
export async function serveChat(exchange: Exchange, door: ChatDoor, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = door.operation;
  visit.dialect = door.face.name;
  const caller = await admit(exchange, box); // who is asking; before a byte of body is read
  const text = await exchange.body(); // what they want
  const call = door.face.readCall({ text: door.alwaysStream ? streaming(text) : text, headers: exchange.headers, rest: exchange.rest });
  return answerChat({ call }, caller, door, visit, box);
}

/** The rest of it: where it can be had, and who starts talking first. */
export async function answerChat({ call, asSent = call, holder }: Asked, caller: Caller, door: ChatDoor, visit: Visit, box: Signalbox): Promise<Reply> {
  visit.stream = call.stream;
  const model = await findModel(call.model, caller, visit, box); // may they have it
  const prompt = new ChatPrompt(call);
  const pending = enterModel(model, () => tokensLikely(call, prompt), visit, box); // not too much
  if (pending !== undefined) await pending;
  const callFor = ({ deployment }: Target) => withoutOverride(deployment.id === holder ? asSent : call);
  const ask = (attempt: Attempt) => askChat(callFor(attempt.target), attempt, visit, box);
  const fresh = async () => {
    const ranking = rankTargets(model, { operation: door.operation, dialect: call.dialect, holder, prompt }, visit, box); // where, best first, and why
    await setAside({ model, most: (assumed) => mostOfChat(call, assumed), promptTokens: () => prompt.tokens() }, visit, box); // can they pay for the dearest of them
    return firstToAnswer({ ranking, prompt, stream: call.stream, hedge: model.hedge, ask }, visit, box); // who starts talking first
  };
  const answer = chatAsBefore({ call, caller, model, operation: door.operation, visit, box }, fresh); // unless it was asked before
  return deliver(answer, call, door.face, visit, box); // stream it out, then settle
}

/** The body with `stream` set, for the route that always streams; left alone when it is no object, for the reader to complain about. */
function streaming(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  return /^\s*\{/.test(text) ? editTopLevel(text, { set: { stream: "true" } }) : text;
}
