import { describe, expect, test } from "bun:test";
import type { UserRow } from "../store/users/user-row.ts";
import type { Author } from "../vocabulary/batch.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { createAuthors } from "./authors.ts";

const ANYBODY: Caller = { keyId: "anybody", keyName: "anybody", role: "member" };
const user = (id: string, more: Partial<UserRow> = {}): UserRow => ({ id, issuer: "local", subject: id, role: "operator", createdAt: 1, ...more });
const BEARERS: Readonly<Record<string, Caller | Failure>> = {
  key_1: { keyId: "key_1", keyName: "one", role: "admin", models: ["m"] },
  key_2: new Failure("invalid-key", "This API key was revoked."),
  key_3: { keyId: "key_3", keyName: "chat", role: "member", vouches: true },
};

const authors = (open = false) =>
  createAuthors({
    keys: {
      async bearer(id) {
        const bearer = BEARERS[id];
        if (id === "key_9") throw new Error("the store is away");
        if (bearer === undefined) throw new Failure("not-found", `There is no key ${id}.`);
        return bearer;
      },
    },
    users: {
      find: async (id) => [user("ann"), user("bob", { blockedAt: 5 })].find((each) => each.id === id),
      standing: async (_user, team) => ({ teamId: team ?? "only", bounds: [] }),
    },
    attributed: (caller, { endUser }) => ({ ...caller, userId: endUser }),
    anybody: () => (open ? ANYBODY : undefined),
  });

const author = (keyId: string, more: Partial<Author> = {}): Author => ({ keyId, keyName: "n", role: "member", ...more });
const told = (asking: Promise<Caller>) => asking.catch((failure: Failure) => `${failure.kind}: ${failure.message}`);

describe("an author asks later", () => {
  test("by key: as it is by now, with no more rights than they had", async () => {
    expect(await authors().callerNow(author("key_1"))).toEqual({ keyId: "key_1", keyName: "one", role: "member", models: ["m"] });
  });

  test("by a key that vouches: for whom they asked", async () => {
    expect(await authors().callerNow(author("key_3", { userId: "eve", behalf: { endUser: "eve" } }))).toMatchObject({ keyId: "key_3", userId: "eve" });
  });

  test("by token or login: as the user is by now", async () => {
    const caller = await authors().callerNow(author("jwt:ann", { userId: "ann", role: "admin" }));
    expect(caller).toEqual({ keyId: "jwt:ann", keyName: "n", userId: "ann", role: "operator", teamId: "only", bounds: [] });
  });

  test("without a key, where none is needed", async () => {
    expect(await authors(true).callerNow(author("anybody"))).toEqual(ANYBODY);
  });

  test.each([
    ["a key that was revoked", author("key_2"), "invalid-key: This API key was revoked."],
    ["one that is gone", author("key_4"), "invalid-key: This API key is not known here."],
    ["a user who is blocked", author("session:bob", { userId: "bob" }), "invalid-key: "],
    ["one who is gone", author("jwt:eve", { userId: "eve" }), "invalid-key: The user who made this batch is not there any more."],
    ["anybody, where a key is needed by now", author("anybody"), "invalid-key: This API key is not known here."],
    ["when nobody can say", author("key_9"), "overloaded: "],
  ])("not %s", async (_name, of, expected) => {
    expect(await told(authors().callerNow(of))).toStartWith(expected);
  });
});
