import type { DialectName, FailedReply, WrittenFailure } from "../../../vocabulary/dialect.ts";
import { FAILURES, Failure, type FailureKind } from "../../../vocabulary/failure.ts";
import { isObject, type Json, listOf, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { overflowIn, saysContextOverflow } from "../failures/overflow.ts";
import { retryHeaders } from "../failures/retry-headers.ts";
import { ABOUT_THE_REQUEST, failureOf, kindOfStatus, saysProofRefused, verbatimOf } from "../failures/status.ts";

/** A failure as OpenAI's clients expect it: `{error: {message, type, param, code}}`. An OpenAI upstream's own words pass unreworded. */
export function writeOpenaiFailure(failure: Failure, _requestId: string): WrittenFailure {
  const { verbatim } = failure.facts;
  const headers = retryHeaders(failure);
  if (verbatim?.dialect.startsWith("openai-"))
    return { status: verbatim.status, headers: { ...headers, "content-type": verbatim.contentType }, body: verbatim.body };
  return { status: failure.row.status, headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(errorBody(failure)) };
}

/** The frames that end a started stream with an error: a chunk with `error`, which the official clients raise, and the end mark. */
export function writeOpenaiFailureFrames(failure: Failure): string {
  return `data: ${JSON.stringify(errorBody(failure))}\n\ndata: [DONE]\n\n`;
}

function errorBody(failure: Failure): Json {
  const { param = failure.kind === "model-not-found" ? "model" : "" } = failure.facts;
  // What is wrong with the body as a whole is no field's fault.
  const message = failure.kind === "context-overflow" ? overflowWords(failure.message) : failure.message;
  return { error: { message, type: failure.row.type, param: param === "" ? null : param, code: failure.facts.code ?? failure.row.code } };
}

/**
 * A context overflow in OpenAI's words: LiteLLM, and with it aider, knows one by them alone.
 * https://github.com/BerriAI/litellm/blob/main/litellm/litellm_core_utils/exception_mapping_utils.py
 */
function overflowWords(message: string): string {
  if (/maximum context length is/i.test(message)) return message;
  const overflow = overflowIn(message);
  if (overflow === undefined) return `This model's maximum context length is exceeded: ${message}`;
  const { prompt, answer, limit } = overflow;
  const asked =
    answer === undefined
      ? `your messages resulted in ${prompt} tokens`
      : `you requested ${prompt + answer} tokens (${prompt} in the messages, ${answer} in the completion)`;
  return `This model's maximum context length is ${limit} tokens. However, ${asked}.`;
}

/** A failed reply of an OpenAI-compatible upstream as a failure. Knows the error shapes of OpenAI, Azure, vLLM, llama.cpp, Mistral and FastAPI. */
export function readOpenaiFailure(reply: FailedReply, dialect: DialectName): Failure {
  const parsed = parseJson(reply.text);
  const body = objectOf(Array.isArray(parsed) ? parsed[0] : parsed);
  const error = isObject(body["error"]) ? body["error"] : body;
  const message = messageOf(body, error);
  const words = `${stringOf(error["code"]) ?? ""} ${stringOf(error["type"]) ?? ""} ${message ?? ""}`;
  const kind = kindOfWords(words, kindOfStatus(reply.status));
  // Clients know an overflow by OpenAI's code: vLLM's is the number 400, llama.cpp's too.
  const asOpenaiSaysIt = kind !== "context-overflow" || error["code"] === FAILURES["context-overflow"].code;
  const aboutTheRequest = ABOUT_THE_REQUEST.has(kind) && isObject(parsed) && asOpenaiSaysIt;
  return failureOf(kind, reply, message, {
    ...(stringOf(error["param"]) === undefined ? {} : { param: stringOf(error["param"]) }),
    ...(aboutTheRequest ? verbatimOf(reply, dialect) : {}),
  });
}

/** An error object inside an answer that began with 200, as a failure. */
export function readOpenaiErrorObject(value: Json): Failure {
  const error = isObject(value) ? value : {};
  const message = stringOf(error["message"]) ?? stringOf(value) ?? "The upstream reported an error without a message.";
  const code = error["code"];
  const status = typeof code === "number" ? code : Number(stringOf(code) ?? Number.NaN);
  const words = `${stringOf(code) ?? ""} ${stringOf(error["type"]) ?? ""} ${message}`;
  const unsaid = error["type"] === "invalid_request_error" ? "invalid-request" : "upstream-error";
  return new Failure(kindOfWords(words, status >= 400 && status < 600 ? kindOfStatus(status) : unsaid), message.slice(0, 2000), { upstreamStatus: 200 });
}

function kindOfWords(words: string, otherwise: FailureKind): FailureKind {
  if (saysContextOverflow(words)) return "context-overflow";
  if (saysProofRefused(words)) return "proof-refused";
  // OpenAI's own filters call what they refuse an invalid prompt.
  if (/content_filter|content_policy_violation|content management policy|\b(invalid_prompt|bio_policy|cyber_policy)\b/i.test(words)) return "content-refused";
  if (/insufficient_quota|billing_hard_limit|credit balance|insufficient balance/i.test(words)) return "upstream-credentials";
  if (/model_not_found|model .*(does not exist|not found)|DeploymentNotFound/i.test(words) && otherwise !== "upstream-error") return "upstream-model-missing";
  if (/invalid_api_key|incorrect api key/i.test(words)) return "upstream-credentials";
  if (/rate_limit_exceeded|rate limit reached/i.test(words)) return "rate-limited";
  if (/server_is_overloaded|overloaded_error|servers are (currently )?overloaded/i.test(words)) return "overloaded";
  // llama.cpp's server answers 500 to a picture its model cannot see, and 501 to what it was not started for: neither is an illness of its own.
  if (/\b(image|audio|video) input is not supported/i.test(words)) return "invalid-request";
  if (/\bnot_supported_error\b/.test(words)) return "upstream-model-missing";
  return otherwise;
}

function messageOf(body: Json, error: Json): string | undefined {
  const outer = objectOf(body);
  const inner = objectOf(error);
  const detail = outer["detail"];
  return (
    stringOf(inner["message"]) ??
    stringOf(outer["error"]) ??
    stringOf(detail) ??
    (Array.isArray(detail)
      ? listOf(detail)
          .map((entry) => stringOf(objectOf(entry)["msg"]) ?? "")
          .filter(Boolean)
          .join("; ") || undefined
      : undefined) ??
    stringOf(outer["message"])
  );
}
