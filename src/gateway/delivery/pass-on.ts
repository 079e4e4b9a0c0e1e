import { writeOpenaiFailureFrames } from "../../dialects/shared/openai/failure.ts";
import { asFailure, Failure } from "../../vocabulary/failure.ts";
import type { RelayAnswer, RelayPiece } from "../asking/relay-answer.ts";
import type { RelayCall } from "../asking/relay-call.ts";
import { discreet } from "../attempts/discreet.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Reply } from "../visit/exchange.ts";
import type { Beating } from "../visit/pulse.ts";
import { RelayMeter } from "../visit/relay-meter.ts";
import { answerHeaders } from "../visit/replies.ts";
import { failed, type Visit } from "../visit/visit.ts";
import { Mailbox } from "./mailbox.ts";

type Streamed = Extract<RelayAnswer, { type: "stream" }>;

/** Passes an answer on to the client, its bytes as they are, and settles the visit on every way it can end. */
export function passOn(answer: RelayAnswer, call: RelayCall, visit: Visit, box: Signalbox): Reply {
  const meter = new RelayMeter(visit, call);
  if (answer.type === "whole") {
    meter.hear(answer.json);
    visit.usage = meter.used();
    return { status: 200, headers: { ...answerHeaders(visit, undefined, answer.headers), "content-type": "application/json" }, body: answer.text };
  }
  const headers = answerHeaders(visit, undefined, answer.headers);
  headers["content-type"] = answer.contentType;
  if (answer.events) Object.assign(headers, { "cache-control": "no-cache", "x-accel-buffering": "no" });
  return { status: 200, headers, body: bytesOf(answer, meter, visit, box) };
}

/** What may wake an answer that is being passed on. */
type Letter =
  | { readonly type: "piece"; readonly piece: RelayPiece | undefined }
  | { readonly type: "failed"; readonly failure: Failure }
  | { readonly type: "quiet" };

const COMMENT = Buffer.from(": ka\n\n");

/**
 * The bytes of an answer, no faster than they are taken; comments while events are quiet. A failure in the middle is one typed error among
 * events; anywhere else the connection is cut, or the client would take half an answer for a whole one.
 */
async function* bytesOf(answer: Streamed, meter: RelayMeter, visit: Visit, box: Signalbox): AsyncGenerator<Uint8Array> {
  const mailbox = new Mailbox<Letter>();
  let written = performance.now();
  const quietFor = box.policy().comment;
  const comments: Beating = {
    beat(now) {
      if (visit.clientsTurn || now - written < quietFor) return;
      written = now;
      mailbox.put({ type: "quiet" });
    },
  };
  if (answer.events) box.pulse.join(comments);
  // Once the last event has been passed on, whatever happens to the connections is nobody's loss.
  let whole = false;
  const end = (failure?: Failure) => visit.settle(failure === undefined || whole ? { status: 200, outcome: "ok" } : failed(failure, 200));
  visit.onCallOff((reason) => end(reason));
  const fail = (reason: unknown) => mailbox.put({ type: "failed", failure: reason instanceof Failure ? reason : brokenOff(reason) });
  visit.onCallOff(fail);
  mailbox.put({ type: "piece", piece: answer.opening });
  try {
    for (;;) {
      visit.clientsTurn = false;
      const letter = await mailbox.take();
      visit.clientsTurn = true;
      if (letter.type === "quiet") {
        yield COMMENT;
        continue;
      }
      const piece = letter.type === "piece" ? letter.piece : undefined;
      const failure = letter.type === "failed" ? letter.failure : piece?.failure;
      if (piece !== undefined) {
        for (const json of piece.said) meter.hear(json);
        if (!answer.events) meter.pass(piece.bytes.length);
        whole ||= piece.final;
        // What the last event promises must be true before it leaves: it is paid for first.
        if (whole) end();
        if (visit.paid !== undefined) await visit.paid;
        if (piece.bytes.length > 0) yield piece.bytes;
        written = performance.now();
      }
      if (failure === undefined && piece !== undefined) {
        answer.next().then((next) => mailbox.put({ type: "piece", piece: next }), fail);
        continue;
      }
      const told = failure === undefined || visit.served === undefined ? failure : discreet(failure, visit.served.deployment.service);
      end(told);
      if (visit.paid !== undefined) await visit.paid;
      if (told === undefined || whole || visit.left) return;
      if (!answer.events) throw told;
      yield Buffer.from(writeOpenaiFailureFrames(told));
      return;
    }
  } catch (thrown) {
    end(asFailure(thrown));
    throw thrown;
  } finally {
    box.pulse.leave(comments);
    answer.abort();
    // Not settled by now: nobody takes the rest.
    if (whole) end();
    else if (!visit.settled) visit.depart();
  }
}

/** An upstream that broke off after its answer had begun. */
function brokenOff(reason: unknown): Failure {
  return new Failure("upstream-error", "The connection to the upstream broke before the answer was finished.", { cause: reason });
}
