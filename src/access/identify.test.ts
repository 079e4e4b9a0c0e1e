import { describe, expect, test } from "bun:test";
import type { KeyHolder } from "../store/keys/holder.ts";
import type { KeyRow } from "../store/keys/key-row.ts";
import type { TeamRow } from "../store/teams/team-row.ts";
import type { UserRow } from "../store/users/user-row.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { credentialOf } from "./credentials.ts";
import { createIdentity, type IdentityParts } from "./identify.ts";
import { hashOf } from "./mint.ts";

const NOON = Date.UTC(2026, 10, 20, 12);

/** Something of so many characters that looks like a token. */
function tokenOf(length: number): string {
  const head = "eyJhbGciOiJIUzI1NiJ9.";
  return `${head}${"e".repeat(length - head.length - 4)}.sig`;
}

function kindOf(action: () => unknown): string {
  try {
    action();
    return "none";
  } catch (error) {
    return error instanceof Failure ? error.kind : String(error);
  }
}

describe("the credential of a request", () => {
  const rows: readonly [name: string, headers: Record<string, string>, query: string | undefined, found: string][] = [
    ["Bearer", { authorization: "Bearer sb-1" }, undefined, "sb-1"],
    ["bearer in any case, with spaces around", { authorization: "  bearer   sb-1 " }, undefined, "sb-1"],
    ["Anthropic's header", { "x-api-key": "sb-1" }, undefined, "sb-1"],
    ["Azure's header", { "api-key": "sb-1" }, undefined, "sb-1"],
    ["Google's header", { "x-goog-api-key": "sb-1" }, undefined, "sb-1"],
    ["Google's query parameter", {}, "sb-1", "sb-1"],
    ["the same key twice", { authorization: "Bearer sb-1", "api-key": "sb-1" }, "sb-1", "sb-1"],
    ["a proxy's Basic login beside it", { authorization: "Basic dXNlcjpwYXNz", "x-api-key": "sb-1" }, undefined, "sb-1"],
    ["empty headers beside it", { authorization: "", "x-api-key": "sb-1", "api-key": "" }, "", "sb-1"],
    ["two that differ", { authorization: "Bearer sb-1", "x-api-key": "sb-2" }, undefined, "invalid-key"],
    ["a query that differs", { "x-goog-api-key": "sb-1" }, "sb-2", "invalid-key"],
    ["none", {}, undefined, "invalid-key"],
    ["Basic alone", { authorization: "Basic dXNlcjpwYXNz" }, undefined, "invalid-key"],
    ["Bearer without a key", { authorization: "Bearer " }, undefined, "invalid-key"],
    ["a key of 5000 characters", { "x-api-key": "k".repeat(5000) }, undefined, "invalid-key"],
    ["a token of 12 KiB", { authorization: `Bearer ${tokenOf(12 * 1024)}` }, undefined, tokenOf(12 * 1024)],
    ["a token that is longer", { authorization: `Bearer ${tokenOf(12 * 1024 + 1)}` }, undefined, "invalid-key"],
    ["a token of a novel", { authorization: `Bearer ${tokenOf(100_000)}` }, undefined, "invalid-key"],
  ];
  for (const [name, headers, query, found] of rows) {
    test(name, () => {
      const given = new Headers(headers);
      if (found === "invalid-key") expect(kindOf(() => credentialOf(given, query))).toBe("invalid-key");
      else expect(credentialOf(given, query)).toBe(found);
    });
  }

  test("when missing, the answer says how to get one and never repeats what was sent", () => {
    expect(() => credentialOf(new Headers())).toThrow("signalbox keys create");
    expect(() => credentialOf(new Headers({ authorization: "Bearer canary-1", "x-api-key": "canary-2" }))).toThrow(/^(?!.*canary).*$/);
  });
});

function row(key: string, different: Partial<KeyRow> = {}): KeyRow {
  return {
    id: `id-${key}`,
    hash: hashOf(key),
    shown: "sb-…",
    name: key,
    role: "member",
    localOnly: false,
    vouches: false,
    strict: false,
    origin: "api",
    createdAt: 0,
    ...different,
  };
}

const ANN: UserRow = { id: "ann", issuer: "local", subject: "ann", email: "ann@example.com", role: "member", createdAt: 0 };
const RESEARCH: TeamRow = { id: "research", name: "research", createdAt: 0 };

