import { Database } from "bun:sqlite";
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { runCommand } from "../../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";
import { LAUNCHER } from "../../harness/launcher.ts";

// Programs are started by the dozen here; a busy machine needs its time for that.
setDefaultTimeout(90_000);

/** Money by the command line, first while a gateway runs and then while none does. */
let gateway: GatewayProcess;
let upstream: FakeUpstream;
const start = (folder?: string) =>
  startGateway({
    folder,
    config: {
      providers: { up: { kind: "openai-compatible", base_url: `${upstream.url}/v1`, api_key: "none" } },
      models: { m: { deployments: [{ provider: "up", model: "m" }], price: { input: 1, output: 1 } } },
      billing: { enabled: true, default_balance: 2 },
    },
  });
beforeAll(async () => {
  upstream = await startFakeUpstream({ answer: { text: "a b", usage: { input: 1, output: 1_499 } } });
  gateway = await start();
});
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

const dataDir = () => join(gateway.folder, "data");
const command = (...words: string[]) => runCommand(gateway, words);
const told = (...words: string[]) => objectOf(parseJson(command(...words, "--json").stdout));
const doctor = () => {
  const { status, stdout, stderr } = command("doctor", "--json");
  const { findings, books } = objectOf(parseJson(stdout));
  const lines = listOf(findings)
    .map(objectOf)
    .map(({ about, state, says }) => `${state} ${about}: ${says}`);
  return { status, stderr, lines, books: objectOf(books) };
};
const meddle = (sql: string) => {
  const books = new Database(join(dataDir(), "ledger.db"));
  books.run("PRAGMA busy_timeout = 5000");
  books.run(sql);
  books.close();
};

/** What must be so whether a gateway runs or not; `who` is a user there is not yet. */
function moneyMoves(who: string): void {
  expect(command("users", "create", "--id", who).status).toBe(0);
  const given = command("credit", who, "25", "--reason", "top-up");
  expect([given.status, given.stdout]).toEqual([0, expect.stringMatching(/^txn_\S+: \+25 USD\. The balance is 27 USD\.$/)]);
  expect(told("credit", who, "-5.5", "--reason", "typo")).toMatchObject({ amount: -5.5, kind: "adjust", balance_nano: "21500000000", reason: "typo" });
  const rows = listOf(parseJson(command("transactions", who, "--json").stdout)).map(objectOf);
  expect(rows.map(({ kind, amount, actor }) => [kind, amount, actor])).toEqual([
    ["adjust", -5.5, "command-line"],
    ["grant", 25, "command-line"],
    ["grant", 2, null],
  ]);
  expect(command("transactions", who, "--limit", "1").stdout).toMatch(/adjust +-5\.5 +Adjustment +typo/);
  expect(command("credit", "nobody", "5", "--reason", "x")).toEqual({ status: 1, stdout: "", stderr: "There is no user nobody." });
  expect(command("credit", who, "much", "--reason", "x")).toMatchObject({ status: 1, stderr: expect.stringContaining("an amount of US dollars") });
  expect(command("credit", who, "5")).toMatchObject({ status: 1, stderr: expect.stringContaining("--reason") });
  expect(command("refund", "req_none", "--reason", "x")).toMatchObject({ status: 1, stderr: "Nothing was charged for the request req_none." });
  expect(command("transactions", who, "--limit", "all")).toMatchObject({ status: 1, stdout: "" });
}

async function paidRequest(key: string): Promise<string> {
  const body = JSON.stringify({ model: "m", max_tokens: 2_000, messages: [{ role: "user", content: "hi" }] });
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body });
  expect(answer.status).toBe(200);
  return answer.headers.get("x-request-id") ?? "";
}

