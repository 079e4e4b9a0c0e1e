import type { UpstreamCall } from "../../upstream/client.ts";
import type { Outgoing } from "../../vocabulary/dialect.ts";
import type { Service, Target } from "../../vocabulary/service.ts";
import type { Attempt } from "./attempt.ts";

/** The HTTP call that puts a written request to a target. */
export function upstreamCall(target: Target, stream: boolean, outgoing: Outgoing, attempt: Attempt): UpstreamCall {
  const { service, model } = target.deployment;
  const path = stream ? (target.route.streamPath ?? target.route.path) : target.route.path;
  const headers = headersFor(service);
  return {
    url: service.baseUrl + (path.includes("{model}") ? path.replace("{model}", encodeURIComponent(model)) : path),
    headers: outgoing.headers === undefined ? headers : { ...headers, ...outgoing.headers },
    body: outgoing.body,
    cancellation: attempt.cancellation,
    connectWithin: attempt.connectWithin,
  };
}

/** A service's headers are the same for every call to it: put together once. */
const prepared = new WeakMap<Service, Readonly<Record<string, string>>>();

function headersFor(service: Service): Readonly<Record<string, string>> {
  let headers = prepared.get(service);
  if (headers === undefined) {
    headers = { "content-type": "application/json", ...service.headers };
    prepared.set(service, headers);
  }
  return headers;
}