/** An identity over these keys, with what it asked of the ledger and a clock to turn. */
function identityOver(rows: KeyRow[], bounds?: IdentityParts["bounds"]) {
  const asked: string[] = [];
  const hands: { now: number; away: boolean; silent: Promise<void> | undefined; holder: Omit<KeyHolder, "key"> } = {
    now: NOON,
    away: false,
    silent: undefined,
    holder: {},
  };
  const keys = {
    async holderByHash(hash: string): Promise<KeyHolder | undefined> {
      asked.push(hash);
      if (hands.silent) await hands.silent;
      if (hands.away) throw new Error("away");
      const key = rows.find((each) => each.hash === hash || each.formerHash === hash);
      return key && { key, ...hands.holder };
    },
  };
  const identity = createIdentity({ keys, clock: { now: () => hands.now, elapsed: () => 0 }, bounds });
  const by = (key: string): Caller | Promise<Caller> => identity.identify(new Headers({ authorization: `Bearer ${key}` }));
  const kind = async (key: string): Promise<string> => {
    try {
      await by(key);
      return "none";
    } catch (error) {
      return error instanceof Failure ? error.kind : String(error);
    }
  };
  return { identity, by, kind, asked, hands, rows };
}

describe("identify", () => {
  test("knows a key, first by the ledger, then at once", async () => {
    const { by, asked } = identityOver([row("a", { userId: "u", source: "webui", models: ["m"], role: "admin" })]);
    const first = by("a");
    expect(first).toBeInstanceOf(Promise);
    const caller = {
      keyId: "id-a",
      keyName: "a",
      userId: "u",
      source: "webui",
      role: "admin" as const,
      models: ["m"],
      vouches: false,
      strict: false,
      localOnly: false,
    };
    expect(await first).toEqual(caller);
    expect(by("a")).toEqual(caller);
    expect(asked.length).toBe(1);
  });

  const refusals: readonly [name: string, different: Partial<KeyRow>, says: string][] = [
    ["expired", { expiresAt: NOON }, "expired on 2026-11-20 12:00 UTC"],
    ["revoked", { revokedAt: NOON - 60_000 }, "revoked on 2026-11-20 11:59 UTC"],
    ["blocked", { blockedAt: NOON - 60_000 }, "blocked on 2026-11-20 11:59 UTC"],
    ["replaced", { hash: "new", formerHash: hashOf("a"), formerUntil: NOON }, "replaced by another, and was good until 2026-11-20 12:00 UTC"],
  ];
  for (const [name, different, says] of refusals) {
    test(`refuses a key that is ${name}, and says so`, async () => {
      const { by } = identityOver([row("a", different)]);
      await expect(Promise.resolve(by("a"))).rejects.toThrow(says);
    });
  }

  const holders: readonly [name: string, holder: Omit<KeyHolder, "key">, says: string][] = [
    ["whose user is blocked", { user: { ...ANN, blockedAt: NOON } }, "The user ann@example.com was blocked on 2026-11-20 12:00 UTC"],
    ["whose team is blocked", { team: { ...RESEARCH, blockedAt: NOON } }, 'The team "research" was blocked on 2026-11-20 12:00 UTC'],
    ["whose user is not in its team any more", { user: ANN, team: RESEARCH, outsider: true }, "not in any more"],
  ];
  for (const [name, holder, says] of holders) {
    test(`refuses a key ${name}, and says so; and takes it again when that is over`, async () => {
      const { by, kind, hands, identity } = identityOver([row("a")]);
      expect(await kind("a")).toBe("none");
      hands.holder = holder;
      identity.forget("id-a");
      await expect(Promise.resolve().then(() => by("a"))).rejects.toThrow(says);
      hands.holder = {};
      identity.forget("id-a");
      expect(await kind("a")).toBe("none");
    });
  }

  test("knows what a key, its user and its team may together", async () => {
    const { by, hands } = identityOver([row("a", { role: "operator", userId: "ann", models: ["gpt-*", "llama"], limits: { maxParallel: 2 } })]);
    hands.holder = { user: { ...ANN, budgets: [{ amount: 5n, window: "day" }] }, team: { ...RESEARCH, models: ["gpt-4o", "qwen"] } };
    expect(await by("a")).toMatchObject({
      role: "member",
      userId: "ann",
      teamId: "research",
      models: ["gpt-4o"],
      bounds: [
        { scope: "key", id: "id-a", limits: { maxParallel: 2 } },
        { scope: "user", id: "ann", budgets: [{ amount: 5n, window: "day" }] },
      ],
    });
  });

  test("a key without limits or budgets has no bounds to look at", async () => {
    const { by, hands } = identityOver([row("a")]);
    hands.holder = { user: ANN, team: RESEARCH };
    expect((await by("a")).bounds).toBeUndefined();
  });

  for (const [what, id] of [
    ["its user", "ann"],
    ["its team", "research"],
  ] as const) {
    test(`asks again when ${what} is changed`, async () => {
      const { by, asked, hands, identity } = identityOver([row("a", { userId: "ann" }), row("b")]);
      hands.holder = { team: RESEARCH };
      await by("a");
      hands.holder = {};
      await by("b");
      identity.forget(id);
      expect([by("a") instanceof Promise, by("b") instanceof Promise, asked.length]).toEqual([true, false, 3]);
    });
  }

  test("the value before a rotation is good until its time is over, and not after", async () => {
    const { by, kind, hands } = identityOver([row("new", { formerHash: hashOf("old"), formerUntil: NOON + 10 })]);
    expect([(await by("old")).keyId, (await by("new")).keyId]).toEqual(["id-new", "id-new"]);
    hands.now += 10;
    expect([await kind("old"), await kind("new")]).toEqual(["invalid-key", "none"]);
  });

  test("refuses an unknown key, and asks the ledger about it only once a while", async () => {
    const { kind, asked, hands } = identityOver([], { unknownForMs: 1000 });
    expect([await kind("x"), await kind("x"), await kind("x")]).toEqual(["invalid-key", "invalid-key", "invalid-key"]);
    expect(asked.length).toBe(1);
    hands.now += 1000;
    await kind("x");
    expect(asked.length).toBe(2);
  });

  test("notices that a known key expires", async () => {
    const { by, kind, hands } = identityOver([row("a", { expiresAt: NOON + 10 })]);
    await by("a");
    hands.now += 10;
    expect(await kind("a")).toBe("invalid-key");
  });

  test("refuses a revoked key from the next request on", async () => {
    const { identity, by, kind, rows } = identityOver([row("a"), row("b")]);
    await by("a");
    await by("b");
    rows[0] = row("a", { revokedAt: NOON });
    identity.forget("id-a");
    expect(await kind("a")).toBe("invalid-key");
    expect(by("b")).not.toBeInstanceOf(Promise);
  });

  test("knows a key made after it was asked for", async () => {
    const { identity, kind, rows } = identityOver([]);
    expect(await kind("a")).toBe("invalid-key");
    rows.push(row("a"));
    identity.forget("id-a");
    expect(await kind("a")).toBe("none");
  });

  test("does not remember an answer that a revocation overtook", async () => {
    const { identity, by, kind, rows } = identityOver([row("a")]);
    const early = by("a");
    rows[0] = row("a", { revokedAt: NOON });
    identity.forget("id-a");
    await early;
    expect(await kind("a")).toBe("invalid-key");
  });

  test("asks once for many requests that come together", async () => {
    const { by, asked } = identityOver([row("a")]);
    const callers = await Promise.all(Array.from({ length: 50 }, () => by("a")));
    expect([asked.length, new Set(callers).size]).toEqual([1, 1]);
  });

  test("keeps known keys working while the ledger is away; others are not called wrong", async () => {
    const { by, kind, hands } = identityOver([row("a"), row("b")], { knownForMs: 1000 });
    await by("a");
    hands.now += 5000;
    hands.away = true;
    expect([await kind("a"), await kind("b")]).toEqual(["none", "overloaded"]);
    hands.away = false;
    expect(await kind("b")).toBe("none");
  });

  test("believes known keys for a time while the ledger is away, asking once a second, and not longer", async () => {
    const { by, kind, asked, hands } = identityOver([row("a")], { knownForMs: 1000, trustedForMs: 60_000, awayForMs: 1000 });
    await by("a");
    hands.away = true;
    for (let second = 1; second < 60; second++) {
      hands.now += 1000;
      expect([await kind("a"), await kind("a")]).toEqual(["none", "none"]);
    }
    expect(asked.length).toBe(60);
    hands.now += 1000;
    expect(await kind("a")).toBe("overloaded");
    hands.away = false;
    expect(await kind("a")).toBe("none");
  });

  test("does not let the callers of known keys wait for a ledger that falls silent, and hears it when it answers", async () => {
    const { by, kind, hands, rows } = identityOver([row("a")], { knownForMs: 1000, patienceMs: 1 });
    await by("a");
    hands.now += 1000;
    const { promise, resolve } = Promise.withResolvers<void>();
    hands.silent = promise;
    rows[0] = row("a", { revokedAt: NOON });
    expect([await kind("a"), await kind("a")]).toEqual(["none", "none"]);
    resolve();
    await Bun.sleep(1);
    expect(await kind("a")).toBe("invalid-key");
  });

  test("asks again about a known key after a while", async () => {
    const { by, kind, hands, rows } = identityOver([row("a")], { knownForMs: 1000 });
    await by("a");
    rows.length = 0;
    expect(await kind("a")).toBe("none");
    hands.now += 1000;
    expect(await kind("a")).toBe("invalid-key");
  });

  test("holds no more than its bounds", async () => {
    const { identity, kind } = identityOver(
      Array.from({ length: 50 }, (_, index) => row(`k${index}`)),
      { known: 10, unknown: 20 },
    );
    for (let index = 0; index < 200; index++) await kind(`k${index}`);
    expect(identity.sizes()).toEqual({ known: 10, unknown: 20 });
  });
});

