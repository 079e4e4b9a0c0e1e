import { chatOutbound } from "../../dialects/index.ts";
import type { UpstreamReply } from "../../upstream/client.ts";
import type { ChatRequest } from "../../vocabulary/chat.ts";
import type { ChatCall, ChatOutbound, Outgoing } from "../../vocabulary/dialect.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Attempt } from "../attempts/attempt.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";
import { type ChatAnswer, openStream, wholeAnswer } from "./chat-answer.ts";
import { crossingUp } from "./crossing.ts";
import { inlineMedia, mediaToFetch } from "./inline-media.ts";
import { send } from "./send.ts";
import { takeWarnings } from "./warnings.ts";

/** No error needs more words. Bytes. */
const LARGEST_ERROR = 1024 * 1024;

/** Puts a chat call to one target and waits until its answer is committed. Rejects while another target may still do better. */
export async function askChat(call: ChatCall, attempt: Attempt, visit: Visit, box: Signalbox): Promise<ChatAnswer> {
  const { target } = attempt;
  const dialect = chatOutbound(target.route.dialect);
  const express = dialect.name === call.dialect && dialect.express !== undefined && !isWrittenAnew(call, attempt, dialect, box);
  const crossing = crossingUp(call, dialect);
  const written = write(call, attempt, dialect, express, visit, box);
  const outgoing = written instanceof Promise ? await written : written;
  takeWarnings(outgoing, visit);
  const reply = await send(crossing === undefined ? outgoing : joined(outgoing, crossing), call.stream, attempt, box);
  if (reply.status < 200 || reply.status > 299)
    throw dialect.readFailure({ status: reply.status, headers: reply.headers, text: await reply.text(LARGEST_ERROR) });
  if (call.stream && !isWhole(reply)) return openStream({ reply, dialect, express, attempt });
  return wholeAnswer(await reply.text(), { reply, dialect, express: express && !call.stream, attempt });
}

/** Citations can only be left out of an answer, and media fetched into a request, that is written anew. */
function isWrittenAnew(call: ChatCall, { target }: Attempt, dialect: ChatOutbound, box: Signalbox): boolean {
  if (call.anew || box.policy().removeSources) return true;
  return !target.deployment.profile.imageUrls && box.media !== undefined && namesMedia(call, dialect);
}

/** Does the request name media that would have to be fetched? One that has no neutral words (it asks for tools of its own provider) is for that provider to read. */
function namesMedia(call: ChatCall, dialect: ChatOutbound): boolean {
  try {
    return mediaToFetch(call.request(), dialect).length > 0;
  } catch (thrown) {
    if (thrown instanceof Failure) return false;
    throw thrown;
  }
}

/** What is sent along with the client's own headers: the values of one that both name are a list. */
function joined(outgoing: Outgoing, crossing: Readonly<Record<string, string>>): Outgoing {
  const headers: Record<string, string> = { ...crossing };
  for (const [name, value] of Object.entries(outgoing.headers ?? {})) headers[name] = crossing[name] === undefined ? value : `${crossing[name]},${value}`;
  return { ...outgoing, headers };
}

/** The body to send: at once, except when media have to be fetched for it first. */
function write(call: ChatCall, attempt: Attempt, dialect: ChatOutbound, express: boolean, visit: Visit, box: Signalbox): Outgoing | Promise<Outgoing> {
  const { model, profile } = attempt.target.deployment;
  if (express && dialect.express !== undefined) return dialect.express(call, { model, profile });
  const request = call.request();
  const translated = (asked: ChatRequest): Outgoing => {
    const user = visit.caller?.userId ?? visit.caller?.keyId ?? "";
    const outgoing = dialect.write(profile.family === "" ? asked : box.signatures.restore(asked, user, profile.family), { model, profile });
    return asked.warnings === undefined ? outgoing : { ...outgoing, warnings: [...asked.warnings, ...outgoing.warnings] };
  };
  const fetcher = profile.imageUrls ? undefined : box.media;
  const wanted = fetcher === undefined ? [] : mediaToFetch(request, dialect);
  if (fetcher === undefined || wanted.length === 0) return translated(request);
  return inlineMedia(request, wanted, fetcher, callOffOf(visit)).then((inlined) => {
    attempt.alive(); // the upstream's silence is counted from now on: so far it was not asked
    return translated(inlined);
  });
}

/** Aborted, with the reason, when the visit is called off. */
function callOffOf(visit: Visit): AbortSignal {
  const controller = new AbortController();
  visit.onCallOff((reason) => controller.abort(reason));
  return controller.signal;
}

/** Did an upstream that was asked for a stream answer in one piece? */
function isWhole(reply: UpstreamReply): boolean {
  return /^application\/json\b/i.test(reply.headers.get("content-type") ?? "");
}
