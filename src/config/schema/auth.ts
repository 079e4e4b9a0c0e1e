import { ROLES } from "../../vocabulary/caller.ts";
import { dollars, duration, emptyOr, flag, oneOf, text, texts, wholeNumber } from "./fields.ts";
import { named, section } from "./sections.ts";

/** The algorithms of a shared secret. A JWKS brings its own: RS, PS, ES and EdDSA. */
const SECRET_ALGORITHMS = ["HS256", "HS384", "HS512"] as const;

const roles = section({
  claim: emptyOr("text").describe("The claim that holds somebody's groups or roles; `realm_access.roles` looks inside `realm_access`."),
  map: named(oneOf(ROLES))
    .default({})
    .describe(`What role here each of its values gives: ${ROLES.join(", ")}. The highest counts; of none, the role the user has here.`),
});

const newcomers = {
  create_users: flag().prefault(false).describe("Make a user of whoever is not known here, with role member; `false` refuses them."),
  link_by_email: flag()
    .prefault(false)
    .describe("Take whoever is not known here for the user with the same e-mail address, where the issuer says that it is verified."),
  roles: roles.prefault({}).describe("Roles by a claim, instead of those our own database has."),
};

const jwt = section({
  secret: emptyOr("text").describe("Secret of tokens signed with HS256, at least 32 bytes; /auth/token signs with it. Best as ${JWT_SECRET_KEY:-}."),
  algorithm: oneOf(SECRET_ALGORITHMS).default("HS256").describe("The one algorithm accepted with the secret."),
  jwks_url: emptyOr("address").describe("Public keys of an identity provider (JWKS), for tokens signed with RS, PS, ES or EdDSA."),
  issuer: emptyOr("text").describe("Whose tokens are accepted: their `iss`. Needed with jwks_url."),
  audience: emptyOr("text").describe("For whom they must be: their `aud`."),
  expire_minutes: wholeNumber(1, 525_600).prefault(30).describe("How long a token of /auth/token is good, in minutes."),
  session: duration().prefault("12h").describe("How long after a login its token may be exchanged for another, without the password; `0s`: never."),
  clock_skew: duration().prefault("60s").describe("How far clocks may be apart."),
  claims: section({
    user: text().default("sub").describe("The claim that says who it is; one that never changes."),
    email: text().default("email").describe("The claim with the e-mail address."),
    name: text().default("name").describe("The claim with the name."),
    team: emptyOr("text").describe("The claim with the team they ask for; empty: none is read."),
  })
    .prefault({})
    .describe("Where tokens say who asks; `a.b` looks inside `a`."),
  ...newcomers,
});

const oidc = section({
  issuer: emptyOr("address").describe("The identity provider people log in with, as it calls itself: https://id.example.com/realms/team."),
  client_id: emptyOr("text").describe("What this Signalbox is called there."),
  client_secret: emptyOr("text").describe("Its secret there; empty for a public client."),
  scopes: texts().default(["openid", "email", "profile"]).describe("What is asked about people; add the scope that brings groups, where roles come from them."),
  session: duration().prefault("12h").describe("How long a login in a browser lasts."),
  ...newcomers,
});

/** `auth`. */
export const auth = section({
  admin_key: text().optional().describe("The first admin key; left out, one is made and printed once."),
  end_user_secret: text()
    .optional()
    .describe("Open WebUI's FORWARD_USER_INFO_HEADER_JWT_SECRET. With it, only users in tokens signed with it are believed, from keys that vouch."),
  create_vouched_users: flag()
    .prefault(false)
    .describe("Make a user of each end user that a key vouches for, when they are first seen; from then on limits and budgets can be theirs."),
  match_vouched_emails: flag()
    .prefault(false)
    .describe(
      "Find the user of an end user that a key vouches for by their e-mail address too. Only where the chat interface has its users prove their addresses.",
    ),
  jwt: jwt.prefault({}).describe("JSON Web Tokens instead of keys."),
  oidc: oidc.prefault({}).describe("Login of people with an identity provider (OpenID Connect)."),
  new_user_balance: dollars().prefault("0").describe("What users begin with that are made at their first token or login, in US dollars."),
});
