import { describe, expect, test } from "bun:test";
import type { KeyRow } from "../store/keys/key-row.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { credentialOf } from "./credentials.ts";
import { createIdentity, type IdentityParts } from "./identify.ts";
import { hashOf } from "./mint.ts";

const NOON = Date.UTC(2026, 10, 20, 12);

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
    admin: false,
    vouches: false,
    strict: false,
    origin: "api",
    createdAt: 0,
    ...different,
  };
}

/** An identity over these keys, with what it asked of the ledger and a clock to turn. */
function identityOver(rows: KeyRow[], bounds?: IdentityParts["bounds"]) {
  const asked: string[] = [];
  const touched: [string, number][] = [];
  const hands = { now: NOON, away: false, silent: undefined as Promise<void> | undefined };
  const keys = {
    async findByHash(hash: string) {
      asked.push(hash);
      if (hands.silent) await hands.silent;
      if (hands.away) throw new Error("away");
      return rows.find((key) => key.hash === hash);
    },
    touch: (id: string, at: number) => void touched.push([id, at]),
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
  return { identity, by, kind, asked, touched, hands, rows };
}

describe("identify", () => {
  test("knows a key, first by the ledger, then at once", async () => {
    const { by, asked } = identityOver([row("a", { userId: "u", source: "webui", models: ["m"], admin: true })]);
    const first = by("a");
    expect(first).toBeInstanceOf(Promise);
    const caller = { keyId: "id-a", keyName: "a", userId: "u", source: "webui", role: "admin" as const, models: ["m"], vouches: false, strict: false };
    expect(await first).toEqual(caller);
    expect(by("a")).toEqual(caller);
    expect(asked.length).toBe(1);
  });

  const refusals: readonly [name: string, different: Partial<KeyRow>, says: string][] = [
    ["expired", { expiresAt: NOON }, "expired on 2026-11-20 12:00 UTC"],
    ["revoked", { revokedAt: NOON - 60_000 }, "revoked on 2026-11-20 11:59 UTC"],
  ];
  for (const [name, different, says] of refusals) {
    test(`refuses a key that is ${name}, and says so`, async () => {
      const { by } = identityOver([row("a", different)]);
      await expect(Promise.resolve(by("a"))).rejects.toThrow(says);
    });
  }

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

  test("notes the last use, once a minute at most", async () => {
    const { by, touched, hands } = identityOver([row("a")], { touchEveryMs: 60_000, knownForMs: 600_000 });
    for (let second = 0; second < 90; second++) {
      await by("a");
      hands.now += 1000;
    }
    expect(touched).toEqual([
      ["id-a", NOON],
      ["id-a", NOON + 60_000],
    ]);
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
