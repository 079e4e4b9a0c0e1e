import { describe, expect, test } from "bun:test";
import type { Holder } from "../store/keys/holder.ts";
import type { TeamRow } from "../store/teams/team-row.ts";
import type { UserRow } from "../store/users/user-row.ts";
import type { Behalf, Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { type AttributionSettings, createAttribution } from "./attributed.ts";
import type { NewUser } from "./users.ts";

const WEBUI: Caller = { keyId: "key_1", keyName: "chat", source: "webui", role: "operator", vouches: true, models: ["gpt-*"] };
const ANN: UserRow = { id: "ann", issuer: "webui", subject: "u-1", email: "ann@example.com", role: "member", createdAt: 0 };
const RESEARCH: TeamRow = { id: "research", name: "research", models: ["gpt-4o"], createdAt: 0 };

/** An attribution over these users, with what it asked of them, and a clock to turn. */
function over(rows: UserRow[], settings: Partial<AttributionSettings> = {}) {
  const asked: string[] = [];
  const hands: { now: number; away: boolean; holder: Holder } = { now: 0, away: false, holder: {} };
  const found = async (what: string, is: (user: UserRow) => boolean) => {
    asked.push(what);
    if (hands.away) throw new Error("away");
    return rows.find(is);
  };
  const attribution = createAttribution({
    users: {
      find: (id) => found(id, (user) => user.id === id),
      findBySubject: (issuer, subject) => found(`${issuer}/${subject}`, (user) => user.issuer === issuer && user.subject === subject),
      findByEmail: (email) => found(email, (user) => user.email === email),
      async create(wish: NewUser) {
        const user: UserRow = { id: `made-${rows.length}`, issuer: "local", subject: "", role: "member", createdAt: 0, ...wish };
        rows.push(user);
        return user;
      },
    },
    holder: async (user) => ({ user, ...hands.holder }),
    settings: () => ({ create: false, byEmail: false, ...settings }),
    clock: { now: () => hands.now, elapsed: () => 0 },
  });
  const by = (behalf: Behalf, caller = WEBUI) => attribution.attributed(caller, behalf);
  return { attribution, by, asked, hands, rows };
}

async function kindOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return "none";
  } catch (error) {
    return error instanceof Failure ? error.kind : String(error);
  }
}

describe("on whose behalf", () => {
  const rows: readonly [name: string, user: UserRow, behalf: Behalf, settings: Partial<AttributionSettings>, found: string | undefined][] = [
    ["by our own id", ANN, { endUser: "ann" }, {}, "ann"],
    ["by the id they have there", ANN, { endUser: "u-1" }, {}, "ann"],
    ["not by the id they have elsewhere", { ...ANN, issuer: "n8n" }, { endUser: "u-1" }, {}, undefined],
    ["not by an address anybody may write", ANN, { endUser: "ann@example.com" }, {}, undefined],
    ["by an address where addresses are proven", ANN, { endUser: "ann@example.com" }, { byEmail: true }, "ann"],
    ["by the address beside an id", ANN, { endUser: "u-2", email: "ann@example.com" }, { byEmail: true }, "ann"],
    ["nobody is named", ANN, { session: "s" }, { create: true }, undefined],
    ["a stranger", ANN, { endUser: "bob" }, {}, undefined],
    ["a stranger, where users are made of them", ANN, { endUser: "bob" }, { create: true }, "made-1"],
  ];
  for (const [name, user, behalf, settings, found] of rows) {
    test(name, async () => {
      const { by } = over([user], settings);
      expect((await by(behalf)).userId).toBe(found);
    });
  }

  test("a key called like our own issuer finds no users made here", async () => {
    const { by } = over([{ ...ANN, issuer: "local", subject: "ann@example.com" }]);
    expect((await by({ endUser: "ann@example.com" }, { ...WEBUI, source: undefined, keyName: "local" })).userId).toBeUndefined();
  });

  test("who is made is known there by that id from then on", async () => {
    const { by, rows: users } = over([], { create: true });
    await by({ endUser: "bob", email: "bob@example.com" });
    expect(users).toMatchObject([{ issuer: "webui", subject: "bob", email: "bob@example.com", role: "member" }]);
    await by({ endUser: "bob" });
    expect(users.length).toBe(1);
  });
});

