import { failureIn } from "../../dialects/openai-relay/answer.ts";
import { readOpenaiFailure } from "../../dialects/shared/openai/failure.ts";
import type { ReplayableBody, UpstreamReply } from "../../upstream/client.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { parseJson } from "../../vocabulary/json.ts";
import type { Attempt } from "../attempts/attempt.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";
import { crossingBack } from "./crossing.ts";
import { byteSource, eventSource, openingOf, type RelayAnswer } from "./relay-answer.ts";
import type { RelayCall } from "./relay-call.ts";
import { send } from "./send.ts";
import { takeWarnings } from "./warnings.ts";

/** No error needs more words. Bytes. */
const LARGEST_ERROR = 1024 * 1024;
/** Nobody here reads this answer any more. One for all: an error costs its stack trace. */
const OVER = new Failure("client-left", "The answer is over.");

/** Puts a request to one target and waits until its answer has begun. Rejects while another target may still do better. */
export async function askRelay(call: RelayCall, attempt: Attempt, visit: Visit, box: Signalbox): Promise<RelayAnswer> {
  const { deployment } = attempt.target;
  const { body, ...outgoing } = call.write(deployment);
  takeWarnings(outgoing, visit);
  const reply = await send({ ...outgoing, body: typeof body === "string" ? body : whileAlive(body, attempt) }, call.stream, attempt, box);
  if (reply.status < 200 || reply.status > 299)
    throw readOpenaiFailure({ status: reply.status, headers: reply.headers, text: await reply.text(LARGEST_ERROR) }, call.relay.dialect);
  return answerOf(reply, call, attempt);
}

/** The same body, every piece of which shows that the upstream lives: it takes it. */
function whileAlive(body: ReplayableBody, attempt: Attempt): ReplayableBody {
  return {
    size: body.size,
    async *chunks() {
      for await (const bytes of body.chunks()) {
        attempt.alive();
        yield bytes;
      }
    },
  };
}

async function answerOf(reply: UpstreamReply, { relay }: RelayCall, attempt: Attempt): Promise<RelayAnswer> {
  const contentType = reply.headers.get("content-type") ?? "application/octet-stream";
  const headers = crossingBack(reply.headers, {});
  const events = /^text\/event-stream\b/i.test(contentType);
  if (events || (relay.bytes && !/^(application\/(\w+\+)?json|text\/html)\b/i.test(contentType))) {
    const source = events ? eventSource(reply, attempt) : byteSource(reply, attempt);
    const opening = await openingOf(source, attempt);
    return { type: "stream", events, contentType: headerSafe(contentType), opening, headers, next: source.next, abort: () => attempt.abort(OVER) };
  }
  const text = await reply.text();
  const json = parseJson(text);
  if (json === undefined) throw new Failure("upstream-error", notJson(text, contentType));
  const failure = failureIn(json);
  if (failure !== undefined) throw failure;
  attempt.done();
  return { type: "whole", text, json, headers };
}

function notJson(text: string, contentType: string): string {
  if (text.trim() === "") return "The upstream answered 200 with an empty body.";
  return `The upstream answered 200 with something that is not JSON (${contentType}, ${text.length} characters).`;
}

/** An upstream's header as one of ours. */
function headerSafe(value: string): string {
  return /^[\t\x20-\x7e]*$/.test(value) ? value : "application/octet-stream";
}
