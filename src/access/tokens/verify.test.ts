import { beforeAll, describe, expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { exportSPKI, type JWTPayload } from "jose";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { AUDIENCE, BY_KEYS, ISSUER, jwksOf, jwtSettings, SECRET, type SigningKey, signed, signingKey, written } from "./issuer.fixture.ts";
import { openKeySet } from "./key-set.ts";
import { type Verified, verifyToken } from "./verify.ts";

const { clock, epoch } = handTurned();
const NOW = epoch / 1000;
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];

let keys: ReadonlyMap<string, SigningKey>;
let stranger: SigningKey;
beforeAll(async () => {
  keys = new Map(await Promise.all(ALGORITHMS.map(async (alg): Promise<[string, SigningKey]> => [alg, await signingKey(alg)])));
  stranger = await signingKey("RS256");
});
const key = (alg = "RS256"): SigningKey => keys.get(alg) as SigningKey;

/** Checked by the secret, by the keys of an issuer, or by either. */
const SETTINGS = {
  secret: { secret: SECRET },
  wanted: { secret: SECRET, issuer: ISSUER, audience: AUDIENCE },
  keys: BY_KEYS,
  both: { secret: SECRET, ...BY_KEYS },
  none: {},
} as const;

function verify(token: string, by: keyof typeof SETTINGS, more: object = {}): Promise<Verified> {
  const settings = jwtSettings({ ...SETTINGS[by], ...more });
  const page = jwksOf(...keys.values());
  const keySet = settings.jwks_url === undefined ? undefined : openKeySet({ url: settings.jwks_url, get: page.get, clock });
  return verifyToken(token, { settings, keySet, clock });
}

const GOOD = { sub: "ann", exp: NOW + 600 };
const THEIRS = { ...GOOD, iss: ISSUER, aud: AUDIENCE };

describe("good tokens", () => {
  const rows: readonly [what: string, by: keyof typeof SETTINGS, token: () => Promise<string>, maker: Verified["maker"]][] = [
    ["with our secret, of nobody named", "secret", () => signed(GOOD, SECRET), "our-secret"],
    ["with our secret, by us", "secret", () => signed({ ...GOOD, iss: "signalbox" }, SECRET), "us"],
    ["with our secret, by somebody else", "secret", () => signed({ ...GOOD, iss: "app" }, SECRET), "issuer"],
    ["with our secret, by the issuer wanted", "wanted", () => signed(THEIRS, SECRET), "issuer"],
    ["by us, whatever issuer is wanted of others", "wanted", () => signed({ ...GOOD, iss: "signalbox" }, SECRET), "us"],
    ["for several, us among them", "keys", () => signed({ ...THEIRS, aud: ["other", AUDIENCE] }, key()), "issuer"],
    ["by us, beside an issuer with keys", "both", () => signed({ ...GOOD, iss: "signalbox" }, SECRET), "us"],
    ["by the issuer, beside our secret", "both", () => signed(THEIRS, key()), "issuer"],
    ["of no key id: each key is tried", "keys", () => signed(THEIRS, key("RS512"), { kid: undefined }), "issuer"],
    ["expired within the skew", "secret", () => signed({ ...GOOD, exp: NOW - 59 }, SECRET), "our-secret"],
    ["not yet valid within the skew", "secret", () => signed({ ...GOOD, nbf: NOW + 59 }, SECRET), "our-secret"],
    [
      "with groups by the hundred",
      "secret",
      () => signed({ ...GOOD, groups: Array.from({ length: 200 }, (_, index) => `group-${index}`) }, SECRET),
      "our-secret",
    ],
  ];
  test.each(rows)("%s", async (_what, by, token, maker) => {
    const verified = await verify(await token(), by);
    expect([verified.maker, verified.claims["sub"]]).toEqual([maker, "ann"]);
  });

  test.each(ALGORITHMS)("signed with %s", async (alg) => {
    expect((await verify(await signed(THEIRS, key(alg)), "keys")).claims["sub"]).toBe("ann");
  });

  test("say until when, clock skew included", async () => {
    expect((await verify(await signed(GOOD, SECRET), "secret")).expiresAt).toBe((NOW + 660) * 1000);
  });
});

