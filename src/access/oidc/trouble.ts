import { Failure } from "../../vocabulary/failure.ts";
import { objectOf, stringOf } from "../../vocabulary/json.ts";

/** Why a login did not come to its end, as whoever tried is told. What the provider wrote is shortened; nothing secret is in it. */
export function providerTrouble(error: unknown, issuer: string): Failure {
  const where = new URL(issuer).host;
  const cause = failureIn(error);
  if (cause !== undefined)
    return new Failure(
      cause.kind,
      `The identity provider ${where} cannot be reached: ${cause.message} Try again in a moment; keys and tokens work meanwhile.`,
      { cause: error },
    );
  const { code, error: said, error_description: description } = wordsIn(error);
  switch (code) {
    case "OAUTH_AUTHORIZATION_RESPONSE_ERROR":
      if (said === "access_denied" || said === "login_required")
        return new Failure("permission-denied", `You were not logged in at ${where} (${said}). Log in again.`, { cause: error });
      return new Failure("upstream-error", `${where} refused the login: ${plain([said, description].filter((part) => part !== undefined).join(", "))}.`, {
        cause: error,
      });
    case "OAUTH_RESPONSE_BODY_ERROR":
      if (said === "invalid_client" || said === "unauthorized_client")
        return new Failure(
          "upstream-credentials",
          `${where} does not accept this Signalbox as its client. Whoever runs it checks auth.oidc.client_id and client_secret.`,
          { cause: error },
        );
      if (said === "invalid_grant")
        return new Failure("invalid-key", `${where} says that this login was used before, or took too long. Log in again.`, { cause: error });
      break;
    case "OAUTH_TIMEOUT":
      return new Failure("upstream-timeout", `The identity provider ${where} did not answer in time. Try again in a moment.`, { cause: error });
  }
  return new Failure(
    "upstream-error",
    `The answer of the identity provider ${where} is not good: ${wordsOf(error)}. Log in again; if it stays so, whoever runs this Signalbox checks auth.oidc.`,
    {
      cause: error,
    },
  );
}

/** The failure of ours a library's error was made of, if any. */
function failureIn(error: unknown): Failure | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof Failure) return at;
  return undefined;
}

/** What the library says of an error, by its stable code, and what the provider said by OAuth's. */
function wordsIn(error: unknown): { readonly code?: string; readonly error?: string; readonly error_description?: string } {
  if (!(error instanceof Error)) return {};
  const { code, error: said, error_description } = objectOf(error);
  return { code: stringOf(code), error: stringOf(said), error_description: stringOf(error_description) };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? plain(error.message) : "unknown error";
}

function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").slice(0, 200);
}
