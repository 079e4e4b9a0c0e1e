import type { Outgoing } from "../vocabulary/dialect.ts";
import type { UpstreamCall } from "../upstream/client.ts";
import type { Target } from "../vocabulary/service.ts";
import type { Attempt } from "./attempt.ts";

/** The HTTP call that puts a written request to a target. */
export function upstreamCall(target: Target, stream: boolean, outgoing: Outgoing, attempt: Attempt): UpstreamCall {
  const { service, model } = target.deployment;
  const path = stream ? (target.route.streamPath ?? target.route.path) : target.route.path;
  return {
    url: service.baseUrl + (path.includes("{model}") ? path.replace("{model}", encodeURIComponent(model)) : path),
    headers: { "content-type": "application/json", ...service.headers, ...outgoing.headers },
    body: outgoing.body,
    signal: attempt.signal,
    connectWithin: attempt.connectWithin,
  };
}
