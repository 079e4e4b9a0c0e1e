import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from "jose";
import type { JwtSettings } from "../../config/schema/schema.ts";
import { settingsSchema } from "../../config/schema/schema.ts";
import type { Get } from "./key-set.ts";

export const SECRET = "5f0c9a1be6f24c7d8d3e1a09b7c6f5e4";
export const ISSUER = "https://id.example.com";
export const AUDIENCE = "signalbox-test";
export const JWKS_URL = `${ISSUER}/jwks`;

/** `auth.jwt` with these fields and every default. */
export function jwtSettings(fields: object = {}): JwtSettings {
  return settingsSchema(["openai"]).parse({ auth: { jwt: fields } }).auth.jwt;
}

/** Of an issuer with public keys, for us. */
export const BY_KEYS = { jwks_url: JWKS_URL, issuer: ISSUER, audience: AUDIENCE };

export interface SigningKey {
  readonly alg: string;
  readonly kid: string;
  readonly secret: CryptoKey;
  readonly shown: JWK;
}

export async function signingKey(alg: string, kid = alg): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { alg, kid, secret: privateKey, shown: { ...(await exportJWK(publicKey)), kid } };
}

/** A token with these claims; `header` goes over the usual one. */
export function signed(claims: JWTPayload, key: SigningKey | string, header: Record<string, unknown> = {}): Promise<string> {
  const own = typeof key === "string" ? { alg: "HS256" } : { alg: key.alg, kid: key.kid };
  return new SignJWT(claims).setProtectedHeader({ ...own, ...header }).sign(typeof key === "string" ? new TextEncoder().encode(key) : key.secret);
}

/** Any header and payload, with this signature: what no library would make. */
export function written(header: string, payload: string, signature = ""): string {
  return [header, payload]
    .map((part) => Buffer.from(part).toString("base64url"))
    .concat(signature)
    .join(".");
}

/** An issuer's page of keys that can rotate, fail, and be slow, with how often it was asked. */
export function jwksOf(...keys: SigningKey[]) {
  const hands = { keys, status: 200, away: false, slow: false };
  const waiting: (() => void)[] = [];
  let asked = 0;
  const get: Get = async () => {
    asked++;
    if (hands.slow) await new Promise<void>((go) => waiting.push(go));
    if (hands.away) throw new Error("connection refused");
    return { status: hands.status, text: JSON.stringify({ keys: hands.keys.map((key) => key.shown) }) };
  };
  return { get, hands, asked: () => asked, letGo: () => waiting.splice(0).forEach((go) => void go()) };
}
