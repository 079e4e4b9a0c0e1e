import type { UpstreamCall } from "../../upstream/client.ts";
import type { Target } from "../../vocabulary/deployment.ts";
import type { Outgoing } from "../../vocabulary/dialect.ts";
import type { ServiceKey } from "../../vocabulary/service.ts";
import type { Attempt } from "../attempts/attempt.ts";

/** The HTTP call that puts a written request to a target. */
export function upstreamCall(target: Target, stream: boolean, outgoing: Outgoing, attempt: Attempt): UpstreamCall {
  const { service, model } = target.deployment;
  const path = stream ? (target.route.streamPath ?? target.route.path) : target.route.path;
  const headers = headersFor(target.key);
  return {
    url: service.baseUrl + (path.includes("{model}") ? path.replace("{model}", encodeURIComponent(model)) : path),
    headers: outgoing.headers === undefined ? headers : { ...headers, ...outgoing.headers },
    body: outgoing.body,
    cancellation: attempt.cancellation,
    connectWithin: attempt.connectWithin,
    over: attempt.call(),
  };
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
