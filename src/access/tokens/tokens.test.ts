import { beforeAll, describe, expect, test } from "bun:test";
import type { JWTPayload } from "jose";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { issueToken } from "./issue.ts";
import { AUDIENCE, BY_KEYS, ISSUER, jwksOf, jwtSettings, SECRET, type SigningKey, signed, signingKey } from "./issuer.fixture.ts";
import { createTokens } from "./tokens.ts";
import { userBookOf } from "./user-book.fixture.ts";

let key: SigningKey;
beforeAll(async () => {
  key = await signingKey("ES256");
});

const ANN = { id: "ann", email: "Ann@example.com", limits: { requestsPerMinute: 5 }, budgets: [{ amount: 5n, window: "day" as const }] };
const BEN = { id: "ben", issuer: ISSUER, subject: "b-1", role: "operator" as const };
const GONE = { id: "gone", blockedAt: 1_000_000_000_000 };

/** Tokens over these users and settings, with a clock to turn; `who` is the caller's id and role, or why there is none. */
function opened(fields: object = { secret: SECRET }, parts: Partial<Parameters<typeof createTokens>[0]> = {}) {
  const time = handTurned();
  const users = userBookOf(ANN, BEN, GONE);
  const page = jwksOf(key);
  const config = { jwt: jwtSettings(fields) };
  const tokens = createTokens({ settings: () => config.jwt, book: users.book, get: page.get, clock: time.clock, ...parts });
  const caller = async (token: string) => tokens.caller(token);
  const who = async (token: string): Promise<string> => {
    try {
      const { userId, role } = await caller(token);
      return `${userId} ${role}`;
    } catch (error) {
      return error instanceof Failure && error.kind !== "invalid-key" ? error.kind : String(error);
    }
  };
  const exp = time.epoch / 1000 + 7200;
  const ours = (claims: JWTPayload) => signed({ exp, ...claims }, SECRET);
  const theirs = (claims: JWTPayload) => signed({ exp, iss: ISSUER, aud: AUDIENCE, ...claims }, key);
  return { time, page, config, tokens, caller, who, ours, theirs, ...users, exp };
}