describe("as whom", () => {
  const bounds: Caller["bounds"] = [
    { scope: "key", id: "key_1", limits: { maxParallel: 9 } },
    { scope: "user", id: "house", limits: { maxParallel: 8 } },
  ];
  const budgeted: UserRow = { ...ANN, budgets: [{ amount: 5n, window: "day" }] };

  test("the user, with their team and what binds both, and what binds the key; never more than either may", async () => {
    const { by, hands } = over([budgeted]);
    hands.holder = { team: { ...RESEARCH, limits: { maxParallel: 7 } } };
    expect(await by({ endUser: "ann" }, { ...WEBUI, userId: "house", bounds })).toEqual({
      ...WEBUI,
      userId: "ann",
      teamId: "research",
      role: "member",
      models: ["gpt-4o"],
      bounds: [
        { scope: "key", id: "key_1", limits: { maxParallel: 9 } },
        { scope: "user", id: "ann", limits: undefined, budgets: [{ amount: 5n, window: "day" }] },
        { scope: "team", id: "research", limits: { maxParallel: 7 }, budgets: undefined },
      ],
    });
  });

  test("a key that asks for a team does so for everybody", async () => {
    const { by, hands } = over([ANN]);
    hands.holder = { team: { ...RESEARCH, blockedAt: 1 } };
    const team = { scope: "team", id: "sales", limits: { maxParallel: 7 } } as const;
    expect(await by({ endUser: "ann" }, { ...WEBUI, teamId: "sales", bounds: [team] })).toMatchObject({ userId: "ann", teamId: "sales", bounds: [team] });
  });

  test("nobody of ours: the caller as it is", async () => {
    const { by } = over([]);
    expect(await by({ endUser: "bob" })).toBe(WEBUI);
  });

  test("a user or a team that is blocked is refused", async () => {
    const { by, hands, attribution } = over([ANN]);
    hands.holder = { team: { ...RESEARCH, blockedAt: 1 } };
    expect(await kindOf(() => by({ endUser: "ann" }))).toBe("invalid-key");
    expect(await kindOf(() => by({ endUser: "ann" }))).toBe("invalid-key");
    hands.holder = { user: { ...ANN, blockedAt: 1 } };
    attribution.forget("research");
    expect(await kindOf(() => by({ endUser: "ann" }))).toBe("invalid-key");
  });
});

describe("remembering", () => {
  test("who was seen lately is known at once, for a minute", async () => {
    const { by, asked, hands } = over([ANN]);
    await by({ endUser: "ann" });
    expect(by({ endUser: "ann" })).not.toBeInstanceOf(Promise);
    expect(asked).toEqual(["ann"]);
    hands.now += 60_000;
    expect(by({ endUser: "ann" })).toBeInstanceOf(Promise);
  });

  test("whoever is changed is looked up anew, and so is every stranger", async () => {
    const { by, attribution } = over([ANN, { ...ANN, id: "ben", subject: "u-9" }]);
    for (const endUser of ["ann", "ben", "nobody"]) await by({ endUser });
    attribution.forget("ann");
    expect(["ann", "ben", "nobody"].map((endUser) => by({ endUser }) instanceof Promise)).toEqual([true, false, true]);
  });

  test("a key that is changed is not answered as it was", async () => {
    const { by } = over([ANN]);
    await by({ endUser: "ann" });
    expect((await by({ endUser: "ann" }, { ...WEBUI, role: "read-only" })).role).toBe("read-only");
  });

  test("an answer that a change overtook is not remembered", async () => {
    const { by, attribution } = over([ANN]);
    const early = by({ endUser: "ann" });
    attribution.forget("ann");
    await early;
    expect(by({ endUser: "ann" })).toBeInstanceOf(Promise);
  });

  test("nobody is billed in the place of whom nobody can look up", async () => {
    const { by, hands } = over([ANN]);
    hands.away = true;
    expect(await kindOf(() => by({ endUser: "ann" }))).toBe("overloaded");
  });
});