describe("tokens beside keys", () => {
  const TOKEN = tokenOf(100);
  const ann: Caller = { keyId: "jwt:ann", keyName: "jwt", userId: "ann", role: "member" };
  const refused = new Failure("invalid-key", "This token expired.");
  const away = new Failure("overloaded", "Users cannot be looked up.");

  /** Who asks with this credential, where tokens are answered so; what keys were asked for is counted. */
  async function asked(credential: string, tokens: IdentityParts["tokens"], rows: KeyRow[] = [], keysAway = false) {
    let questions = 0;
    const holderByHash = async (hash: string): Promise<KeyHolder | undefined> => {
      questions++;
      if (keysAway) throw new Error("away");
      const key = rows.find((each) => each.hash === hash);
      return key && { key };
    };
    const identity = createIdentity({ keys: { holderByHash }, tokens });
    try {
      return [(await identity.identify(new Headers({ authorization: `Bearer ${credential}` }))).keyId, questions];
    } catch (error) {
      return [error instanceof Failure ? error.message : String(error), questions];
    }
  }
  const throwing = (failure: Failure) => ({
    caller: () => {
      throw failure;
    },
  });
  const own = row(TOKEN);

  test.each<[string, string, IdentityParts["tokens"], KeyRow[], boolean, unknown[]]>([
    ["a token, at once: no key is looked up", TOKEN, { caller: () => ann }, [], false, ["jwt:ann", 0]],
    ["a token, after a while", TOKEN, { caller: async () => ann }, [], false, ["jwt:ann", 0]],
    ["a token that is refused", TOKEN, throwing(refused), [], false, [refused.message, 1]],
    ["a token that is refused after a while", TOKEN, { caller: async () => Promise.reject(refused) }, [], false, [refused.message, 1]],
    ["a token that cannot be checked", TOKEN, throwing(away), [], false, [away.message, 1]],
    ["a key that is also a token, but not one of ours", TOKEN, throwing(refused), [own], false, [own.id, 1]],
    ["a token that is refused, while keys are away", TOKEN, throwing(refused), [], true, [expect.stringContaining("cannot be checked at the moment"), 1]],
    ["a key, which no token is asked about", "sb-1", throwing(refused), [row("sb-1")], false, ["id-sb-1", 1]],
    ["a key that merely looks odd", "ey.o.dear", throwing(refused), [row("ey.o.dear")], false, ["id-ey.o.dear", 1]],
    ["where there are no tokens", TOKEN, undefined, [], false, [expect.stringContaining("not known here"), 1]],
  ])("%s", async (_what, credential, tokens, rows, keysAway, answer) => {
    expect<unknown>(await asked(credential, tokens, rows, keysAway)).toEqual(answer);
  });
});
