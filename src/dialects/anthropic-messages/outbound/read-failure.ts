import type { FailedReply } from "../../../vocabulary/dialect.ts";
import { Failure, type FailureKind } from "../../../vocabulary/failure.ts";
import { isObject, type JsonObject, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { saysContextOverflow } from "../../shared/failures/overflow.ts";
import { ABOUT_THE_REQUEST, failureOf, kindOfStatus, saysProofRefused, verbatimOf } from "../../shared/failures/status.ts";

/** https://platform.claude.com/docs/en/api/errors. `api_error` says nothing the status does not say better. */
const KINDS: ReadonlyMap<string, FailureKind> = new Map(
  Object.entries({
    invalid_request_error: "invalid-request",
    authentication_error: "upstream-credentials",
    permission_error: "upstream-credentials",
    billing_error: "upstream-credentials",
    not_found_error: "upstream-model-missing",
    request_too_large: "too-large",
    rate_limit_error: "rate-limited",
    timeout_error: "upstream-timeout",
    overloaded_error: "overloaded",
  }),
);

/** A failed reply as a failure. Our account's money, keys and permissions are our credentials' fault, never the caller's. */
export function readMessagesFailure(reply: FailedReply): Failure {
  const body = parseJson(reply.text);
  const error = errorOf(body);
  const message = stringOf(error["message"]) ?? stringOf(objectOf(body)["error"]) ?? stringOf(objectOf(body)["message"]) ?? unreadable(reply);
  const kind = kindOf(error, message ?? "", kindOfStatus(reply.status));
  return failureOf(kind, reply, message, ABOUT_THE_REQUEST.has(kind) && isObject(body) ? verbatimOf(reply, "anthropic-messages") : {});
}

/** The `error` event of an answer that began with 200, as a failure. */
export function readErrorEvent(json: JsonObject): Failure {
  const error = errorOf(json);
  const message = stringOf(error["message"]) ?? "The upstream reported an error without a message.";
  return new Failure(kindOf(error, message, "upstream-error"), message.slice(0, 2000), { upstreamStatus: 200 });
}

function errorOf(body: unknown): JsonObject {
  const outer = objectOf(Array.isArray(body) ? body[0] : body);
  return isObject(outer["error"]) ? outer["error"] : outer;
}

function kindOf(error: JsonObject, message: string, otherwise: FailureKind): FailureKind {
  if (saysContextOverflow(message)) return "context-overflow";
  if (saysProofRefused(message)) return "proof-refused";
  if (/credit balance|API usage limits|organization has been disabled/i.test(message)) return "upstream-credentials";
  if (/blocked by (our )?content filtering/i.test(message)) return "content-refused";
  const told = KINDS.get(stringOf(error["type"]) ?? "");
  if (told !== undefined) return told;
  return otherwise === "quota-exhausted" ? "upstream-credentials" : otherwise;
}

/** What a body that is not JSON comes to: a page of HTML is never shown, a short line of text is. */
function unreadable(reply: FailedReply): string | undefined {
  const text = reply.text.trim();
  if (text === "") return `The upstream answered ${reply.status} with an empty body.`;
  if (/^\s*</.test(text))
    return `The upstream answered ${reply.status} with a web page instead of JSON: something between us and it is answering in its place.`;
  return parseJson(text) === undefined && text.length <= 300 ? text : undefined;
}