describe("bad tokens", () => {
  /** The old confusion: the issuer's public key, which everybody has, taken for a secret. */
  const confused = async (text: (key: SigningKey) => Promise<string>) => {
    const head = written(JSON.stringify({ alg: "HS256", kid: "RS256" }), JSON.stringify(THEIRS)).slice(0, -1);
    return `${head}.${createHmac("sha256", await text(key()))
      .update(head)
      .digest("base64url")}`;
  };
  const pem = async ({ shown }: SigningKey) =>
    exportSPKI(await crypto.subtle.importKey("jwk", shown, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, true, ["verify"]));
  const jwk = async ({ shown }: SigningKey) => JSON.stringify(shown);
  const unsigned = (alg: string) => async () => written(JSON.stringify({ alg }), JSON.stringify(THEIRS));
  const withSignature = async (header: string, payload: string) => {
    const head = written(header, payload).slice(0, -1);
    return `${head}.${createHmac("sha256", SECRET).update(head).digest("base64url")}`;
  };
  const claims = (wrong: JWTPayload) => () => signed({ ...THEIRS, ...wrong }, key());

  const rows: readonly [what: string, by: keyof typeof SETTINGS, token: () => Promise<string>, says: string][] = [
    ["unsigned", "both", unsigned("none"), "not signed"],
    ["unsigned, shouted", "both", unsigned("NONE"), "not signed"],
    ["unsigned, and odd", "both", unsigned("nOnE"), "signed with nOnE"],
    ["of no algorithm", "both", async () => written("{}", JSON.stringify(THEIRS)), "not signed"],
    ["of an algorithm that is a number", "both", async () => written('{"alg":1}', JSON.stringify(THEIRS)), "not signed"],
    ["the public key as a secret, as PEM", "keys", () => confused(pem), "signed with HS256, and here only the algorithms of public keys"],
    ["the public key as a secret, as JWK", "keys", () => confused(jwk), "signed with HS256"],
    ["the public key as a secret, where there is a secret too", "both", () => confused(pem), "signature of this token is not good"],
    ["a public key where there is a secret only", "secret", () => signed(THEIRS, key()), "signed with RS256, and here only HS256 count"],
    ["the same secret with another algorithm", "secret", () => signed(GOOD, SECRET, { alg: "HS384" }), "signed with HS384"],
    ["another secret", "secret", () => signed(GOOD, "0123456789abcdef0123456789abcdef"), "another secret than auth.jwt.secret"],
    ["another key of the same name", "keys", () => signed(THEIRS, stranger), `another key than those of ${ISSUER}`],
    ["another key, of no name", "keys", () => signed(THEIRS, stranger, { kid: undefined }), `another key than those of ${ISSUER}`],
    ["a key that is not listed", "keys", () => signed(THEIRS, key(), { kid: "k-9" }), `a key that ${ISSUER} does not list`],
    ["a key of another kind than its algorithm", "keys", () => signed(THEIRS, key(), { kid: "ES256" }), "does not list"],
    ["expired", "keys", claims({ exp: NOW - 61 }), "expired on 2001-09-09 01:45 UTC"],
    ["not yet valid", "keys", claims({ nbf: NOW + 61 }), "not valid before 2001-09-09 01:47 UTC"],
    ["without an end", "keys", claims({ exp: undefined }), "never ends"],
    ["with an end that is no time", "keys", async () => signed({ ...THEIRS, exp: "soon" as unknown as number }, key()), "no sound JSON Web Token"],
    ["of another issuer", "keys", claims({ iss: "https://evil.example.com" }), `is from https://evil.example.com, and here only those of ${ISSUER} count`],
    ["of an issuer whose name only begins alike", "keys", claims({ iss: `${ISSUER}/` }), "is from"],
    ["of no issuer", "keys", claims({ iss: undefined }), "does not say who made it"],
    ["of a public key that says it is ours", "both", claims({ iss: "signalbox" }), "is from signalbox"],
    [
      "of our secret that says it is the identity provider's",
      "both",
      () => signed(THEIRS, SECRET),
      `is from ${ISSUER}, and here only those of signalbox count`,
    ],
    ["of our secret without the issuer wanted", "wanted", () => signed({ ...GOOD, aud: AUDIENCE }, SECRET), "does not say who made it"],
    ["for somebody else", "keys", claims({ aud: "other" }), `is for other, and here only those for ${AUDIENCE} count`],
    ["for others", "keys", claims({ aud: ["a", "b"] }), "is for a, b"],
    ["for nobody", "keys", claims({ aud: undefined }), "does not say for whom"],
    ["of our secret and for somebody else", "wanted", () => signed({ ...THEIRS, aud: "other" }, SECRET), "is for other"],
    ["with a claim given twice", "secret", () => withSignature('{"alg":"HS256"}', `{"sub":"ann","sub":"root","exp":${GOOD.exp}}`), "given twice"],
    [
      "with a claim given twice in other letters",
      "secret",
      () => withSignature('{"alg":"HS256"}', `{"sub":"ann","s\\u0075b":"root","exp":${GOOD.exp}}`),
      "given twice",
    ],
    ["with an algorithm given twice", "secret", () => withSignature('{"alg":"none","alg":"HS256"}', JSON.stringify(GOOD)), "given twice"],
    [
      "with an extension that must be understood",
      "secret",
      () => withSignature('{"alg":"HS256","crit":["x"],"x":1}', JSON.stringify(GOOD)),
      "no sound JSON Web Token",
    ],
    ["with a payload that is no object", "secret", () => withSignature('{"alg":"HS256"}', "[]"), "no sound JSON Web Token"],
    ["with a key of its own", "keys", () => signed(THEIRS, stranger, { jwk: stranger.shown }), "signature of this token is not good"],
    ["where none are accepted", "none", () => signed(GOOD, SECRET), "none are accepted here"],
  ];
  test.each(rows)("%s", async (_what, by, token, says) => {
    const failure = await verify(await token(), by).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(Failure);
    const { kind, message, row } = failure as Failure;
    expect([kind, row.status, row.code, row.retry]).toEqual(["invalid-key", 401, "invalid_api_key", false]);
    expect(message).toContain(says);
    expect(message.match(/[.!?](\s|$)/g)?.length ?? 0).toBeLessThan(3);
  });

  test("what a token says of itself is told short and plain, and its signature never", async () => {
    const token = await signed({ ...THEIRS, iss: `\u001b[31mred\n${"x".repeat(500)}` }, key());
    const { message } = (await verify(token, "keys").catch((thrown: unknown) => thrown)) as Failure;
    expect(message).toMatch(/^[\x20-\x7e…]{1,220}$/);
    expect(message).not.toContain(token.split(".")[2] ?? "");
  });

  test("one bit changed anywhere in a good token makes it a bad one", async () => {
    const token = await signed(GOOD, SECRET);
    for (let at = 0; at < token.length - 1; at++) {
      if (token[at] === ".") continue;
      const changed = `${token.slice(0, at)}${token[at] === "A" ? "B" : "A"}${token.slice(at + 1)}`;
      const verified = await verify(changed, "secret").catch((thrown: unknown) => thrown);
      expect([at, verified instanceof Failure]).toEqual([at, true]);
    }
  });
});
