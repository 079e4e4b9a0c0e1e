import { StoreTrouble } from "../../trouble.ts";
import type { PostgresAddress } from "./postgres-address.ts";

/** What PostgreSQL itself said no with; anything else came from the way to it. */
function stateOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/**
 * Says that nothing else would succeed on this connection, or on none: it is broken, the server stops or starts, takes no more connections,
 * or has become a standby, behind whose name there may soon be another.
 */
export function endsTheLine(error: unknown): boolean {
  const state = stateOf(error);
  return state === undefined || /^(08|57P0[1-5]|53300|25006|25P03)/.test(state);
}

/** Is it the rows that are wrong? A value its column does not take, or one that a constraint forbids. */
export function refusesTheRow(error: unknown): boolean {
  return /^2[23]/.test(stateOf(error) ?? "");
}

/** What the operator has to mend, since no waiting will: the user, the password, the database, the certificate. */
const TO_MEND: readonly (readonly [state: RegExp, what: string])[] = [
  [/^28/, "it refuses the user or the password"],
  [/^3D000/, "there is no such database"],
  [/^42501/, "the user may not do this"],
];
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_(GET_ISSUER|VERIFY)|ALTNAME|certificate/i;

/** Why no connection can be made, as a trouble: `away` for what may pass, `failed` for what the operator has to mend. */
export function whyNotConnected(address: PostgresAddress, error: unknown): StoreTrouble {
  if (error instanceof StoreTrouble) return error;
  const words = address.clean(error instanceof Error ? error.message : String(error)).replace(/\.?$/, ".");
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const mend = TO_MEND.find(([state]) => state.test(code))?.[1] ?? (CERTIFICATE.test(`${code} ${words}`) ? "its certificate is not believed" : undefined);
  const noTls = /does not support SSL/i.test(words) ? "it speaks no TLS, which sslmode asks for" : undefined;
  const why = mend ?? noTls;
  if (why !== undefined) return new StoreTrouble(`PostgreSQL at ${address.shown} cannot be used: ${why}. ${words}`, undefined);
  return new StoreTrouble(`PostgreSQL at ${address.shown} cannot be reached: ${words}`, undefined, "away");
}
