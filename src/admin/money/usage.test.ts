import { describe, expect, test } from "bun:test";
import { testExchange } from "../../gateway/visit/exchange.fixture.ts";
import type { UsageQuestion, UsageRow } from "../../store/usage/usage-queries.ts";
import { USAGE_SUMS, type UsageSum } from "../../store/usage/usage-sums.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { asFailure } from "../../vocabulary/failure.ts";
import { ownUsageRoutes, usageRoutes } from "./usage.ts";

const sums = (different: Partial<Record<UsageSum, bigint>>) =>
  ({ ...Object.fromEntries(USAGE_SUMS.map((sum) => [sum, 0n])), ...different }) as Record<UsageSum, bigint>;
const ROWS: UsageRow[] = [
  { group: ["gpt", Date.UTC(2026, 10, 22)], sums: sums({ requests: 3n, input: 10n, cost: 9_007_199_254_740_993n, charge: 1_500_000_000n }) },
  { group: ["=cmd()", Date.UTC(2026, 10, 21)], sums: sums({ requests: 1n, unpriced: 1n }) },
  { group: ["", Date.UTC(2026, 10, 21)], sums: sums({ requests: 1n }) },
];

/** What the store is asked, and what is answered. */
async function ask(search: string, { caller, accept }: { caller?: Partial<Caller>; accept?: string } = {}) {
  const asked: UsageQuestion[] = [];
  const requests = {
    flush: async () => undefined,
    async usage(question: UsageQuestion) {
      asked.push(question);
      return ROWS.slice(0, question.limit);
    },
  };
  const [route] = caller === undefined ? usageRoutes(requests) : ownUsageRoutes({ requests });
  const headers = new Headers(accept === undefined ? {} : { accept });
  const exchange = testExchange({ search, headers });
  if (caller !== undefined) exchange.visit.caller = { keyId: "key_1", keyName: "one", role: "member", ...caller };
  const reply = await route?.handle(exchange);
  return { asked: JSON.parse(JSON.stringify(asked[0])), type: reply?.headers["content-type"], text: String(reply?.body) };
}
const refusal = async (search: string) => {
  const failure = await ask(search).then(() => undefined, asFailure);
  return [failure?.kind, failure?.message];
};

describe("what is asked for", () => {
  const PLAIN = { by: ["model"], matching: {}, offset: 0, limit: 1001 };
  const questions: readonly [search: string, question: object][] = [
    ["", PLAIN],
    ["group_by=key,day", { ...PLAIN, by: ["key_id", "day"] }],
    ["group_by=user,%20user", { ...PLAIN, by: ["user_id"] }],
    ["model=gpt&user_id=&team_id=t", { ...PLAIN, matching: { model: "gpt", user_id: "", team_id: "t" } }],
    ["from=2026-11-01&to=2026-11-22T12:30:00Z", { ...PLAIN, from: Date.UTC(2026, 10, 1), to: Date.UTC(2026, 10, 22, 12, 30) }],
    ["limit=2&cursor=4", { ...PLAIN, limit: 3, offset: 4 }],
    ["limit=0", { ...PLAIN, limit: 2 }],
    ["limit=999999999", { ...PLAIN, limit: 100_001 }],
    ["format=csv", { ...PLAIN, limit: 100_001 }],
  ];
  test.each(questions)("%p", async (search, question) => {
    expect((await ask(search)).asked).toEqual(question);
  });

  const callers: readonly [name: string, caller: Partial<Caller>, matching: object][] = [
    ["their user's", { userId: "ann", keyId: "key_1" }, { user_id: "ann" }],
    ["their key's, without a user", { keyId: "key_1" }, { key_id: "key_1" }],
  ];
  test.each(callers)("whoever asks for their own gets %s, whatever else they ask for", async (_name, caller, matching) => {
    expect((await ask("user_id=bob&key_id=key_2", { caller })).asked.matching).toEqual({ user_id: "bob", key_id: "key_2", ...matching });
  });

  const refused: readonly [search: string, message: RegExp][] = [
    ["group_by=colour", /one or two of model, deployment/],
    ["group_by=constructor", /one or two of/],
    ["group_by=model,", /one or two of/],
    ["group_by=model,key,user", /one or two of/],
    ["format=xml", /csv or json/],
    ["from=yesterday", /ISO 8601/],
    ["limit=-1", /whole number/],
    ["format=csv&limit=2", /more than 2 rows/],
  ];
  test.each(refused)("%s is refused", async (search, message) => {
    expect(await refusal(search)).toEqual(["invalid-request", expect.stringMatching(message)]);
  });
});