describe("whom a token stands for", () => {
  test("a caller with the user's role, bounds and id", async () => {
    const { caller, ours } = opened();
    expect(await caller(await ours({ sub: "ann" }))).toEqual({
      keyId: "jwt:ann",
      keyName: "jwt",
      userId: "ann",
      teamId: undefined,
      role: "member",
      bounds: [{ scope: "user", id: "ann", limits: ANN.limits, budgets: ANN.budgets }],
    });
  });

  const refused = expect.stringContaining("has no account here");
  const rows: readonly [what: string, settings: object, claims: JWTPayload, who: unknown][] = [
    ["known by issuer and subject", BY_KEYS, { sub: "b-1" }, "ben operator"],
    ["not known", BY_KEYS, { sub: "nobody" }, refused],
    ["known by our id, to another issuer", BY_KEYS, { sub: "ann" }, refused],
    ["not known, where newcomers are made", { ...BY_KEYS, create_users: true }, { sub: "new", email: "n@example.com", email_verified: true }, "user-4 member"],
    ["of a known address, where nothing is linked", BY_KEYS, { sub: "x", email: "ann@example.com", email_verified: true }, refused],
    ["of a known address, linked", { ...BY_KEYS, link_by_email: true }, { sub: "x", email: "ann@example.com", email_verified: true }, "ann member"],
    ["of a known address that is not verified", { ...BY_KEYS, link_by_email: true }, { sub: "x", email: "ann@example.com" }, refused],
    ["of an address verified in words only", { ...BY_KEYS, link_by_email: true }, { sub: "x", email: "ann@example.com", email_verified: "true" }, refused],
    [
      "of an unknown address, where newcomers are made",
      { ...BY_KEYS, link_by_email: true, create_users: true },
      { sub: "x", email: "n@e.com", email_verified: true },
      "user-4 member",
    ],
    ["named by another claim", { ...BY_KEYS, claims: { user: "uid" } }, { sub: "x", uid: "b-1" }, "ben operator"],
    ["named by a claim in a claim", { ...BY_KEYS, claims: { user: "ext.uid" } }, { sub: "x", ext: { uid: "b-1" } }, "ben operator"],
    ["named by nothing", BY_KEYS, {}, expect.stringContaining("it has no sub")],
    ["named by a list", BY_KEYS, { sub: ["b-1"] as unknown as string }, expect.stringContaining("it has no sub")],
    [
      "given a role by a group",
      { ...BY_KEYS, roles: { claim: "groups", map: { ops: "operator", all: "admin" } } },
      { sub: "b-1", groups: ["x", "all", "ops"] },
      "ben admin",
    ],
    ["lowered by a group", { ...BY_KEYS, roles: { claim: "groups", map: { guests: "read-only" } } }, { sub: "b-1", groups: "guests" }, "ben read-only"],
    ["given no role by any group", { ...BY_KEYS, roles: { claim: "groups", map: { ops: "admin" } } }, { sub: "b-1", groups: ["constructor"] }, "ben operator"],
    [
      "given a role by Keycloak",
      { ...BY_KEYS, roles: { claim: "realm_access.roles", map: { ops: "admin" } } },
      { sub: "b-1", realm_access: { roles: ["ops"] } },
      "ben admin",
    ],
    [
      "given a role by a claim with dots",
      { ...BY_KEYS, roles: { claim: "https://e.com/r", map: { ops: "admin" } } },
      { sub: "b-1", "https://e.com/r": ["ops"] },
      "ben admin",
    ],
    ["who gives themselves a role", BY_KEYS, { sub: "b-1", role: "admin" }, "ben operator"],
  ];
  test.each(rows)("by keys: %s", async (_what, settings, claims, expected) => {
    const { who, theirs } = opened(settings);
    expect<unknown>(await who(await theirs(claims))).toEqual(expected);
  });

  const own: readonly [what: string, settings: object, claims: JWTPayload, who: unknown][] = [
    ["our own", {}, { iss: "signalbox", sub: "ann" }, "ann member"],
    ["our own, of a user who is gone: nobody is made of it", { create_users: true }, { iss: "signalbox", sub: "left" }, refused],
    [
      "our own, which no claims give a role",
      { roles: { claim: "groups", map: { ops: "admin" } } },
      { iss: "signalbox", sub: "ann", groups: ["ops"] },
      "ann member",
    ],
    ["our own, by sub whatever names others", { claims: { user: "email" } }, { iss: "signalbox", sub: "ann" }, "ann member"],
    ["of nobody named, by id", {}, { sub: "ben" }, "ben operator"],
    ["of nobody named, for a newcomer", { create_users: true }, { sub: "new" }, "user-4 member"],
    ["of nobody named, for nobody known", {}, { sub: "b-1" }, refused],
    ["of another issuer, who is not asked by id", {}, { iss: "app", sub: "ann" }, refused],
    ["of another issuer", {}, { iss: ISSUER, sub: "b-1" }, "ben operator"],
    ["blocked", {}, { sub: "gone" }, expect.stringContaining("Your account here was blocked on 2001-09-09")],
  ];
  test.each(own)("by secret: %s", async (_what, settings, claims, expected) => {
    const { who, ours } = opened({ secret: SECRET, ...settings });
    expect<unknown>(await who(await ours(claims))).toEqual(expected);
  });

  test("a newcomer's two first requests make one user", async () => {
    const { who, theirs, users } = opened({ ...BY_KEYS, create_users: true });
    const [first, second] = await Promise.all([theirs({ sub: "new" }), theirs({ sub: "new", name: "N" })]);
    expect(await Promise.all([who(first), who(second)])).toEqual(["user-4 member", "user-4 member"]);
    expect(users.size).toBe(4);
  });

  test("a team counts for its members alone", async () => {
    const { caller, who, theirs } = opened({ ...BY_KEYS, claims: { team: "team" } });
    expect((await caller(await theirs({ sub: "b-1", team: "ben's" }))).teamId).toBe("ben's");
    expect(await who(await theirs({ sub: "b-1", team: "ann's" }))).toContain("not in that team");
  });

  test("a token of /auth/token is good for its lifetime", async () => {
    const { who, config, users, time } = opened({
      secret: "s".repeat(30).concat("ecrets and more than sixty-four bytes of them"),
      algorithm: "HS512",
      expire_minutes: 5,
    });
    const ann = users.get("ann");
    if (ann === undefined) throw new Error("no Ann");
    const { access_token, token_type, expires_in } = await issueToken(ann, config.jwt, time.clock.now());
    expect([token_type, expires_in, await who(access_token)]).toEqual(["bearer", 300, "ann member"]);
    time.turnTo(360_000);
    expect(await who(access_token)).toContain("expired");
  });
});

