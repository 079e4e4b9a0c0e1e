import { describe, expect, test } from "bun:test";
import { type Caller, ROLES, type Role } from "../vocabulary/caller.ts";
import { systemClock } from "../vocabulary/clock.ts";
import { Failure } from "../vocabulary/failure.ts";
import { actor, type Deed, guarded } from "./guard.ts";
import { testExchange } from "./visit/exchange.fixture.ts";
import { type Admits, type Exchange, jsonReply, type Route } from "./visit/exchange.ts";
import { Visit } from "./visit/visit.ts";

const CHANGE = { kind: "key", id: "key_1", after: { name: "n" } };

/** A request at a guarded route: what came of it, who the handler was told asks, and what was written down. */
async function asked(admits: Admits, caller: Caller | Failure, { trusted = false, slow = false, full = false, action = false } = {}) {
  const deeds: Deed[] = [];
  const inside: (string | undefined)[] = [];
  const visit = new Visit("req_1", systemClock);
  const exchange = testExchange({ visit });
  const route: Route = {
    method: "POST",
    path: "/x",
    admits,
    action: action ? "key.create" : undefined,
    handle(seen) {
      inside.push(seen.visit.caller?.keyId);
      return { ...jsonReply({}), change: CHANGE };
    },
  };
  const [behind] = guarded([route], {
    callerOf() {
      if (caller instanceof Failure) throw caller;
      return slow ? Promise.resolve(caller) : caller;
    },
    trusts: () => trusted,
    async audit(deed) {
      if (full) throw new Error("the disk is full");
      deeds.push(deed);
    },
  });
  const outcome = await new Promise<string>((resolve) => {
    Promise.resolve()
      .then(() => behind?.handle(exchange))
      .then(
        (reply) => resolve(String(reply?.status)),
        (error) => resolve(error instanceof Failure ? error.kind : String(error)),
      );
  });
  return { outcome, inside, deeds };
}

const caller = (role: Role): Caller => ({ keyId: "key_1", keyName: "k", role });
const NOBODY = new Failure("invalid-key", "Nobody.");

describe("who gets in", () => {
  const rows: readonly [admits: Admits, least: Role | "anyone", refusal: string][] = [
    ["anyone", "anyone", ""],
    ["read-only", "read-only", ""],
    ["member", "member", "not-found"],
    ["operator", "operator", "permission-denied"],
    ["trusted", "operator", "permission-denied"],
    ["admin", "admin", "permission-denied"],
  ];
  for (const [admits, least, refusal] of rows) {
    test(`where a route admits ${admits}`, async () => {
      expect((await asked(admits, NOBODY)).outcome).toBe(least === "anyone" ? "200" : "invalid-key");
      for (const [place, role] of ROLES.entries()) {
        const enough = least === "anyone" || place >= ROLES.indexOf(least);
        for (const slow of [false, true]) {
          const { outcome, inside } = await asked(admits, caller(role), { slow });
          expect([role, outcome, inside.length]).toEqual([role, enough ? "200" : refusal, enough ? 1 : 0]);
        }
      }
    });
  }

  test("a trusted network is asked for no key where that is enough, and only there", async () => {
    expect(await asked("trusted", NOBODY, { trusted: true })).toMatchObject({ outcome: "200", inside: [undefined] });
    expect((await asked("operator", NOBODY, { trusted: true })).outcome).toBe("invalid-key");
  });
});

describe("what is written down", () => {
  test("what was done, by whom, and what they changed; nothing of what was refused or does nothing", async () => {
    const { deeds } = await asked("admin", caller("admin"), { action: true });
    expect(deeds).toMatchObject([{ action: "key.create", caller: caller("admin"), change: CHANGE }]);
    expect((await asked("admin", caller("member"), { action: true })).deeds).toEqual([]);
    expect((await asked("admin", caller("admin"))).deeds).toEqual([]);
  });

  test("what cannot be is said", async () => {
    expect(await asked("admin", caller("admin"), { action: true, full: true })).toMatchObject({ outcome: "internal", inside: ["key_1"] });
  });
});

test("nobody acts whom the gate has not asked", () => {
  const exchange = { visit: new Visit("req_1", systemClock) } as Exchange;
  expect(() => actor(exchange)).toThrow();
});
