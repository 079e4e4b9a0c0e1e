import { describe, expect, test } from "bun:test";
import { argon2 } from "../../store/argon2.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { createPasswords, DECOY, type PasswordHasher } from "./passwords.ts";

/** A hasher whose work is done when the test says so, with what it was asked. */
function byHand() {
  const verified: string[] = [];
  const waiting: (() => void)[] = [];
  const hasher: PasswordHasher = {
    hash: async (password) => `hash of ${password}`,
    async verify(password, hash) {
      verified.push(hash);
      await new Promise<void>((go) => waiting.push(go));
      return hash === `hash of ${password}`;
    },
    isCurrent: () => true,
  };
  const finish = async () => {
    while (waiting.length > 0) {
      waiting.shift()?.();
      await new Promise((go) => setImmediate(go));
    }
  };
  return { hasher, verified, waiting, finish };
}

const kindOf = (thrown: unknown) => (thrown instanceof Failure ? thrown.kind : String(thrown));

describe("rules", () => {
  const passwords = createPasswords(byHand().hasher);
  test.each([
    ["correct horse battery", "hash of correct horse battery"],
    ["пароль из слов", "hash of пароль из слов"],
    ["cafe\u0301 au lait!!", "hash of caf\u00e9 au lait!!"],
    ["short", "at least 12 characters"],
    ["🔑🔑🔑🔑🔑🔑", "at least 12 characters"],
    ["aaaaaaaaaaaaaaaa", "over and over"],
    [`${"long and ".repeat(200)}`, "at most 1024 bytes"],
  ])("%s: %s", async (password, says) => {
    const made = await passwords.hash(password).catch((error: Failure) => error.message);
    expect(made).toContain(says);
    if (!says.startsWith("hash")) expect(made).not.toContain(password);
  });
});

describe("checking", () => {
  test("two at once, the others in line, and past a bound nobody more", async () => {
    const { hasher, verified, waiting, finish } = byHand();
    const passwords = createPasswords(hasher);
    const answers = Array.from({ length: 40 }, () => passwords.verify("a password", "hash of a password").catch(kindOf));
    await Promise.resolve();
    expect([verified.length, waiting.length]).toEqual([2, 2]);
    await finish();
    const results = await Promise.all(answers);
    expect([results.filter((result) => result === true).length, results.filter((result) => result === "overloaded").length]).toEqual([34, 6]);
    const after = passwords.verify("a password", "hash of a password");
    await finish();
    expect(await after).toBe(true);
  });

  test("nobody's password is never right, and takes the same work", async () => {
    const { hasher, verified, finish } = byHand();
    const answer = createPasswords(hasher).verify("a password", undefined);
    await Promise.resolve();
    await finish();
    expect([await answer, verified]).toEqual([false, [DECOY]]);
  });

  test("one that fails gives its place back", async () => {
    const passwords = createPasswords({ ...byHand().hasher, verify: () => Promise.reject(new Error("no hash")) });
    for (let round = 0; round < 5; round++) expect(await passwords.verify("a password", "x").catch(kindOf)).toBe("Error: no hash");
  });
});

describe("argon2id", () => {
  test("makes hashes that it knows again, each with its own salt", async () => {
    const [one, two] = await Promise.all([argon2.hash("correct horse battery"), argon2.hash("correct horse battery")]);
    expect(one).not.toBe(two);
    expect([await argon2.verify("correct horse battery", one), await argon2.verify("correct horse batterx", one)]).toEqual([true, false]);
    expect([argon2.isCurrent(one), argon2.isCurrent("$2b$10$x"), argon2.isCurrent(one.replace("m=19456", "m=4096"))]).toEqual([true, false, false]);
  });

  test("the decoy is one of today's, so that it costs what all others do", async () => {
    expect(argon2.isCurrent(DECOY)).toBe(true);
    expect(await argon2.verify("correct horse battery", DECOY)).toBe(false);
  });
});
