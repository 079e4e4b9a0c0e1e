import { describe, expect, test } from "bun:test";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { jwtSettings, SECRET } from "../tokens/issuer.fixture.ts";
import { createTokens } from "../tokens/tokens.ts";
import { userBookOf } from "../tokens/user-book.fixture.ts";
import { createPasswordLogin } from "./password-login.ts";
import { createPasswords, DECOY } from "./passwords.ts";
import { createThrottle } from "./throttle/memory-throttle.ts";

const RIGHT = "correct horse battery";

/** A door over three users, with what its hasher was asked. */
function door(fields: object = { secret: SECRET }) {
  const { clock, turnTo } = handTurned();
  const users = userBookOf(
    { id: "ann", email: "ann@example.com", passwordHash: `new:${RIGHT}` },
    { id: "old", email: "old@example.com", passwordHash: `old:${RIGHT}` },
    { id: "sso", email: "sso@example.com" },
    { id: "out", email: "out@example.com", passwordHash: `new:${RIGHT}`, blockedAt: 0 },
  );
  const verified: string[] = [];
  const passwords = createPasswords({
    hash: async (password) => `new:${password}`,
    verify: async (password, hash) => {
      verified.push(hash);
      return hash.slice(4) === password;
    },
    isCurrent: (hash) => hash.startsWith("new:"),
  });
  const settings = () => jwtSettings(fields);
  const { login } = createPasswordLogin({ settings, book: users.book, passwords, throttle: createThrottle(clock), clock });
  const attempt = async (email: string, password: string, address = "203.0.113.9") => {
    try {
      return await login({ email, password, address });
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
  };
  return { attempt, verified, turnTo, clock, settings, ...users };
}

test("a password gives a token that is good here", async () => {
  const { attempt, book, clock } = door();
  const token = await attempt(" Ann@Example.com ", RIGHT);
  if (token instanceof Failure) throw token;
  expect([token.token_type, token.expires_in]).toEqual(["bearer", 1800]);
  const fixed = jwtSettings({ secret: SECRET });
  const tokens = createTokens({ settings: () => fixed, book, get: () => Promise.reject(new Error("nobody is asked")), clock });
  expect((await tokens.caller(token.access_token)).userId).toBe("ann");
});

describe("nobody learns who has an account", () => {
  const rows: readonly [who: string, email: string, hash: string][] = [
    ["a user's wrong password", "ann@example.com", `new:${RIGHT}`],
    ["nobody", "nobody@example.com", DECOY],
    ["a user without a password", "sso@example.com", DECOY],
    ["a blocked user's wrong password", "out@example.com", `new:${RIGHT}`],
  ];
  test.each(rows)("%s: the same answer after the same work", async (_who, email, hash) => {
    const { attempt, verified, asked } = door();
    const failure = await attempt(email, "a wrong password");
    if (!(failure instanceof Failure)) throw new Error("let in");
    expect([failure.kind, failure.message, failure.facts]).toEqual(["invalid-key", "The e-mail address or the password is not right.", {}]);
    expect([verified, asked]).toEqual([[hash], [`email ${email}`]]);
  });

  test.each(["ann@example.com", "nobody@example.com"])("nor by being made to wait: %s", async (email) => {
    const { attempt, verified, turnTo } = door();
    const kinds = await Promise.all(Array.from({ length: 7 }, async () => ((await attempt(email, "a wrong password")) as Failure).kind));
    expect(kinds.toSorted()).toEqual([...Array(5).fill("invalid-key"), "rate-limited", "rate-limited"]);
    expect(verified.length).toBe(5);
    const waiting = (await attempt(email, RIGHT)) as Failure;
    expect([waiting.kind, waiting.facts.retryAfter]).toEqual(["rate-limited", 60]);
    turnTo(60_000);
    expect(await attempt(email, RIGHT)).not.toMatchObject({ kind: "rate-limited" });
  });
});

const REFUSED: readonly [what: string, fields: object, email: string, password: string, kind: string, says: string][] = [
  ["no secret to sign with", {}, "ann@example.com", RIGHT, "not-found", "auth.jwt.secret (JWT_SECRET_KEY)"],
  ["no address", { secret: SECRET }, "  ", RIGHT, "invalid-request", "email"],
  ["a novel of an address", { secret: SECRET }, `${"a".repeat(400)}@example.com`, RIGHT, "invalid-request", "email"],
  ["no password", { secret: SECRET }, "ann@example.com", "", "invalid-request", "password"],
  ["a novel of a password", { secret: SECRET }, "ann@example.com", "a b c ".repeat(300), "invalid-request", "1024 bytes"],
  ["blocked, which only the right password is told", { secret: SECRET }, "out@example.com", RIGHT, "invalid-key", "blocked"],
];
test.each(REFUSED)("%s", async (_what, fields, email, password, kind, says) => {
  const failure = (await door(fields).attempt(email, password)) as Failure;
  expect([failure.kind, failure.message.includes(says), failure.message.includes(password) && password !== ""]).toEqual([kind as Failure["kind"], true, false]);
});

test("a hash of older parameters is made anew, once", async () => {
  const { attempt, users, asked } = door();
  expect(await attempt("old@example.com", RIGHT)).toHaveProperty("access_token");
  await new Promise((go) => setImmediate(go));
  expect(users.get("old")?.passwordHash).toBe(`new:${RIGHT}`);
  await attempt("old@example.com", RIGHT);
  expect(asked.filter((question) => question.startsWith("password"))).toEqual(["password old"]);
});

test("users who cannot be looked up are told so, and not called wrong", async () => {
  const { attempt, hands } = door();
  hands.away = true;
  expect(await attempt("ann@example.com", RIGHT)).toMatchObject({ kind: "overloaded" });
});