describe("while a gateway runs", () => {
  test("credit gives and takes", () => moneyMoves("ann"));

  test("refund gives back what a request was charged, or a part of it, once", async () => {
    const key = stringOf(told("keys", "create", "--name", "ann", "--user", "ann")["key"]) ?? "";
    const [one, other] = [await paidRequest(key), await paidRequest(key)];
    expect(told("refund", one, "--reason", "cut off")).toMatchObject({ kind: "refund", amount: 0.0015, balance: 21.4985 });
    expect(command("refund", one, "--reason", "again")).toMatchObject({ status: 1, stderr: expect.stringContaining("refunded already") });
    expect(command("refund", other, "--amount", "1", "--reason", "too much")).toMatchObject({ status: 1, stderr: expect.stringContaining("0.0015") });
    expect(command("refund", other, "--amount", "0.0005", "--reason", "a part").stdout).toContain("+0.0005 USD. The balance is 21.499 USD.");
    const kinds = listOf(parseJson(command("transactions", "ann", "--limit", "4", "--json").stdout)).map((row) => objectOf(row)["kind"]);
    expect(kinds).toEqual(["refund", "refund", "capture", "capture"]);
  });

  test("doctor finds all well, and the gateway's own words", () => {
    const { status, lines, books } = doctor();
    expect(status).toBe(0);
    expect(lines).toEqual([
      expect.stringContaining("ok data folder: "),
      expect.stringMatching(/^ok gateway: \S+ runs, and is healthy$/),
      "ok database: SQLite, in the data folder, answers",
      expect.stringMatching(/^ok books: agree: 7 entries on 1 account, 21\.5 USD given, 21\.499 USD left, \S+ USD lent to gateways$/),
    ]);
    expect(books).toMatchObject({ ok: true, discrepancies: [] });
  });

  test("doctor names a balance that was tampered with, and ends with 1", () => {
    meddle("UPDATE accounts SET balance = balance + 1000000000 WHERE id = 'user:ann'");
    const { status, stderr, lines } = doctor();
    expect([status, stderr]).toEqual([1, "2 things are wrong."]);
    expect(lines.at(-1)).toBe("wrong books: user:ann: 22.499 USD are down as its balance, its entries add up to 21.499 USD.");
    expect(command("doctor").stdout).toMatch(/^wrong +books +user:ann/m);
    meddle("UPDATE accounts SET balance = balance - 1000000000 WHERE id = 'user:ann'");
    expect(doctor().status).toBe(0);
  });
});

describe("while none runs", () => {
  test("the same commands work on the database itself; the next start finds all of it, and pays by it", async () => {
    await gateway.end();
    moneyMoves("bob");
    const key = stringOf(told("keys", "create", "--name", "bob", "--user", "bob")["key"]) ?? "";
    gateway = await start(gateway.folder);
    const id = await paidRequest(key);
    await gateway.end();
    expect(told("refund", id, "--reason", "offline")).toMatchObject({ kind: "refund", amount: 0.0015, balance: 21.5 });
    const audit = new Database(join(dataDir(), "ledger.db"), { readonly: true });
    const done = audit.query<{ action: string; target_id: string }, []>("SELECT action, target_id FROM audit ORDER BY rowid DESC LIMIT 1").get();
    audit.close();
    expect(done).toEqual({ action: "request.refund", target_id: id });
  });

  test("doctor proves the books there too, and tells of a journal that waits", () => {
    expect(doctor()).toMatchObject({
      status: 0,
      lines: [expect.any(String), expect.stringContaining("none runs"), expect.any(String), expect.stringContaining("agree")],
    });
    mkdirSync(join(dataDir(), "journals", "of-a-killed-one"), { recursive: true });
    meddle("UPDATE accounts SET lent = 5 WHERE id = 'user:bob'");
    const { status, lines } = doctor();
    expect([status, lines.filter((line) => !line.startsWith("ok"))]).toEqual([
      1,
      [
        "waits journal: A gateway was killed and left its journal: what is not in the books yet is entered when the next one starts",
        expect.stringContaining("wrong books: do not agree"),
        "wrong books: user:bob: 0.000000005 USD are down as lent, its loans add up to 0 USD.",
      ],
    ]);
    meddle("UPDATE accounts SET lent = 0 WHERE id = 'user:bob'");
    rmSync(join(dataDir(), "journals"), { recursive: true });
  });

  const broken: readonly [name: string, config: object, says: RegExp][] = [
    ["a Redis that is away", { redis: { url: "redis://127.0.0.1:9" } }, /^wrong Redis: Redis at 127\.0\.0\.1:9.*redis\.url/],
    ["a PostgreSQL that is away", { database: { url: "postgres://u:secret-of-mine@127.0.0.1:9/d" } }, /^wrong database: .*127\.0\.0\.1:9/],
    ["a config that is wrong", { server: { prot: 4000 } }, /^wrong config: .*prot/],
  ];
  for (const [name, config, says] of broken) {
    test(`doctor names ${name}, without a secret`, () => {
      writeFileSync(join(gateway.folder, "signalbox.yaml"), JSON.stringify(config));
      const { status, lines, stderr } = doctor();
      expect([status, lines.filter((line) => line.startsWith("wrong"))]).toEqual([1, [expect.stringMatching(says)]]);
      expect(`${stderr}${lines}`).not.toContain("secret-of-mine");
    });
  }

  test("doctor makes nothing where nothing is", () => {
    const away = join(gateway.folder, "nowhere");
    const { status, stdout } = spawnSync(LAUNCHER, ["doctor", "--data-dir", away], { cwd: gateway.folder, encoding: "utf8", timeout: 30_000 });
    expect([status, stdout]).toEqual([1, expect.stringContaining("There is no folder")]);
  });
});
