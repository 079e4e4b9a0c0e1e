import type { AskedLine, LineAnswer } from "../../batches/parts.ts";
import { openaiChatInbound } from "../../dialects/openai-chat/inbound.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { asFailure, Failure } from "../../vocabulary/failure.ts";
import type { RequestRecord } from "../../vocabulary/record.ts";
import type { FoundHandle } from "../rehearsal.ts";
import type { Exchange, Reply } from "../visit/exchange.ts";
import { failureReply } from "../visit/replies.ts";
import { Visit } from "../visit/visit.ts";

interface LineParts {
  /** The very routes that clients use. */
  readonly find: (path: string) => FoundHandle;
  readonly clock: Clock;
  /** Told of every request that is over; of one that only waits for its turn there is nothing to tell. */
  readonly record: (record: RequestRecord) => void;
  /** Told of failures of our own making. */
  readonly complain: (requestId: string, failure: Failure) => void;
}

/** Rules know lines of batches by their tag. */
const HEADERS = new Headers({ "content-type": "application/json", "x-signalbox-tags": "batch" });

/**
 * Puts a line of a batch to the gateway as its author would: by the very story of any request, with its limits, balances, routing and books.
 * Never rejects.
 */
export async function serveLine(line: AskedLine, { find, clock, record, complain }: LineParts): Promise<LineAnswer> {
  const { batch, requestId, endpoint, body, author, caller, priority } = line;
  const visit = new Visit(requestId, clock);
  visit.batch = { id: batch, priority };
  visit.behalf = author.behalf;
  visit.headers = HEADERS;
  line.onCallOff((reason) => visit.callOff(reason));
  const sent = () => visit.attempts.length > 0 || visit.asked.length > 0;
  let failure: Failure | undefined;
  visit.owes((ending) => {
    if (ending.failure?.kind === "internal") complain(visit.id, ending.failure);
    if (ending.failure === undefined || !ending.failure.row.retry || sent()) record(visit.record(ending));
  });
  const exchange: Exchange = {
    visit,
    headers: HEADERS,
    search: "",
    rest: "",
    address: () => "",
    body: () => Promise.resolve(body),
    form: () => Promise.reject(new Failure("invalid-request", "A line of a batch is JSON.")),
  };
  let reply: Reply;
  const { handle, face = openaiChatInbound } = find(endpoint);
  try {
    if (caller instanceof Failure) throw caller;
    visit.caller = caller;
    reply = await handle(exchange);
    if (typeof reply.body !== "string") throw new Failure("invalid-request", "A batch has nobody to stream to: leave stream out.", { param: "stream" });
    visit.settle({ status: reply.status, outcome: "ok" });
    if (visit.paid !== undefined) await visit.paid;
  } catch (thrown) {
    failure = asFailure(thrown);
    reply = failureReply(failure, face, visit);
  }
  const calledOff = failure !== undefined && visit.calledOff !== undefined;
  return { status: reply.status, body: String(reply.body), failure, calledOff, sent: sent(), usage: failure === undefined ? visit.usage : undefined };
}
