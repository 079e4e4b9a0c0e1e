import { describe, expect, test } from "bun:test";
import { openStore, type Store } from "../store/open.ts";
import { inFolder } from "../store/temporary.fixture.ts";
import { Failure } from "../vocabulary/failure.ts";
import { createTeams, type Teams } from "./teams.ts";
import { createUsers, type Users } from "./users.ts";

interface House {
  readonly store: Store;
  readonly users: Users;
  readonly teams: Teams;
  /** Ids of whoever was to be looked up anew. */
  readonly forgotten: string[];
}

/** Users and teams over a real ledger. */
function withHouse(work: (house: House) => Promise<void>): Promise<void> {
  return inFolder(async (dataDir) => {
    const store = await openStore({ dataDir });
    const forgotten: string[] = [];
    let now = 1000;
    const clock = { now: () => now++, elapsed: () => 0 };
    const forget = (id: string) => void forgotten.push(id);
    try {
      const teams = createTeams({ book: store.teams, users: store.users, forget, clock });
      await work({ store, users: createUsers({ book: store.users, forget, welcome: async () => undefined, clock }), teams, forgotten });
    } finally {
      await store.close();
    }
  });
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return "none";
  } catch (error) {
    return error instanceof Failure ? `${error.kind} ${error.facts.param ?? ""}`.trim() : String(error);
  }
}

