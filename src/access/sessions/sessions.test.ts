import { expect, test } from "bun:test";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { userBookOf } from "../tokens/user-book.fixture.ts";
import { cookieName, readCookie } from "./cookies.ts";
import { derivedKey } from "./derived-keys.ts";
import { createSessions, type LoggedIn } from "./sessions.ts";

/** Sessions of one user, with a clock to turn; `who` is the id and role of whoever has this cookie, or why nobody is. */
function opened(origin?: string) {
  const time = handTurned();
  const users = userBookOf({ id: "ann", role: "operator" });
  const config = { secret: "a secret", origin, lifetime: 3_600_000 };
  const sessions = createSessions({ settings: () => config, book: users.book, clock: time.clock });
  const begin = async (who: LoggedIn = { userId: "ann" }) => (await sessions.begin(who)).split(";")[0] ?? "";
  const who = async (cookie: string): Promise<string> => {
    try {
      const caller = await sessions.caller(new Headers({ cookie }));
      return caller === undefined ? "nobody" : `${caller.userId} ${caller.role}`;
    } catch (error) {
      return error instanceof Failure ? error.message : String(error);
    }
  };
  return { time, config, sessions, begin, who, ...users };
}
const ENDED = "This login has ended. Log in again.";

test("last as long as is said, and no longer", async () => {
  const { begin, who, time } = opened();
  const cookie = await begin();
  time.turnTo(3_599_999);
  expect(await who(cookie)).toBe("ann operator");
  time.turnTo(3_600_000);
  expect(await who(cookie)).toBe(ENDED);
});

test("have the role of the database, or that of the login's claims", async () => {
  const { begin, who } = opened();
  expect([await who(await begin()), await who(await begin({ userId: "ann", role: "read-only" }))]).toEqual(["ann operator", "ann read-only"]);
});

test("end with the secret, the user, and any change to the cookie", async () => {
  const { begin, who, config, users, sessions } = opened();
  const cookie = await begin();
  expect(await who(cookie)).toBe("ann operator");
  expect(await who(`${cookie}x`)).toBe(ENDED);
  expect(await who(await begin({ userId: "nobody" }))).toBe(ENDED);
  config.secret = "another";
  expect(await who(cookie)).toBe(ENDED);
  config.secret = "a secret";
  expect(await who(cookie)).toBe("ann operator");
  users.delete("ann");
  sessions.forget("ann");
  expect(await who(cookie)).toBe(ENDED);
});

test("are found among other cookies, by the name that the connection allows", async () => {
  const { begin, who } = opened("https://llm.example.com");
  const cookie = await begin();
  expect(cookie).toStartWith("__Host-signalbox_session=");
  expect(await who(`a=1; ${cookie}; b=2`)).toBe("ann operator");
  expect(await who(cookie.replace("__Host-", ""))).toBe("nobody");
  expect(await who("")).toBe("nobody");
});

test("keys for different ends have nothing in common", () => {
  expect(derivedKey("s", "session")).toEqual(derivedKey("s", "session"));
  expect(derivedKey("s", "session")).not.toEqual(derivedKey("s", "login"));
  expect([cookieName("a", true), readCookie(new Headers({ cookie: "ab=1; a=x=y ;c" }), "a"), readCookie(new Headers(), "a")]).toEqual([
    "__Host-a",
    "x=y",
    undefined,
  ]);
});
