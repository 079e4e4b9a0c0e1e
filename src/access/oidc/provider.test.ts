import { expect, test } from "bun:test";
import { settingsSchema } from "../../config/schema/schema.ts";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { openProvider } from "./provider.ts";

const ISSUER = "https://id.example.com/realms/team";
const PAGE = { issuer: ISSUER, authorization_endpoint: `${ISSUER}/authorize`, token_endpoint: `${ISSUER}/token`, jwks_uri: `${ISSUER}/jwks` };
const LOGIN = { redirectUri: "https://llm.example.com/auth/oidc/callback", state: "s", nonce: "n", verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk" };

function opened() {
  const { clock, turnTo } = handTurned();
  const settings = settingsSchema(["openai"]).parse({ auth: { oidc: { issuer: ISSUER, client_id: "signalbox" } } }).auth.oidc;
  const hands: { trouble?: Failure } = {};
  const asked: string[] = [];
  const provider = openProvider({
    settings: () => settings,
    fetch: async (url) => {
      asked.push(url);
      if (hands.trouble !== undefined) throw hands.trouble;
      return Response.json(PAGE);
    },
    clock,
  });
  const begin = () =>
    provider.authorizationUrl(LOGIN).catch((error: unknown) => (error instanceof Failure ? `${error.kind}: ${error.message}` : String(error)));
  return { begin, hands, asked, turnTo };
}
const SILENT = new Failure("upstream-timeout", "https://id.example.com did not answer within 5000 ms.");

test("is found by its address, once an hour", async () => {
  const { begin, asked, turnTo } = opened();
  const url = new URL(await begin());
  // RFC 7636, appendix B.
  expect([url.origin, url.searchParams.get("code_challenge")]).toEqual(["https://id.example.com", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"]);
  turnTo(3_599_999);
  await begin();
  expect(asked).toEqual([`${ISSUER}/.well-known/openid-configuration`]);
  turnTo(3_600_000);
  await begin();
  expect(asked.length).toBe(2);
});

test("that is silent at first is told, and asked again by the next who comes", async () => {
  const { begin, hands } = opened();
  hands.trouble = SILENT;
  expect(await begin()).toContain(
    "upstream-timeout: The identity provider id.example.com cannot be reached: https://id.example.com did not answer within 5000 ms.",
  );
  hands.trouble = undefined;
  expect(await begin()).toStartWith(`${ISSUER}/authorize?`);
});

test("that is silent later is what it was before", async () => {
  const { begin, hands, turnTo } = opened();
  await begin();
  hands.trouble = SILENT;
  turnTo(7_200_000);
  expect(await begin()).toStartWith(`${ISSUER}/authorize?`);
});
