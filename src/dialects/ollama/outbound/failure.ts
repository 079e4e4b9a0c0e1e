import type { FailedReply } from "../../../vocabulary/dialect.ts";
import { Failure, type FailureKind } from "../../../vocabulary/failure.ts";
import { isObject, type Json, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { saysContextOverflow } from "../../shared/failures/overflow.ts";
import { ABOUT_THE_REQUEST, failureOf, kindOfStatus, verbatimOf } from "../../shared/failures/status.ts";

/** A failed reply of Ollama, `{"error": "text"}`, as a failure. */
export function readOllamaFailure(reply: FailedReply): Failure {
  const json = parseJson(reply.text);
  const message = messageOf(objectOf(json)["error"]);
  const kind = kindOfWords(message ?? "", kindOfStatus(reply.status));
  const aboutTheRequest = isObject(json) && ABOUT_THE_REQUEST.has(kind);
  return failureOf(kind, reply, message, aboutTheRequest ? verbatimOf(reply, "ollama") : {});
}

/** The `error` inside an answer that began with 200, as a failure. */
export function readOllamaError(error: Json): Failure {
  const message = messageOf(error) ?? "The upstream reported an error without a message.";
  return new Failure(kindOfWords(message, "upstream-error"), message.slice(0, 2000), { upstreamStatus: 200 });
}

function messageOf(error: Json | undefined): string | undefined {
  return stringOf(error) ?? stringOf(objectOf(error)["message"]);
}

function kindOfWords(message: string, otherwise: FailureKind): FailureKind {
  if (saysContextOverflow(message)) return "context-overflow";
  if (/model .*not found|try pulling it first/i.test(message)) return "upstream-model-missing";
  if (/server busy|maximum pending requests/i.test(message)) return "overloaded";
  return otherwise;
}
