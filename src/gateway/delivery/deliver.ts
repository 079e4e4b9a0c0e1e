import type { AnswerFacts, ChatCall, ChatInbound } from "../../vocabulary/dialect.ts";
import { asFailure, Failure } from "../../vocabulary/failure.ts";
import type { ChatAnswer, Piece } from "../asking/chat-answer.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Reply } from "../visit/exchange.ts";
import type { Beating } from "../visit/pulse.ts";
import { answerFacts, answerHeaders } from "../visit/replies.ts";
import { failed, type Visit } from "../visit/visit.ts";
import { Mailbox } from "./mailbox.ts";
import { isNoSource, StreamWriter, watcherFor } from "./stream-writer.ts";

/** What a delivery is about. */
export interface Delivery {
  readonly call: ChatCall;
  readonly face: ChatInbound;
  readonly visit: Visit;
  readonly box: Signalbox;
  readonly facts: AnswerFacts;
}

/**
 * Hands an answer to the client and settles the visit, on every way it can end. The status line of a stream is held until the answer
 * begins or `holdStatus` has passed; a unary answer waits as long as it takes, and is settled as every whole reply is.
 */
export function deliver(answer: Promise<ChatAnswer>, call: ChatCall, face: ChatInbound, visit: Visit, box: Signalbox): Promise<Reply> {
  const delivery: Delivery = { call, face, visit, box, facts: answerFacts(call.model, visit) };
  if (!call.stream) return answer.then((whole) => wholeReply(whole, delivery));
  return orHeldLongEnough(answer, box.policy().holdStatus).then((begun) => streamReply(begun ?? answer, delivery));
}

/** The answer, or `undefined` when it has not begun within `hold` milliseconds. */
function orHeldLongEnough(answer: Promise<ChatAnswer>, hold: number): Promise<ChatAnswer | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), hold);
    answer.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (reason) => {
        clearTimeout(timer);
        reject(reason);
      },
    );
  });
}

function wholeReply(answer: ChatAnswer, delivery: Delivery): Reply {
  const { call, face, visit, facts } = delivery;
  if (answer.type === "stream") throw new Failure("upstream-error", "The upstream streamed an answer nobody asked to be streamed.");
  const watch = watcherFor(delivery, answer.text !== undefined);
  for (const event of answer.events) watch(event);
  const body = answer.text ?? face.writeAnswer(delivery.box.policy().removeSources ? answer.events.filter(isNoSource) : answer.events, call, facts);
  const headers = answerHeaders(visit, face, answer.headers);
  headers["content-type"] = "application/json";
  return { status: 200, headers, body };
}

function streamReply(answer: ChatAnswer | Promise<ChatAnswer>, delivery: Delivery): Reply {
  delivery.visit.onCallOff((reason) => delivery.visit.settle(failed(reason, 200)));
  const headers = answerHeaders(delivery.visit, delivery.face, answer instanceof Promise ? undefined : answer.headers);
  // Not known yet, while somebody is still being looked for.
  if (answer instanceof Promise) delete headers["x-signalbox-attempts"];
  headers["content-type"] = delivery.face.streamType;
  headers["cache-control"] = "no-cache";
  headers["x-accel-buffering"] = "no";
  return { status: 200, headers, body: frames(answer, delivery) };
}

/** What may wake a stream that is being written. */
type Letter =
  | { readonly type: "answer"; readonly answer: ChatAnswer }
  | { readonly type: "pieces"; readonly pieces: readonly Piece[] | undefined }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "quiet" };

/** The bytes of a stream: comments while nothing comes, the opening, the rest, and a clean end whatever happens. */
async function* frames(given: ChatAnswer | Promise<ChatAnswer>, delivery: Delivery): AsyncGenerator<Uint8Array> {
  const { visit, box, face, facts } = delivery;
  const mailbox = new Mailbox<Letter>();
  let written = performance.now();
  const comment = box.policy().comment;
  const comments: Beating = {
    beat(now) {
      if (visit.clientsTurn || now - written < comment) return;
      written = now;
      mailbox.put({ type: "quiet" });
    },
  };
  box.pulse.join(comments);
  const fail = (reason: unknown) => mailbox.put({ type: "failed", failure: reason instanceof Failure ? reason : brokenOff(reason) });
  visit.onCallOff(fail);
  let writer: StreamWriter | undefined;
  let source: ChatAnswer | undefined;
  const begin = (answer: ChatAnswer) => {
    source = answer;
    writer = new StreamWriter(answer.type === "stream" && answer.express, delivery);
    mailbox.put({ type: "pieces", pieces: answer.type === "stream" ? answer.opening : [{ events: answer.events }] });
  };
  const readOn = () => {
    if (source?.type === "stream") source.next().then((pieces) => mailbox.put({ type: "pieces", pieces }), fail);
    else mailbox.put({ type: "pieces", pieces: undefined });
  };

  if (given instanceof Promise) {
    // Whoever has waited so long already is told at once that they are not forgotten, and what they wait for.
    mailbox.put({ type: "quiet" });
    given.then((answer) => mailbox.put({ type: "answer", answer }), fail);
  } else begin(given);
  try {
    for (;;) {
      visit.clientsTurn = false;
      const letter = await mailbox.take();
      visit.clientsTurn = true;
      switch (letter.type) {
        case "quiet":
          yield Buffer.from(face.comment(facts, visit.outlook?.()));
          continue;
        case "answer":
          begin(letter.answer);
          continue;
        case "failed":
          visit.settle(failed(letter.failure, 200));
          if (visit.left) return;
          yield (writer ?? new StreamWriter(false, delivery)).lastWords(letter.failure);
          return;
        case "pieces": {
          const out = writer?.write(letter.pieces ?? []);
          // What the last frame promises must be true before it leaves: settle first.
          if (writer?.failure !== undefined) visit.settle(failed(writer.failure, 200));
          else if (letter.pieces === undefined || writer?.ended) visit.settle({ status: 200, outcome: "ok" });
          if (visit.paid !== undefined) await visit.paid;
          if (out !== undefined && out.length > 0) {
            yield out;
            written = performance.now();
          }
          if (letter.pieces === undefined || writer?.ended || writer?.failure !== undefined) return;
          readOn();
        }
      }
    }
  } catch (thrown) {
    // Only a mistake of our own comes here: the client is told, and so is the log.
    const failure = asFailure(thrown);
    visit.settle(failed(failure, 200));
    yield new StreamWriter(false, delivery).lastWords(failure);
  } finally {
    box.pulse.leave(comments);
    if (source?.type === "stream") source.abort();
    // Not settled by now: nobody takes the rest.
    if (!visit.settled) visit.depart();
  }
}

/** An upstream that broke off after its content had begun. */
function brokenOff(reason: unknown): Failure {
  return new Failure("upstream-error", "The connection to the upstream broke before the answer was finished.", { cause: reason });
}
