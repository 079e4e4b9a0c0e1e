import { createHash } from "node:crypto";
import type { Configuration, CustomFetch } from "openid-client";
import type { OidcSettings } from "../../config/schema/schema.ts";
import type { Fetch } from "../../upstream/fetch-over.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { type JsonObject, objectOf } from "../../vocabulary/json.ts";
import { providerTrouble } from "./trouble.ts";

/** What a login is begun with. */
export interface LoginRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

/** The identity provider people log in with. All reject with a failure that names it and says what to do. */
export interface IdentityProvider {
  /** Where a browser is sent. */
  authorizationUrl(login: LoginRequest): Promise<string>;
  /** What the provider says of whoever comes back at `callback`: claims of an ID token whose signature, issuer, audience, nonce and times are right. */
  claims(callback: URL, login: Pick<LoginRequest, "state" | "nonce" | "verifier">): Promise<JsonObject>;
}

export interface ProviderParts {
  readonly settings: () => OidcSettings;
  readonly fetch: Fetch;
  readonly clock: Clock;
}

/** Loaded with the first login: 10 ms and 6 MB for those who have one. */
const library = () => import("openid-client");

/** Longest wait for one answer of it. Seconds. */
const TIMEOUT = 5;
/** How long what it says of itself is good. Milliseconds. */
const FRESH = 3_600_000;

/** An OpenID provider, looked up when somebody first logs in and not before: one that is away keeps nobody from starting. */
export function openProvider({ settings, fetch, clock }: ProviderParts): IdentityProvider {
  let found: { readonly by: OidcSettings; readonly until: number; readonly configuration: Configuration } | undefined;

  const configuration = async (): Promise<Configuration> => {
    const by = settings();
    if (found !== undefined && found.by === by && clock.elapsed() < found.until) return found.configuration;
    const { issuer, client_id, client_secret } = by;
    if (issuer === undefined || client_id === undefined)
      throw new Failure(
        "not-found",
        "Nobody logs in here with an identity provider. Whoever runs this Signalbox sets auth.oidc.issuer and auth.oidc.client_id.",
      );
    const client = await library();
    const execute = [client.enableNonRepudiationChecks, ...(issuer.startsWith("http:") ? [client.allowInsecureRequests] : [])];
    const authentication = client_secret === undefined ? client.None() : client.ClientSecretBasic(client_secret);
    try {
      const options = { [client.customFetch]: asCustom(fetch), timeout: TIMEOUT, execute };
      const fresh = await client.discovery(new URL(issuer), client_id, undefined, authentication, options);
      found = { by, until: clock.elapsed() + FRESH, configuration: fresh };
      return fresh;
    } catch (error) {
      // What it said an hour ago is likely still so.
      if (found?.by === by) return found.configuration;
      throw providerTrouble(error, issuer);
    }
  };

  return {
    async authorizationUrl({ redirectUri, state, nonce, verifier }) {
      const known = await configuration();
      const { buildAuthorizationUrl } = await library();
      const parameters = {
        redirect_uri: redirectUri,
        scope: settings().scopes.join(" "),
        state,
        nonce,
        code_challenge: createHash("sha256").update(verifier).digest("base64url"),
        code_challenge_method: "S256",
      };
      return buildAuthorizationUrl(known, parameters).href;
    },
    async claims(callback, { state, nonce, verifier }) {
      const known = await configuration();
      const { authorizationCodeGrant } = await library();
      try {
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
        const tokens = await authorizationCodeGrant(known, callback, checks);
        return objectOf(tokens.claims());
      } catch (error) {
        throw providerTrouble(error, settings().issuer ?? "");
      }
    },
  };
}

function asCustom(fetch: Fetch): CustomFetch {
  return (url, { method, headers, body, signal }) => fetch(url, { method, headers, body, signal });
}
