import { Failure } from "../../../vocabulary/failure.ts";
import { isObject, type Json, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { readOpenaiErrorObject } from "../../shared/openai/failure.ts";

/** Codes, and the type, of errors in which the request itself is at fault: no other deployment would do better (API reference, `ResponseErrorCode`). */
const REQUESTS_FAULT = /^(invalid_|unsupported_|empty_image|image_(too_|parse_|file_|content_)|failed_to_download_image)/;

/** The error of an answer that had begun with 200, as a failure: from `response.failed`, an `error` event, or wherever else it stands. */
export function failureIn(error: Json | undefined): Failure {
  if (error === undefined || error === null)
    return new Failure("upstream-error", "The upstream's answer failed, and it did not say why.", { upstreamStatus: 200 });
  const failure = readOpenaiErrorObject(error);
  const { code, type } = objectOf(error);
  const faulty = [code, type].some((word) => REQUESTS_FAULT.test(stringOf(word) ?? ""));
  return failure.kind === "upstream-error" && faulty ? new Failure("invalid-request", failure.message, failure.facts) : failure;
}

/** The error an `error` event tells: in itself, or in an object of its own. */
export function failureOfEvent(event: Json): Failure {
  const nested = objectOf(event)["error"];
  return failureIn(isObject(nested) || typeof nested === "string" ? nested : event);
}
