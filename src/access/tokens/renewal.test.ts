import { describe, expect, test } from "bun:test";
import { decodeJwt } from "jose";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { issueToken } from "./issue.ts";
import { jwtSettings, SECRET, signed, signingKey } from "./issuer.fixture.ts";
import { renewal } from "./renewal.ts";
import { createTokens } from "./tokens.ts";
import { userBookOf } from "./user-book.fixture.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Ann with a token of half an hour in a session of two, and a clock to turn. */
async function ann() {
  const time = handTurned();
  const { book, users, hands } = userBookOf({ id: "ann" });
  const settings = jwtSettings({ secret: SECRET, session: "2h" });
  const parts = { settings: () => settings, book, clock: time.clock };
  const renew = renewal(parts);
  const tokens = createTokens({ ...parts, get: () => Promise.reject(new Error("nobody is asked")) });
  const { access_token: first } = await issueToken({ id: "ann" }, settings, time.clock.now());
  /** The token that is given for this one, or why none is. */
  const another = async (token: string): Promise<string> => {
    try {
      return (await renew(new Headers({ authorization: `Bearer ${token}` }))).access_token;
    } catch (error) {
      return error instanceof Failure ? `${error.kind}: ${error.message}` : String(error);
    }
  };
  const change = (different: object) => users.set("ann", { id: "ann", issuer: "local", subject: "ann", role: "member", createdAt: 0, ...different });
  return { time, renew, tokens, first, another, change, hands, settings };
}

describe("a token for another", () => {
  test("goes on without the password, as long as the session lasts and no longer", async () => {
    const { time, renew, tokens, first } = await ann();
    let token = first;
    const lives: number[] = [];
    for (let now = 25 * MINUTE; now < 2 * HOUR; now += 25 * MINUTE) {
      time.turnTo(now);
      const { access_token, expires_in, token_type } = await renew(new Headers({ "x-api-key": token }));
      expect([token_type, (await tokens.caller(access_token)).userId]).toEqual(["bearer", "ann"]);
      token = access_token;
      lives.push(expires_in / 60);
    }
    expect(lives).toEqual([30, 30, 30, 20]);
    time.turnTo(2 * HOUR);
    expect(await renew(new Headers({ "x-api-key": token })).catch(String)).toContain("Since your login more than 2 h have passed");
  });

  test("says when its user logged in, and the first says it of itself", async () => {
    const { time, first, another } = await ann();
    const login = time.epoch / 1000;
    time.turnTo(10 * MINUTE);
    const claims = (token: string) => decodeJwt(token);
    expect([first, await another(first)].map(claims)).toEqual([
      { iss: "signalbox", sub: "ann", auth_time: login, iat: login, exp: login + 1800 },
      { iss: "signalbox", sub: "ann", auth_time: login, iat: login + 600, exp: login + 2400 },
    ]);
  });

  const asked: readonly [what: string, change: object, answer: string][] = [
    ["somebody who was blocked", { blockedAt: 1_000_000_000_000 }, "invalid-key: Your account here was blocked on 2001-09-09"],
    ["somebody with another password", { passwordAt: 1_000_000_001_000 }, "invalid-key: This token is from before your password was changed"],
    ["a token as old as the password", { passwordAt: 1_000_000_000_999 }, "eyJ"],
    ["an operator made a member: what they may is not in it", { role: "read-only" }, "eyJ"],
  ];
  test.each(asked)("of %s: the database is asked, whatever is remembered", async (_what, different, answer) => {
    const { tokens, first, another, change } = await ann();
    await tokens.caller(first);
    change(different);
    expect(await another(first)).toStartWith(answer);
  });

  test("is not had while the users cannot be asked", async () => {
    const { first, another, hands } = await ann();
    hands.away = true;
    expect(await another(first)).toStartWith("overloaded: ");
  });

  test("is had for no key and no token but ours", async () => {
    const { another, time, first } = await ann();
    const exp = time.epoch / 1000 + 600;
    const [theirs, elliptic] = [await signed({ sub: "ann", exp }, SECRET), await signed({ sub: "ann", exp, iss: "signalbox" }, await signingKey("ES256"))];
    const forged = await signed({ sub: "ann", exp, iss: "signalbox" }, SECRET.toUpperCase());
    for (const other of ["sb-key", theirs, elliptic, forged, `${first}x`])
      expect(await another(other)).toStartWith("invalid-request: Only a token of POST /auth/token");
    time.turnTo(HOUR);
    expect(await another(first)).toStartWith("invalid-request: ");
  });

  test("is had for one from before they said when the login was, by when it was made", async () => {
    const { another, time } = await ann();
    const iat = time.epoch / 1000;
    const old = await signed({ iss: "signalbox", sub: "ann", iat, exp: iat + 4 * 3600 }, SECRET);
    expect(await another(old)).toStartWith("eyJ");
    time.turnTo(2 * HOUR);
    expect(await another(old)).toStartWith("invalid-key: ");
  });
});

test("another password ends the tokens from before it", async () => {
  const { tokens, first, change, time } = await ann();
  await tokens.caller(first);
  change({ passwordAt: time.epoch + 5_000 });
  tokens.forget("ann");
  expect(await Promise.resolve(tokens.caller(first)).catch(String)).toContain("from before your password was changed");
});
