import { editTopLevel } from "../../dialects/shared/json/edits.ts";
import type { BatchFault, BatchLine } from "../../vocabulary/batch.ts";
import { isObject, type JsonObject, parseJson } from "../../vocabulary/json.ts";

/** Longer names are nobody's, and stand in every result. Characters. */
const LONGEST_ID = 512;

/** A line that is good, or what is wrong with it. */
export type ReadLine = Omit<BatchLine, "number"> | BatchFaultOfLine;
export type BatchFaultOfLine = Omit<BatchFault, "line">;

/** Reads a line of a batch of requests to this endpoint: `{"custom_id", "method", "url", "body"}`. What its model is called is for others to look at. */
export function readLine(text: string, endpoint: string): ReadLine {
  const json = parseJson(text);
  if (!isObject(json)) return fault("invalid_json_line", "This line is not a JSON object.");
  const { custom_id: customId, method, url, body } = json;
  if (customId === undefined || customId === null) return missing("custom_id");
  if (typeof customId !== "string" || customId === "" || customId.length > LONGEST_ID)
    return fault("invalid_custom_id", `custom_id must be text of 1 to ${LONGEST_ID} characters.`, "custom_id");
  if (method === undefined) return missing("method");
  if (method !== "POST") return fault("invalid_method", "method must be POST.", "method");
  if (url === undefined) return missing("url");
  if (url !== endpoint) return fault("mismatched_url", `url must be the endpoint of the batch, ${endpoint}.`, "url");
  if (body === undefined) return missing("body");
  if (!isObject(body)) return fault("invalid_body", "body must be a JSON object.", "body");
  return readBody(body, customId, text);
}

function readBody({ model, stream }: JsonObject, customId: string, text: string): ReadLine {
  if (model === undefined) return missing("body.model");
  if (typeof model !== "string" || model === "") return fault("invalid_model", "model must be the name of a model.", "body.model");
  if (stream === true) return fault("unsupported_parameter", "A batch has nobody to stream to: leave stream out.", "body.stream");
  return { customId, model, body: bodyIn(text) };
}

/** The text of `body`, byte by byte as its client wrote it. */
function bodyIn(line: string): string {
  let body = "";
  editTopLevel(line, { set: { body: (written = "") => (body = written) } });
  return body;
}

function missing(param: string): BatchFaultOfLine {
  return fault("missing_required_parameter", `${param} is missing.`, param);
}

function fault(code: string, message: string, param: string | null = null): BatchFaultOfLine {
  return { code, message, param };
}
