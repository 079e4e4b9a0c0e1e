import type { UpstreamCall, UpstreamReply } from "../../upstream/client.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import type { Outgoing } from "../../vocabulary/dialect.ts";
import type { ServiceKey } from "../../vocabulary/service.ts";
import type { Attempt } from "../attempts/attempt.ts";
import type { Signalbox } from "../signalbox.ts";

/** A written request, whose body may be too long for memory. */
interface Letter extends Omit<Outgoing, "body"> {
  readonly body: NonNullable<UpstreamCall["body"]>;
}

/** Puts a written request to the attempt's target. What its answer says of limits is noted with the seat. Rejects as the client does. */
export async function send(outgoing: Letter, stream: boolean, attempt: Attempt, box: Signalbox): Promise<UpstreamReply> {
  const { target, baseUrl, cancellation, connectWithin } = attempt;
  const headers = headersFor(target.key);
  const reply = await box.upstream.send({
    url: baseUrl + pathOf(target, stream),
    headers: outgoing.headers === undefined ? headers : { ...headers, ...outgoing.headers },
    body: outgoing.body,
    cancellation,
    connectWithin,
    listener: attempt.calls(),
  });
  attempt.seat.heard(reply.headers);
  return reply;
}

function pathOf({ deployment: { model }, route }: Target, stream: boolean): string {
  const path = stream ? (route.streamPath ?? route.path) : route.path;
  return path.includes("{model}") ? path.replace("{model}", encodeURIComponent(model)) : path;
}

/** A key's headers are the same for every call with it: put together once. */
const prepared = new WeakMap<ServiceKey, Readonly<Record<string, string>>>();

function headersFor(key: ServiceKey): Readonly<Record<string, string>> {
  let headers = prepared.get(key);
  if (headers === undefined) {
    headers = { "content-type": "application/json", ...key.headers };
    prepared.set(key, headers);
  }
  return headers;
}
