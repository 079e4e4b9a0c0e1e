import { describe, expect, test } from "bun:test";
import type { KeyRow } from "../store/keys/key-row.ts";
import type { TeamRow } from "../store/teams/team-row.ts";
import type { UserRow } from "../store/users/user-row.ts";
import { withChanges } from "../vocabulary/changes.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { DeclaredKey } from "./declared-keys.ts";
import { createKeys, type KeysParts } from "./keys.ts";
import { hashOf, mintKey, shownOf, warningAbout } from "./mint.ts";

const USER: UserRow = { id: "u", issuer: "local", subject: "u", role: "member", createdAt: 1 };
const TEAM: TeamRow = { id: "t", name: "t", createdAt: 1 };

/** A ledger in memory with the rules of the real one: one row per hash, one living key per declared origin. */
function keysOverMemory() {
  const rows = new Map<string, KeyRow>();
  const forgotten: string[] = [];
  const living = (origin: string) => [...rows.values()].filter((row) => row.origin === origin && row.revokedAt === undefined);
  const put = (row: KeyRow) => {
    rows.set(row.id, row);
    if (row.origin !== "api" && living(row.origin).length > 1) throw new Error(`two living keys at ${row.origin}`);
  };
  const book: KeysParts["book"] = {
    async insert(key, options) {
      if ([...rows.values()].some((row) => row.hash === key.hash)) throw new Error("hash taken");
      if (options?.replaces !== undefined) await book.revoke(options.replaces, key.createdAt);
      put(key);
    },
    async change(id, changes) {
      const before = rows.get(id);
      if (before === undefined) return undefined;
      const after = withChanges(before, changes);
      put(after);
      return { before, after };
    },
    async find(id) {
      return rows.get(id);
    },
    async findByHash(hash) {
      return [...rows.values()].find((row) => row.hash === hash) ?? [...rows.values()].find((row) => row.formerHash === hash);
    },
    async holderByHash(hash) {
      const key = await book.findByHash(hash);
      return key && { key };
    },
    async holder(id) {
      const key = rows.get(id);
      return key && { key };
    },
    async list() {
      return { rows: [...rows.values()] };
    },
    async declared() {
      return [...rows.values()].filter((row) => row.origin !== "api" && row.revokedAt === undefined);
    },
    async revoke(id, at) {
      const row = rows.get(id);
      if (!row || row.revokedAt !== undefined) return false;
      rows.set(id, { ...row, revokedAt: at });
      return true;
    },
  };
  const users = { find: async (id: string) => (id === "u" ? USER : undefined) };
  const teams = { find: async (id: string) => (id === "t" ? TEAM : undefined), of: async () => ["t"] };
  const keys = createKeys({ book, users, teams, forget: (id) => forgotten.push(id), clock: { now: () => 1000, elapsed: () => 0 } });
  /** Which plain keys work, by origin. */
  const works = async (...plain: string[]) => {
    const found = await Promise.all(plain.map((key) => book.findByHash(hashOf(key))));
    return found.map((row) => (row && row.revokedAt === undefined ? row.origin : "no"));
  };
  return { keys, book, forgotten, works, rows };
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    return error instanceof Failure ? error.kind : String(error);
  }
}

describe("a minted key", () => {
  test("is sb- and 43 letters and digits, never the same twice", () => {
    const minted = Array.from({ length: 500 }, mintKey);
    expect(minted.every((key) => /^sb-[0-9A-Za-z]{43}$/.test(key))).toBe(true);
    expect(new Set(minted).size).toBe(500);
  });

  test("is kept as its hash and shown by its beginning only", async () => {
    const { keys, rows } = keysOverMemory();
    const { row, key, warnings } = await keys.create({ name: "ci", models: ["m"], source: "ci", userId: "u", expiresAt: 5 });
    expect(row).toMatchObject({
      name: "ci",
      models: ["m"],
      source: "ci",
      userId: "u",
      expiresAt: 5,
      role: "member",
      origin: "api",
      hash: hashOf(key),
      createdAt: 1000,
    });
    expect(row.shown).toBe(`${key.slice(0, 7)}…`);
    expect(warnings).toEqual([]);
    expect(JSON.stringify([...rows.values()]).includes(key)).toBe(false);
  });
});

describe("an own key", () => {
  const rows: readonly [name: string, key: string, warns: boolean, kind: string][] = [
    ["any string", "my.own/key+with=signs-and-length", false, "none"],
    ["the seeds' published sample", "sk-1234567890abcdef", true, "none"],
    ["a placeholder", "your_gateway_api_key_here", true, "none"],
    ["a short one", "hello", true, "none"],
    ["one with a space", "two words", false, "invalid-request"],
    ["one with a line end", "a\nb", false, "invalid-request"],
    ["one no header can carry", "ключ-длиной-больше-16", false, "invalid-request"],
    ["an empty one", "", false, "invalid-request"],
  ];
  for (const [name, key, warns, kind] of rows) {
    test(`${name}: ${kind === "none" ? (warns ? "taken with a warning" : "taken") : "refused"}`, async () => {
      const { keys, works } = keysOverMemory();
      expect(await failureOf(keys.create({ name: "n", key }))).toBe(kind);
      if (kind !== "none") return;
      expect(await works(key)).toEqual(["api"]);
      const warning = warningAbout(key);
      expect(warning !== undefined).toBe(warns);
      expect(warning?.includes(key) ?? false).toBe(false);
      expect(shownOf(key).length).toBeLessThan(9);
    });
  }

  test("is refused when it is taken, even by a revoked key", async () => {
    const { keys } = keysOverMemory();
    const { row } = await keys.create({ name: "n", key: "k".repeat(20) });
    await keys.revoke(row.id);
    expect(await failureOf(keys.create({ name: "n", key: "k".repeat(20) }))).toBe("invalid-request");
  });
});

