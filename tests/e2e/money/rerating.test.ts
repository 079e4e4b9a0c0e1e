import { Database } from "bun:sqlite";
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { runCommand } from "../../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";

// Programs are started by the dozen here; a busy machine needs its time for that.
setDefaultTimeout(90_000);

/** A price that was not known, and then wrong, put right by the command line: while a gateway runs, and while none does. */
let gateway: GatewayProcess;
let upstream: FakeUpstream;
const configOf = (price?: object) => ({
  providers: { up: { kind: "openai-compatible", base_url: `${upstream.url}/v1`, api_key: "none" } },
  models: { m: { deployments: [{ provider: "up", model: "m" }], ...(price === undefined ? {} : { price }) } },
  billing: { enabled: true, default_balance: 2 },
});
beforeAll(async () => {
  upstream = await startFakeUpstream({ answer: { text: "a b", usage: { input: 1_000_000, output: 500_000 } } });
  gateway = await startGateway({ config: configOf() });
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const dataDir = () => join(gateway.folder, "data");
const command = (...words: string[]) => runCommand(gateway, words);
const told = (...words: string[]) => objectOf(parseJson(command(...words, "--json").stdout));
const rerated = (...more: string[]) => told("prices", "rerate", "--since", "2020-01-01", ...more);
const balance = (user: string) =>
  listOf(parseJson(command("users", "list", "--json").stdout))
    .map(objectOf)
    .find(({ id }) => id === user)?.["balance"];
const kinds = (user: string) =>
  listOf(parseJson(command("transactions", user, "--json").stdout)).map((row) => [objectOf(row)["kind"], objectOf(row)["amount"]]);

async function asks(key: string): Promise<void> {
  const body = JSON.stringify({ model: "m", max_tokens: 10, messages: [{ role: "user", content: "hi" }] });
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body });
  expect(answer.status).toBe(200);
}

let key: string;

test("a price that was not known is charged once it is, on the balance and the budget; without an entry for a dry run", async () => {
  expect(command("users", "create", "--id", "ann").status).toBe(0);
  key = stringOf(told("keys", "create", "--name", "ann", "--user", "ann")["key"]) ?? "";
  const budgets = JSON.stringify({ budgets: [{ amount: 1.6, window: "month" }] });
  const changed = await fetch(`${gateway.url}/admin/users/ann`, { method: "PATCH", headers: { authorization: `Bearer ${gateway.key}` }, body: budgets });
  expect(changed.status).toBe(200);
  await asks(key);
  expect(rerated()).toMatchObject({ requests: 1, changed: 0, left: { unpriced: 1 } });
  writeFileSync(join(gateway.folder, "signalbox.yaml"), JSON.stringify(configOf({ input: 1, output: 1 })));
  expect(command("reload").status).toBe(0);
  expect(rerated("--dry-run")).toMatchObject({ dry_run: true, changed: 1, charge_nano: "1500000000", data: [{ model: "m", requests: 1, cost: 1.5 }] });
  expect(balance("ann")).toBe(2);
  expect(command("prices", "rerate", "--since", "2020-01-01").stdout).toMatch(/m +1 +1 +\+1\.5 +\+1\.5\n.*\n\n1 of 1 requests were changed\.$/);
  expect(balance("ann")).toBe(0.5);
  expect(kinds("ann")).toEqual([
    ["adjust", -1.5],
    ["grant", 2],
  ]);
  expect(rerated()).toMatchObject({ requests: 1, changed: 0, charge: 0, left: {} });
  const refused = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}` },
    body: JSON.stringify({ model: "m", max_tokens: 200_000, messages: [{ role: "user", content: "hi" }] }),
  });
  expect([refused.status, await refused.text()]).toEqual([429, expect.stringContaining("monthly budget of 1.6 USD of user ann")]);
});

test("a price that was wrong is put right while none runs, below zero if it must be; the books agree, and it is written down", async () => {
  await gateway.end();
  writeFileSync(join(gateway.folder, "signalbox.yaml"), JSON.stringify(configOf({ input: 2, output: 2 })));
  expect(rerated("--model", "other")).toMatchObject({ requests: 0, changed: 0, data: [] });
  expect(rerated("--until", "2020-02-01")).toMatchObject({ requests: 0 });
  expect(rerated("--deployment", "up/m", "--reason", "a typo")).toMatchObject({ changed: 1, charge: 1.5, cost: 1.5 });
  expect(balance("ann")).toBe(-1);
  expect(kinds("ann")[0]).toEqual(["adjust", -1.5]);
  writeFileSync(join(gateway.folder, "signalbox.yaml"), JSON.stringify(configOf({ input: 0.1, output: 0 })));
  expect(rerated()).toMatchObject({ changed: 1, charge: -2.9 });
  expect(balance("ann")).toBe(1.9);
  expect(command("doctor").status).toBe(0);
  const audit = new Database(join(dataDir(), "ledger.db"), { readonly: true });
  const [done] = audit.query<{ action: string; after: string }, []>("SELECT action, after FROM audit ORDER BY rowid DESC LIMIT 1").all();
  audit.close();
  expect([done?.action, parseJson(done?.after ?? "")]).toEqual(["prices.rerate", expect.objectContaining({ changed: 1, charge_nano: "-2900000000" })]);
});

const WRONG: readonly (readonly [words: readonly string[], says: string])[] = [
  [[], "--since"],
  [["--since", "yesterday"], "a time in ISO 8601"],
  [["--since", "2026-01-02", "--until", "2026-01-01"], "a time before until"],
];
test.each(WRONG)("%j is refused", (words, says) => {
  expect(command("prices", "rerate", ...words)).toMatchObject({ status: 1, stderr: expect.stringContaining(says) });
});
