import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

setDefaultTimeout(60_000);

/** What a gateway has added up of what it served. */
let upstream: FakeUpstream;
let gateway: GatewayProcess;
const keys = new Map<string, string>();

const call = (path: string, key = gateway.key, body?: unknown) =>
  fetch(gateway.url + path, { headers: { authorization: `Bearer ${key}` }, ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }) });
const json = async (path: string, key?: string, body?: unknown) => objectOf(await (await call(path, key, body)).json());
const rowsAt = async (path: string, key?: string) => listOf((await json(path, key))["data"]).map(objectOf);

beforeAll(async () => {
  upstream = await startFakeUpstream();
  gateway = await startGateway({
    config: {
      billing: { enabled: true },
      providers: { fake: { kind: "openai-compatible", base_url: `${upstream.url}/v1`, api_key: "fake" } },
      models: {
        dear: { deployments: [{ provider: "fake", model: "dear", price: { input: 1, output: 2 } }], price: { input: 10, output: 20 } },
        "=unpriced()": { deployments: [{ provider: "fake", model: "unpriced" }] },
      },
    },
  });
  for (const user of ["ann", "bob"]) {
    await json("/admin/users", gateway.key, { id: user, email: `${user}@example.com`, balance: 5 });
    keys.set(user, String((await json("/admin/keys", gateway.key, { name: user, user_id: user }))["key"]));
  }
  const ask = async (user: string, model: string) => {
    const answer = await call("/v1/chat/completions", keys.get(user), { model, messages: [{ role: "user", content: "hi" }] });
    expect(answer.status).toBe(200);
    await answer.text();
  };
  await ask("ann", "dear");
  await ask("ann", "dear");
  await ask("bob", "dear");
  await ask("bob", "=unpriced()");
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

test("by model and user: requests, tokens, what it cost and what was charged, most charged first", async () => {
  const rows = await rowsAt("/admin/usage?group_by=model,user");
  expect(rows.map(({ model, user_id, requests, unpriced }) => [model, user_id, requests, unpriced])).toEqual([
    ["dear", "ann", 2, 0],
    ["dear", "bob", 1, 0],
    ["=unpriced()", "bob", 1, 1],
  ]);
  const [ann, bob] = rows;
  const [input, output] = [Number(bob?.["input"]), Number(bob?.["output"])];
  expect(input * output).toBeGreaterThan(0);
  expect([bob?.["cost_nano"], bob?.["charge_nano"]]).toEqual([input * 1_000 + output * 2_000, input * 10_000 + output * 20_000].map(String));
  expect([ann?.["cost_nano"], ann?.["charge_nano"]]).toEqual([bob?.["cost_nano"], bob?.["charge_nano"]].map((nano) => String(2n * BigInt(String(nano)))));
});

test("the sums are those of the requests, and of what was taken from the balance", async () => {
  const [ann] = await rowsAt("/admin/usage?group_by=user&user_id=ann");
  const requests = await rowsAt("/admin/requests?user_id=ann");
  const sum = requests.reduce((all, row) => all + BigInt(String(row["charge_nano"])), 0n);
  expect([requests.length, String(sum)]).toEqual([2, String(ann?.["charge_nano"])]);
  const { balance_nano } = await json("/billing/balance", keys.get("ann"));
  expect(5_000_000_000n - BigInt(String(balance_nano))).toBe(sum);
});

test("everybody sees their own, and no more of it than what they paid", async () => {
  const rows = await rowsAt("/api/me/usage?group_by=user&user_id=bob", keys.get("ann"));
  expect(rows.map(({ user_id, requests, cost }) => [user_id, requests, cost])).toEqual([["ann", 2, undefined]]);
});

test("as CSV, in which no name is a formula", async () => {
  const answer = await call("/admin/usage?group_by=model&format=csv");
  expect(answer.headers.get("content-type")).toStartWith("text/csv");
  const lines = (await answer.text()).split("\r\n");
  expect(lines.map((line) => line.split(",").slice(0, 2))).toEqual([["model", "requests"], ["dear", "3"], ["'=unpriced()", "1"], [""]]);
});

test("on the command line", () => {
  const run = (...more: string[]) => runCommand(gateway, ["usage", ...more]);
  const lines = run("--by", "user,model").stdout.split("\n");
  expect(lines.map((line) => line.split(/\s+/).slice(0, 3))).toEqual([
    ["USER", "MODEL", "REQUESTS"],
    ["ann", "dear", "2"],
    ["bob", "dear", "1"],
    ["bob", "=unpriced()", "1"],
  ]);
  expect(run("--csv", "--from", "2026-01-01").stdout.split("\r\n")[1]).toStartWith("dear,3,");
  expect(JSON.parse(run("--json", "--to", "2026-01-01").stdout)).toEqual([]);
  expect(run("--by", "colour").stderr).toContain("one or two of");
});

test("in the metrics, what models cost", async () => {
  const [row] = await rowsAt("/admin/usage?group_by=model&model=dear");
  const metrics = await (await call("/metrics")).text();
  const [, told] = /^llm_cost_usd_total\{model="dear"\} (\S+)$/m.exec(metrics) ?? [];
  expect(Number(told)).toBeCloseTo(Number(row?.["cost"]), 9);
  expect(metrics).not.toContain('llm_cost_usd_total{model="=unpriced()"');
});