describe("revoking", () => {
  test("is known by its id as whoever asks with it; ended, as why nobody may", async () => {
    const { keys } = keysOverMemory();
    const { row } = await keys.create({ name: "n", source: "webui", models: ["m"] });
    expect(await keys.bearer(row.id)).toEqual(expect.objectContaining({ keyId: row.id, keyName: "n", source: "webui", models: ["m"], role: "member" }));
    await keys.revoke(row.id);
    expect(await keys.bearer(row.id)).toMatchObject({ kind: "invalid-key" });
    expect(await failureOf(keys.bearer("key_none"))).toBe("not-found");
  });

  test("is told to the cache, and is not possible twice", async () => {
    const { keys, forgotten, works } = keysOverMemory();
    const { row, key } = await keys.create({ name: "n" });
    await keys.revoke(row.id);
    expect(await works(key)).toEqual(["no"]);
    expect(forgotten.at(-1)).toBe(row.id);
    expect(await failureOf(keys.revoke(row.id))).toBe("not-found");
  });

  test("a declared key is refused: it would come back", async () => {
    const { keys } = keysOverMemory();
    await keys.syncDeclared([{ origin: "file:ci", name: "ci", key: "c".repeat(20) }]);
    const [row] = (await keys.list({ limit: 10 })).rows;
    expect(await failureOf(keys.revoke(row?.id ?? ""))).toBe("invalid-request");
  });
});

describe("changing", () => {
  test("changes what is given, takes away what is null, and leaves the rest", async () => {
    const { keys, forgotten } = keysOverMemory();
    const { row } = await keys.create({ name: "n", models: ["m"], source: "ci", limits: { maxParallel: 2 } });
    const { before, after } = await keys.change(row.id, { name: "new", models: null, role: "operator" });
    expect(before).toEqual(row);
    expect(after).toEqual({ ...row, name: "new", models: undefined, role: "operator" });
    expect(forgotten.at(-1)).toBe(row.id);
  });

  test("blocks until it is unblocked; the first time counts", async () => {
    const { keys } = keysOverMemory();
    const { row } = await keys.create({ name: "n" });
    expect((await keys.change(row.id, { blocked: true })).after.blockedAt).toBe(1000);
    expect(await keys.bearer(row.id)).toMatchObject({ kind: "invalid-key" });
    expect((await keys.change(row.id, { blocked: false })).after.blockedAt).toBeUndefined();
    expect(await keys.bearer(row.id)).toMatchObject({ keyId: row.id });
  });

  const strangers: readonly [name: string, wish: { userId?: string; teamId?: string }][] = [
    ["a user there is not", { userId: "nobody" }],
    ["a team there is not", { teamId: "nothing" }],
  ];
  for (const [name, wish] of strangers) {
    test(`refuses ${name}`, async () => {
      const { keys } = keysOverMemory();
      expect(await failureOf(keys.create({ name: "n", ...wish }))).toBe("invalid-request");
      const { row } = await keys.create({ name: "n", userId: "u", teamId: "t" });
      expect(await failureOf(keys.change(row.id, wish))).toBe("invalid-request");
    });
  }

  test("a revoked or declared key is not to be changed", async () => {
    const { keys } = keysOverMemory();
    const { row } = await keys.create({ name: "n" });
    await keys.revoke(row.id);
    expect(await failureOf(keys.change(row.id, { name: "new" }))).toBe("not-found");
    await keys.syncDeclared([{ origin: "file:ci", name: "ci", key: "c".repeat(20) }]);
    const declared = (await keys.list({ limit: 10 })).rows.find(({ origin }) => origin === "file:ci");
    expect(await failureOf(keys.change(declared?.id ?? "", { name: "new" }))).toBe("invalid-request");
    expect(await failureOf(keys.rotate(declared?.id ?? "", { overlap: 0 }))).toBe("invalid-request");
  });
});

describe("rotating", () => {
  test("gives a new value, and remembers the one before until its time is over", async () => {
    const { keys, forgotten } = keysOverMemory();
    const { row, key } = await keys.create({ name: "n", models: ["m"] });
    const rotated = await keys.rotate(row.id, { overlap: 500 });
    expect(rotated.row).toMatchObject({ id: row.id, models: ["m"], hash: hashOf(rotated.key), formerHash: hashOf(key), formerUntil: 1500 });
    expect(forgotten.at(-1)).toBe(row.id);
    const again = await keys.rotate(row.id, { overlap: 0, key: "my-own-value-of-some-length" });
    expect([again.key, again.row.formerHash]).toEqual(["my-own-value-of-some-length", hashOf(rotated.key)]);
  });

  test("to a value that is in use is refused", async () => {
    const { keys } = keysOverMemory();
    const { key } = await keys.create({ name: "a" });
    const { row } = await keys.create({ name: "b" });
    expect(await failureOf(keys.rotate(row.id, { overlap: 0, key }))).toBe("invalid-request");
  });
});

