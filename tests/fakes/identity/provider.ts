import { createHash } from "node:crypto";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";

/** Ways in which an identity provider can go wrong. */
export type Misbehaviour =
  | "none"
  | "denies"
  | "wrong-nonce"
  | "no-nonce"
  | "wrong-issuer"
  | "wrong-audience"
  | "expired"
  | "other-key"
  | "unsigned"
  | "no-id-token"
  | "used-code"
  | "refuses-client"
  | "not-json"
  | "names-another-issuer";

export interface FakeProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whoever logs in next, and how that goes wrong. */
  readonly hands: { claims: JWTPayload; misbehaves: Misbehaviour };
  /** Paths asked, oldest first. */
  readonly asked: string[];
  stop(): Promise<void>;
}

/** A code that was given out, and what it was for. */
interface GivenCode {
  readonly nonce: string;
  readonly challenge: string;
  readonly redirectUri: string;
}

const CLIENT = { id: "signalbox", secret: "a secret & more: of a client" };

/** An OpenID provider that logs everybody in without asking, checks what its client sends, and misbehaves as it is told. */
export async function startProvider(): Promise<FakeProvider> {
  const key = await generateKeyPair("RS256", { extractable: true });
  const other = await generateKeyPair("RS256", { extractable: true });
  const codes = new Map<string, GivenCode>();
  const asked: string[] = [];
  const hands: FakeProvider["hands"] = { claims: { sub: "ann-1" }, misbehaves: "none" };

  const idToken = (nonce: string): Promise<string> | string => {
    const now = Math.floor(Date.now() / 1000);
    const wrong: Partial<Record<Misbehaviour, JWTPayload>> = {
      "wrong-nonce": { nonce: "another" },
      "no-nonce": { nonce: undefined },
      "wrong-issuer": { iss: "https://evil.example.com" },
      "wrong-audience": { aud: "another" },
      expired: { exp: now - 3600 },
    };
    const claims = { iss: issuer, aud: CLIENT.id, iat: now, exp: now + 300, nonce, ...hands.claims, ...wrong[hands.misbehaves] };
    if (hands.misbehaves === "unsigned")
      return `${[{ alg: "none" }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".")}.`;
    return new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: "k" }).sign(hands.misbehaves === "other-key" ? other.privateKey : key.privateKey);
  };

  const pages: Readonly<Record<string, (request: Request, url: URL) => Promise<Response> | Response>> = {
    "/.well-known/openid-configuration": () =>
      Response.json({
        issuer: hands.misbehaves === "names-another-issuer" ? "https://evil.example.com" : issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/jwks`,
        response_types_supported: ["code"],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: ["RS256"],
        code_challenge_methods_supported: ["S256"],
      }),
    "/jwks": async () => Response.json({ keys: [{ ...(await exportJWK(key.publicKey)), kid: "k", alg: "RS256", use: "sig" }] }),
    "/authorize"(_request, { searchParams: query }) {
      const back = new URL(query.get("redirect_uri") ?? "");
      back.searchParams.set("state", query.get("state") ?? "");
      if (hands.misbehaves === "denies") back.searchParams.set("error", "access_denied");
      else {
        const code = crypto.randomUUID();
        if (query.get("code_challenge_method") !== "S256" || query.get("client_id") !== CLIENT.id || !query.get("scope")?.includes("openid"))
          return new Response("not so", { status: 400 });
        codes.set(code, { nonce: query.get("nonce") ?? "", challenge: query.get("code_challenge") ?? "", redirectUri: query.get("redirect_uri") ?? "" });
        back.searchParams.set("code", code);
      }
      return Response.redirect(back.href);
    },
    async "/token"(request) {
      if (hands.misbehaves === "refuses-client" || !isClient(request.headers.get("authorization")))
        return Response.json({ error: "invalid_client" }, { status: 401 });
      if (hands.misbehaves === "not-json") return new Response("<h1>502</h1>", { headers: { "content-type": "text/html" } });
      const form = new URLSearchParams(await request.text());
      const given = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      const challenge = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      const good = given !== undefined && given.challenge === challenge && given.redirectUri === form.get("redirect_uri") && hands.misbehaves !== "used-code";
      if (!good) return Response.json({ error: "invalid_grant", error_description: "no such code" }, { status: 400 });
      const common = { access_token: "an-access-token", token_type: "Bearer", expires_in: 300 };
      return Response.json(hands.misbehaves === "no-id-token" ? common : { ...common, id_token: await idToken(given.nonce) });
    },
  };

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const url = new URL(request.url);
      asked.push(url.pathname);
      return pages[url.pathname]?.(request, url) ?? new Response("nothing here", { status: 404 });
    },
  });
  const issuer = `http://127.0.0.1:${server.port}`;
  return { issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret, hands, asked, stop: () => server.stop(true) };
}

/** RFC 6749, 2.3.1: both parts are form-encoded before they are put together. */
function isClient(authorization: string | null): boolean {
  const encoded = (text: string) => new URLSearchParams({ "": text }).toString().slice(1);
  return authorization === `Basic ${btoa(`${encoded(CLIENT.id)}:${encoded(CLIENT.secret)}`)}`;
}
