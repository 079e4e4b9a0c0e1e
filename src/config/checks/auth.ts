import type { Tell } from "../file/problem.ts";
import type { Settings } from "../schema/schema.ts";

/** Secrets that everybody has read: of FastAPI's tutorial, jwt.io, Supabase, Open WebUI, Django and others, and seed 004's own sample. */
const PUBLISHED: ReadonlySet<string> = new Set([
  "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
  "your-256-bit-secret",
  "your-384-bit-secret",
  "your-512-bit-secret",
  "a-string-secret-at-least-256-bits-long",
  "a-valid-string-secret-that-is-at-least-384-bits-long",
  "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
  "super-secret-jwt-token-with-at-least-32-characters-long",
  "your-super-secret-jwt-token-with-at-least-32-characters-long",
  "your_jwt_secret_key_here",
  "t0p-s3cr3t",
]);
const SAMPLE = /^(?:your[_-].*|<.*>|(?:please[_-]?)?change[_-]?(?:me|this|it).*|replace[_-]?(?:me|this).*|example.*|(.)\1+|.*[_-]here)$/i;

/** RFC 7518, 3.2: a secret is as long as what it makes, or longer. Bytes. */
const LEAST = { HS256: 32, HS384: 48, HS512: 64 } as const;

/** Where a connection without TLS leaves no machine. */
const LOOPBACK = /^http:\/\/(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/]|$)/i;

/** Tells of secrets that are none, and of an issuer that is half described. `note`: what is allowed and should be known. */
export function checkAuth({ auth: { jwt, oidc } }: Pick<Settings, "auth">, tell: Tell, note: Tell): void {
  if (jwt.secret !== undefined) checkSecret(jwt.secret, LEAST[jwt.algorithm], tell);
  if (jwt.jwks_url !== undefined && jwt.issuer === undefined)
    tell(
      ["auth", "jwt", "jwks_url"],
      "is given without auth.jwt.issuer.",
      "Set issuer to the iss of its tokens, or tokens of anybody it knows would be taken.",
    );
  if (jwt.issuer === "signalbox" || jwt.issuer === "local")
    tell(["auth", "jwt", "issuer"], `${jwt.issuer} is who users and tokens are from that are made here.`, "Give the other issuer a name of its own.");
  if (jwt.jwks_url !== undefined && jwt.audience === undefined)
    note(
      ["auth", "jwt", "jwks_url"],
      "tokens its issuer made for other applications are accepted too.",
      "Set auth.jwt.audience to accept only those for this one.",
    );
  if (oidc.issuer === undefined && (oidc.client_id !== undefined || oidc.client_secret !== undefined))
    tell(["auth", "oidc", oidc.client_id === undefined ? "client_secret" : "client_id"], "is given without auth.oidc.issuer.", "Set issuer, or leave it out.");
  if (oidc.issuer !== undefined && oidc.client_id === undefined)
    tell(["auth", "oidc", "issuer"], "is given without auth.oidc.client_id.", "Set client_id to what this Signalbox is called there.");
  const plain = { jwks_url: ["auth", "jwt", "jwks_url"], issuer: ["auth", "oidc", "issuer"] };
  for (const [url, path] of [[jwt.jwks_url, plain.jwks_url] as const, [oidc.issuer, plain.issuer] as const])
    if (url !== undefined && !/^https:/i.test(url) && !LOOPBACK.test(url))
      note(path, "is asked without TLS: whoever is on the way can be anybody here.", "Use https://.");
  for (const [section, { roles }] of Object.entries({ jwt, oidc }))
    if ((roles.claim === undefined) !== (Object.keys(roles.map).length === 0))
      tell(
        ["auth", section, "roles"],
        "needs both claim and map.",
        "Name the claim, and what each of its values gives: { claim: groups, map: { admins: admin } }.",
      );
}

/** The secret's own text is never part of the message. */
function checkSecret(secret: string, least: number, tell: Tell): void {
  const path = ["auth", "jwt", "secret"];
  const fix = "Make one with `openssl rand -hex 32`.";
  const bytes = Buffer.byteLength(secret);
  if (PUBLISHED.has(secret) || SAMPLE.test(secret)) tell(path, "is a sample from public documentation: anybody may know it.", fix);
  else if (bytes < least)
    tell(path, `has only ${bytes} bytes, and could be guessed: at least ${least} are needed.`, least > 32 ? fix.replace("32", String(least)) : fix);
}