describe("the first admin key", () => {
  test("is minted once and told once", async () => {
    const { keys, works } = keysOverMemory();
    const first = await keys.ensureAdminKey();
    expect(first.row).toMatchObject({ role: "admin", origin: "first-admin", name: "admin" });
    expect(await works(first.key ?? "")).toEqual(["first-admin"]);
    const second = await keys.ensureAdminKey();
    expect([second.key, second.row.id]).toEqual([undefined, first.row.id]);
  });

  test("is set by the environment, and a changed value rotates it", async () => {
    const { keys, works } = keysOverMemory();
    const { key: minted = "" } = await keys.ensureAdminKey();
    const [one, two] = ["one".repeat(9), "two".repeat(9)];
    expect((await keys.ensureAdminKey(one)).key).toBeUndefined();
    expect(await works(minted, one)).toEqual(["no", "first-admin"]);
    await keys.ensureAdminKey(one);
    await keys.ensureAdminKey(two);
    expect(await works(one, two)).toEqual(["no", "first-admin"]);
    await keys.ensureAdminKey(one);
    expect(await works(one, two)).toEqual(["first-admin", "no"]);
    expect((await keys.ensureAdminKey()).key).toBeUndefined();
  });

  test("that is a published sample raises a warning", async () => {
    const { keys } = keysOverMemory();
    expect((await keys.ensureAdminKey("sk-1234567890abcdef")).warnings).toHaveLength(1);
  });
});

describe("declared keys", () => {
  const [a, b] = ["a".repeat(20), "b".repeat(20)];
  const ci = (key: string, more: Partial<DeclaredKey> = {}): DeclaredKey => ({ origin: "file:ci", name: "ci", key, ...more });
  const QUIET = { created: [], rotated: [], updated: [], revoked: [], warnings: [] };

  const steps: readonly [name: string, before: DeclaredKey[], after: DeclaredKey[], report: object, works: string[]][] = [
    ["new", [], [ci(a)], { created: ["file:ci"] }, ["file:ci", "no"]],
    ["the same again", [ci(a)], [ci(a)], {}, ["file:ci", "no"]],
    ["another value", [ci(a)], [ci(b)], { rotated: ["file:ci"] }, ["no", "file:ci"]],
    ["vouching for others", [ci(a)], [ci(a, { vouches: true })], { updated: ["file:ci"] }, ["file:ci", "no"]],
    [
      "limits and a budget",
      [ci(a)],
      [ci(a, { limits: { maxParallel: 1 }, budgets: [{ amount: 5n, window: "day" }] })],
      { updated: ["file:ci"] },
      ["file:ci", "no"],
    ],
    ["none any more", [ci(a, { budgets: [{ amount: 5n, window: "day" }], userId: "u" })], [ci(a)], { updated: ["file:ci"] }, ["file:ci", "no"]],
    ["other models", [ci(a)], [ci(a, { models: ["m"] })], { updated: ["file:ci"] }, ["file:ci", "no"]],
    ["gone", [ci(a)], [], { revoked: ["file:ci"] }, ["no", "no"]],
    ["moved elsewhere", [ci(a)], [{ origin: "file:new", name: "new", key: a }], { created: ["file:new"], revoked: ["file:ci"] }, ["file:new", "no"]],
  ];
  for (const [name, before, after, report, expected] of steps) {
    test(name, async () => {
      const { keys, works } = keysOverMemory();
      await keys.syncDeclared(before);
      expect(await keys.syncDeclared(after)).toEqual({ ...QUIET, ...report });
      expect(await works(a, b)).toEqual(expected);
      expect(await keys.syncDeclared(after)).toEqual(QUIET);
    });
  }

  test("one that came, went and came back works again", async () => {
    const { keys, works } = keysOverMemory();
    for (const declared of [[ci(a)], [], [ci(a)], [ci(b)], [ci(a)]]) await keys.syncDeclared(declared);
    expect(await works(a, b)).toEqual(["file:ci", "no"]);
  });

  test("one with the admin key's value stays the admin's, with a warning", async () => {
    const { keys, works } = keysOverMemory();
    await keys.ensureAdminKey(a);
    const report = await keys.syncDeclared([ci(a)]);
    expect(await works(a)).toEqual(["first-admin"]);
    expect(report.warnings).toHaveLength(1);
    expect(report.warnings.join("").includes(a)).toBe(false);
  });

  test("leave keys made by the API alone", async () => {
    const { keys, works } = keysOverMemory();
    const { key } = await keys.create({ name: "n" });
    await keys.syncDeclared([ci(a)]);
    await keys.syncDeclared([]);
    expect(await works(key)).toEqual(["api"]);
  });
});
