import type { Credentials } from "../../access/login/password-login.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { isObject, parseJson } from "../../vocabulary/json.ts";

/**
 * E-mail and password of a login: as JSON, `{email, password}`, or as the form of OAuth 2.0's password grant, which FastAPI's clients send
 * with `username`. Throws `invalid-request`; a message never repeats what was sent.
 */
export function readLogin(text: string, contentType: string | null): Pick<Credentials, "email" | "password"> {
  const fields = contentType?.toLowerCase().startsWith("application/x-www-form-urlencoded") ? Object.fromEntries(new URLSearchParams(text)) : parseJson(text);
  if (!isObject(fields)) throw invalidRequest("", 'The body is no login. Send JSON, {"email": "…", "password": "…"}, or a form with username and password.');
  const grant = fields["grant_type"];
  if (grant !== undefined && grant !== "" && grant !== "password")
    throw invalidRequest("grant_type", "Only the password grant is known here: grant_type=password.");
  return { email: textOf(fields["email"] ?? fields["username"], "email"), password: textOf(fields["password"], "password") };
}

function textOf(value: unknown, name: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw invalidRequest(name, `${name} is missing, or is no text.`);
}