describe("what is remembered", () => {
  test("a known token is answered at once, for a minute; then its user is looked up again", async () => {
    const { tokens, ours, asked, time } = opened();
    const token = await ours({ sub: "ann" });
    expect(tokens.caller(token)).toBeInstanceOf(Promise);
    const caller = await tokens.caller(token);
    time.turnTo(59_999);
    expect(tokens.caller(token)).toBe(caller);
    expect(asked.length).toBe(1);
    time.turnTo(60_000);
    await tokens.caller(token);
    expect(asked.length).toBe(2);
  });

  test("and never past its own end", async () => {
    const { ours, time, who } = opened();
    const token = await ours({ sub: "ann", exp: time.epoch / 1000 - 50 });
    expect(await who(token)).toBe("ann member");
    time.turnTo(10_000);
    expect(await who(token)).toContain("expired");
  });

  test("by the whole token: same header and payload and another signature are nothing alike", async () => {
    const { who, ours, tokens } = opened();
    const token = await ours({ sub: "ann" });
    expect(await who(token)).toBe("ann member");
    const forged = `${token.slice(0, token.lastIndexOf(".") + 1)}${"A".repeat(43)}`;
    expect(await who(forged)).toContain("signature");
    expect(await who(token)).toBe("ann member");
    expect(tokens.sizes()).toEqual({ known: 1, refused: 1 });
  });

  test("a change of the user counts from the next request on", async () => {
    const { who, ours, users, tokens } = opened();
    const token = await ours({ sub: "ann" });
    await who(token);
    users.set("ann", { ...ANN, issuer: "local", subject: "ann", role: "admin", createdAt: 0 });
    expect(await who(token)).toBe("ann member");
    tokens.forget("ann");
    expect(await who(token)).toBe("ann admin");
    users.delete("ann");
    tokens.forgetAll();
    expect(await who(token)).toContain("no account");
  });

  test("a change while a token is being looked up is not missed", async () => {
    const { who, ours, users, tokens } = opened();
    const token = await ours({ sub: "ann" });
    const early = who(token);
    tokens.forget("ann");
    users.delete("ann");
    await early;
    expect(await who(token)).toContain("no account");
  });

  test("what is refused is not checked again for ten seconds, unless a user changes", async () => {
    const { who, ours, users, tokens, asked, time } = opened();
    const token = await ours({ sub: "new" });
    await who(token);
    await who(token);
    expect(asked.length).toBe(2);
    users.set("new", { id: "new", issuer: "local", subject: "new", role: "member", createdAt: 0 });
    expect(await who(token)).toContain("no account");
    time.turnTo(10_000);
    expect(await who(token)).toBe("new member");
    users.delete("new");
    tokens.forget("new");
    expect(await who(token)).toContain("no account");
  });

  test("another secret ends every token of the old one, a reload without a change none", async () => {
    const { who, ours, config } = opened();
    const token = await ours({ sub: "ann" });
    await who(token);
    config.jwt = jwtSettings({ secret: SECRET });
    expect(await who(token)).toBe("ann member");
    config.jwt = jwtSettings({ secret: "0123456789abcdef0123456789abcdef" });
    expect(await who(token)).toContain("another secret");
  });

  test("the store away: known tokens go on until they end, others are told so and not called wrong", async () => {
    const { who, ours, time, tokens, exp, hands } = opened();
    const known = await ours({ sub: "ann", exp: exp - 3600 });
    const other = await ours({ sub: "ben" });
    await who(known);
    time.turnTo(120_000);
    hands.away = true;
    expect([await who(known), await who(other)]).toEqual(["ann member", "overloaded"]);
    tokens.forgetAll();
    expect(await who(known)).toBe("ann member");
    time.turnTo(3_661_000);
    expect(await who(known)).toContain("expired");
  });

  test("the issuer away: known tokens go on, and new ones of keys we have", async () => {
    const { who, theirs, page, time } = opened(BY_KEYS);
    const known = await theirs({ sub: "b-1" });
    await who(known);
    page.hands.away = true;
    time.turnTo(3_600_000);
    expect([await who(known), await who(await theirs({ sub: "b-1", name: "B" }))]).toEqual(["ben operator", "ben operator"]);
  });

  test("keys outlive a reload that does not concern them", async () => {
    const { who, theirs, page, config } = opened(BY_KEYS);
    const token = await theirs({ sub: "b-1" });
    await who(token);
    config.jwt = jwtSettings({ ...BY_KEYS, create_users: true });
    expect([await who(token), page.asked()]).toEqual(["ben operator", 1]);
  });

  test("within bounds, however many come", async () => {
    const { who, ours, tokens } = opened({ secret: SECRET, create_users: true }, { bounds: { known: 5, refused: 5 } });
    for (let index = 0; index < 20; index++) {
      await who(await ours({ sub: `u-${index}` }));
      await who(await signed({ sub: `u-${index}` }, "0123456789abcdef0123456789abcdef"));
    }
    expect(tokens.sizes()).toEqual({ known: 5, refused: 5 });
    const long = opened({ secret: SECRET }, { bounds: { characters: 1000 } });
    const each = await long.ours({ sub: "ann", jti: "10" });
    for (let index = 10; index < 30; index++) await long.who(await long.ours({ sub: "ann", jti: `${index}` }));
    expect(long.tokens.sizes().known).toBe(Math.floor(1000 / each.length));
  });
});
