import { isObject, objectOf, parseJson, stringOf } from "../../../../vocabulary/json.ts";
import { DriverFailure } from "../../driver.ts";
import { type ApiCall, ruleFor } from "./call.ts";

/** The API server's no to a call, or to a watch while it goes on. */
export class ApiRefusal extends Error {
  /** HTTP's status, also where it came as an event of a watch. */
  readonly status: number;
  readonly call: ApiCall;

  constructor(call: ApiCall, status: number, message: string) {
    super(message);
    this.name = "ApiRefusal";
    this.call = call;
    this.status = status;
  }
}

/** A refusal by its body: a `Status` object, or what something before the API server says. */
export function refusalOf(call: ApiCall, status: number, body: string): ApiRefusal {
  const json = parseJson(body);
  const said = isObject(json) ? stringOf(objectOf(json)["message"]) : body.slice(0, 300).trim();
  return new ApiRefusal(call, status, said === undefined || said === "" ? `it answered ${status}` : said);
}

/** What any trouble with a call is to whoever asked the driver. Knows status codes, as nobody above does. */
export function failureOf(error: unknown): DriverFailure {
  if (error instanceof DriverFailure) return error;
  if (!(error instanceof ApiRefusal)) return new DriverFailure("failed", error instanceof Error ? error.message : String(error), { cause: error });
  const { status, call, message } = error;
  const doing = `${call.verb} ${call.resource.plural}${call.name === undefined ? "" : ` ${call.name}`}`;
  if (status === 401)
    return new DriverFailure("refused", `Kubernetes does not know us: the service account's token is not accepted (${doing}).`, { cause: error });
  if (status === 403 && message.includes(" cannot ")) {
    return new DriverFailure("refused", `Kubernetes does not allow it: the Role of our service account lacks ${ruleFor(call)}.`, { cause: error });
  }
  // Logs are the node's, which is in trouble then, and not the API server.
  if (status === 429 || (status >= 500 && call.resource.part !== "log"))
    return new DriverFailure("driver-gone", `Kubernetes' API server is in trouble (${doing}): ${message}`, { cause: error });
  const reason = status === 400 || status === 403 || status === 404 || status === 422 ? "refused" : "failed";
  return new DriverFailure(reason, `Kubernetes refuses it (${doing}): ${message}`, { cause: error });
}