describe("what is answered", () => {
  const COUNTS = Object.fromEntries(USAGE_SUMS.filter((sum) => sum !== "cost" && sum !== "charge").map((sum) => [sum, 0]));

  test("rows with money twice, what there is none of as null, and the time they are of", async () => {
    const { text } = await ask("group_by=model,day&limit=3&from=2026-11-21T00:10:00Z&to=2026-11-22T23:10:00Z");
    const answer = JSON.parse(text);
    expect(answer.data).toEqual([
      {
        ...{ model: "gpt", day: "2026-11-22T00:00:00.000Z", ...COUNTS, requests: 3, input: 10 },
        ...{ cost: 9007199.254740993, cost_nano: "9007199254740993", charge: 1.5, charge_nano: "1500000000" },
      },
      { model: "=cmd()", day: "2026-11-21T00:00:00.000Z", ...COUNTS, requests: 1, unpriced: 1, cost: 0, cost_nano: "0", charge: 0, charge_nano: "0" },
      { model: null, day: "2026-11-21T00:00:00.000Z", ...COUNTS, requests: 1, cost: 0, cost_nano: "0", charge: 0, charge_nano: "0" },
    ]);
    expect([answer.next, answer.from, answer.to]).toEqual([null, "2026-11-21T00:00:00.000Z", "2026-11-23T00:00:00.000Z"]);
  });

  test("where the next page begins", async () => {
    const { data, next } = JSON.parse((await ask("group_by=model,day&limit=2&cursor=4")).text);
    expect([data.length, next]).toEqual([2, "6"]);
  });

  test("their own without what it cost the house", async () => {
    const caller = { userId: "ann", keyId: "key_1" };
    const [row] = JSON.parse((await ask("group_by=model,day", { caller })).text).data;
    expect([row.charge_nano, "cost" in row, "cost_nano" in row]).toEqual(["1500000000", false, false]);
    const [headings = ""] = (await ask("group_by=model,day&format=csv", { caller })).text.split("\r\n");
    expect(headings.endsWith(",citations,charge,charge_nano")).toBe(true);
  });

  const asked: readonly [search: string, accept: string | undefined, type: RegExp][] = [
    ["group_by=model,day&format=csv", undefined, /^text\/csv/],
    ["group_by=model,day", "text/csv", /^text\/csv/],
    ["group_by=model,day&format=json", "text/csv", /^application\/json/],
    ["group_by=model,day", "text/html,*/*", /^application\/json/],
  ];
  test.each(asked)("%s, accepting %p, is answered as %s", async (search, accept, type) => {
    expect((await ask(search, { accept })).type).toMatch(type);
  });

  test("as a table, with every digit and no formula", async () => {
    const { text } = await ask("group_by=model,day&format=csv");
    const [headings, first, second, third] = text.split("\r\n");
    expect(headings).toBe(`model,day,${USAGE_SUMS.slice(0, -2)},cost,cost_nano,charge,charge_nano`);
    expect(first).toBe(`gpt,2026-11-22T00:00:00.000Z,3,0,0,10,${"0,".repeat(18)}9007199.254740993,9007199254740993,1.5,1500000000`);
    expect(second?.startsWith("'=cmd(),2026-11-21")).toBe(true);
    expect(third?.startsWith(",2026-11-21")).toBe(true);
  });
});
