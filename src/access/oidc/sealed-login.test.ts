import { expect, test } from "bun:test";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { derivedKey } from "../sessions/derived-keys.ts";
import { sealed, unsealed } from "./sealed-login.ts";

const KEY = derivedKey("a secret", "login");
const LOGIN = { state: "s", nonce: "n", verifier: "v", returnTo: "/console" };

test("a begun login can be read by whoever has the key, for ten minutes, and by nobody else", async () => {
  const { clock, turnTo } = handTurned();
  const text = await sealed(LOGIN, KEY, clock);
  expect(await unsealed(text, KEY, clock)).toEqual(LOGIN);
  expect(await unsealed(text, derivedKey("another", "login"), clock)).toBeUndefined();
  expect(await unsealed(text, derivedKey("a secret", "session"), clock)).toBeUndefined();
  expect(Buffer.from(text.split(".")[3] ?? "", "base64url").toString("latin1")).not.toContain("console");
  turnTo(599_999);
  expect(await unsealed(text, KEY, clock)).toEqual(LOGIN);
  turnTo(600_000);
  expect(await unsealed(text, KEY, clock)).toBeUndefined();
});

test("nothing that was changed is read", async () => {
  const { clock } = handTurned();
  const text = await sealed(LOGIN, KEY, clock);
  for (let at = 0; at < text.length - 1; at += 3) {
    if (text[at] === ".") continue;
    const changed = `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
    expect([at, await unsealed(changed, KEY, clock)]).toEqual([at, undefined]);
  }
  for (const text of ["", "x", "a.b.c", "....", "eyJhbGciOiJub25lIn0.e30."]) expect(await unsealed(text, KEY, clock)).toBeUndefined();
});