describe("users", () => {
  test("come back as they were made, by id, by subject and by address", () =>
    withHouse(async ({ users }) => {
      const limits = { requestsPerMinute: 5 };
      const budgets = [{ amount: 12_345_678_901_234_567_890n, window: "month" as const }];
      const made = await users.create({ email: " Ann@Example.com ", name: "Ann 'O", role: "operator", limits, budgets });
      expect(made).toMatchObject({ issuer: "local", subject: "ann@example.com", email: "ann@example.com", name: "Ann 'O", role: "operator", limits, budgets });
      expect(made.id).toMatch(/^user_[0-9a-f]{18}$/);
      const found = [await users.find(made.id), await users.findBySubject("local", "ann@example.com"), await users.findByEmail("ANN@example.com")];
      for (const each of found) expect(each).toEqual(made);
      expect([await users.find("nobody"), await users.findBySubject("other", made.subject), await users.findByEmail("b@example.com")]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    }));

  test("are members, known by their own id, when nothing is said", () =>
    withHouse(async ({ users }) => {
      expect(await users.create({ id: "ann" })).toMatchObject({ id: "ann", issuer: "local", subject: "ann", role: "member" });
    }));

  test("no two have one id, one address of those made here, or one subject", () =>
    withHouse(async ({ users }) => {
      await users.create({ id: "ann", email: "ann@example.com" });
      await users.create({ id: "far", issuer: "https://id.example", subject: "7", email: "ann@example.com" });
      expect(await failureOf(users.create({ id: "ann" }))).toBe("invalid-request id");
      expect(await failureOf(users.create({ email: "ANN@example.com" }))).toBe("invalid-request email");
      expect(await failureOf(users.create({ issuer: "https://id.example", subject: "7" }))).toBe("invalid-request subject");
      expect(await failureOf(users.create({ id: "a b" }))).toBe("invalid-request id");
      expect(await failureOf(users.change("far", { email: "b@example.com" }))).toBe("none");
      await users.create({ id: "ben", email: "ben@example.com" });
      expect(await failureOf(users.change("ben", { email: "ann@example.com" }))).toBe("invalid-request email");
    }));

  test("by an address the one made here is meant, else the only one", () =>
    withHouse(async ({ users }) => {
      const email = "ann@example.com";
      await users.create({ id: "one", issuer: "https://a.example", subject: "1", email });
      expect((await users.findByEmail(email))?.id).toBe("one");
      await users.create({ id: "two", issuer: "https://b.example", subject: "1", email });
      expect(await users.findByEmail(email)).toBeUndefined();
      await users.create({ id: "own", email });
      expect((await users.findByEmail(email))?.id).toBe("own");
    }));

  test("change: what is given, what is taken away, a block, a password; a new address is what they are known by", () =>
    withHouse(async ({ users, forgotten }) => {
      const { id } = await users.create({ email: "ann@example.com", name: "Ann", limits: { maxParallel: 1 } });
      const { before, after } = await users.change(id, { email: "anna@example.com", limits: null, role: "admin", blocked: true });
      expect(before).toMatchObject({ email: "ann@example.com", limits: { maxParallel: 1 } });
      expect(after).toMatchObject({ email: "anna@example.com", subject: "anna@example.com", name: "Ann", role: "admin", limits: undefined, blockedAt: 1001 });
      await users.setPassword(id, "$argon2id$…");
      await users.change(id, { blocked: false, email: null });
      expect(await users.find(id)).toMatchObject({ passwordHash: "$argon2id$…", blockedAt: undefined, email: undefined, subject: id, name: "Ann" });
      expect(forgotten).toEqual([id, id, id, id]);
      expect([await failureOf(users.change("nobody", {})), await failureOf(users.setPassword("nobody", "h"))]).toEqual(["not-found", "not-found"]);
    }));

  test("have a password since they were given it; another hash of it is no other password", () =>
    withHouse(async ({ users }) => {
      await users.create({ id: "ann", passwordHash: "first" });
      await users.create({ id: "ben" });
      const since = async () => (await users.find("ann"))?.passwordAt;
      expect([await since(), (await users.find("ben"))?.passwordAt]).toEqual([1000, undefined]);
      await users.setPassword("ann", "first, hashed anew");
      await users.change("ann", { name: "Ann" });
      expect(await since()).toBe(1000);
      await users.change("ann", { passwordHash: "second" });
      expect(await since()).toBe(1002);
    }));

  test("are listed page by page, the newest first, each once", () =>
    withHouse(async ({ users }) => {
      for (let number = 0; number < 5; number++) await users.create({ id: `u${number}` });
      const seen: string[] = [];
      for (let before: string | undefined = ""; before !== undefined; ) {
        const page = await users.list({ limit: 2, ...(before === "" ? {} : { before }) });
        seen.push(...page.rows.map(({ id }) => id));
        before = page.next;
      }
      expect(seen).toEqual(["u4", "u3", "u2", "u1", "u0"]);
      expect(await failureOf(users.list({ limit: 2, before: "nonsense" }))).toBe("invalid-request cursor");
    }));
});

describe("teams", () => {
  test("have members, who come and go", () =>
    withHouse(async ({ users, teams, forgotten, store }) => {
      const { id: userId } = await users.create({ id: "ann" });
      const team = await teams.create({ name: "research", models: ["m"], limits: { tokensPerMinute: 9 } });
      expect(await teams.find(team.id)).toEqual(team);
      expect([await teams.addMember({ teamId: team.id, userId }), await teams.addMember({ teamId: team.id, userId })]).toEqual([true, false]);
      expect([await teams.members(team.id), await store.teams.of(userId)]).toEqual([["ann"], [team.id]]);
      await teams.removeMember({ teamId: team.id, userId });
      expect(await teams.members(team.id)).toEqual([]);
      expect(forgotten).toEqual(["ann", team.id, "ann", "ann", "ann"]);
      expect(await failureOf(teams.removeMember({ teamId: team.id, userId }))).toBe("not-found");
      expect(await failureOf(teams.addMember({ teamId: "none", userId }))).toBe("not-found");
      expect(await failureOf(teams.addMember({ teamId: team.id, userId: "nobody" }))).toBe("not-found");
    }));

  test("have names of their own, and can be changed and blocked", () =>
    withHouse(async ({ teams }) => {
      const [one, two] = [await teams.create({ name: "one" }), await teams.create({ name: "two" })];
      expect(await failureOf(teams.create({ name: "one" }))).toBe("invalid-request name");
      expect(await failureOf(teams.change(two.id, { name: "one" }))).toBe("invalid-request name");
      expect((await teams.change(one.id, { name: "uno", budgets: [{ amount: 1n, window: "total" }], blocked: true })).after).toMatchObject({
        name: "uno",
        budgets: [{ amount: 1n, window: "total" }],
        blockedAt: 1003,
      });
      expect((await teams.list({ limit: 10 })).rows.map(({ name }) => name)).toEqual(["two", "uno"]);
      expect(await failureOf(teams.find("none"))).toBe("not-found");
    }));
});

describe("for whom a key asks", () => {
  test("its user, and the team it names, else the only one they are in", () =>
    withHouse(async ({ store, users, teams }) => {
      const user = await users.create({ id: "ann" });
      const [one, two] = [await teams.create({ name: "one" }), await teams.create({ name: "two" })];
      const shown = async (teamId?: string) => {
        const key = { ...KEY, id: `key_${Math.random()}`, hash: `hash_${Math.random()}`, userId: "ann", teamId };
        await store.keys.insert(key);
        const holder = await store.keys.holderByHash(key.hash);
        return [holder?.user?.id, holder?.team?.name, holder?.outsider];
      };
      expect(await shown()).toEqual(["ann", undefined, false]);
      await teams.addMember({ teamId: one.id, userId: user.id });
      expect([await shown(), await shown(two.id)]).toEqual([
        ["ann", "one", false],
        ["ann", "two", true],
      ]);
      await teams.addMember({ teamId: two.id, userId: user.id });
      expect([await shown(), await shown(two.id)]).toEqual([
        ["ann", undefined, false],
        ["ann", "two", false],
      ]);
      expect(await store.users.holder(user)).toEqual({ user, team: undefined, outsider: false });
    }));
});

const KEY = { shown: "sb-…", name: "k", role: "member", localOnly: false, vouches: false, strict: false, origin: "api", createdAt: 1 } as const;
