import { expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type OpenAI from "openai";
import { sharedPostgres } from "../../../src/store/database/postgres/postgres-server.fixture.ts";
import { withRedisServer } from "../../../src/store/redis/redis-server.fixture.ts";
import { listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";
import { until } from "../../harness/until.ts";
import { manage } from "../money/house.ts";
import { ANSWER, batchOf, chatLine, clientOf, configOf, ended, linesOf, PER_LINE } from "./house.ts";

// Programs are started and killed here; nothing is measured.
setDefaultTimeout(120_000);

const postgres = sharedPostgres();
const LINES = 150;
const IDS = Array.from({ length: LINES }, (_, index) => `c${index}`);
const GRANTED = 1_000_000_000n;

/** How often each line was asked, by the words of its prompt. */
function asked({ seen }: FakeUpstream): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { json } of seen) {
    const name = stringOf(objectOf(listOf(objectOf(json)["messages"])[0])["content"]) ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

async function makerAt(gateway: GatewayProcess): Promise<string> {
  await manage(gateway, "POST", "/admin/users", { id: "ann", balance: Number(GRANTED) / 1e9 });
  return stringOf((await manage(gateway, "POST", "/admin/keys", { name: "ann", user_id: "ann" }))["key"]) ?? "";
}

interface Ended {
  readonly client: OpenAI;
  readonly batch: OpenAI.Batch;
  readonly gateway: GatewayProcess;
  readonly upstream: FakeUpstream;
  /** So many lines may have been cut off in the middle. */
  readonly most: number;
}

/** Every line has one result, was asked once at most, and what was answered was paid once. How many were cut off. */
async function reckon({ client, batch, gateway, upstream, most }: Ended): Promise<number> {
  expect(batch.status).toBe("completed");
  const [answers, errors] = [await linesOf(client, batch.output_file_id), await linesOf(client, batch.error_file_id)];
  expect([...answers, ...errors].map((line) => line["custom_id"]).toSorted()).toEqual(IDS.toSorted());
  expect(batch.request_counts).toEqual({ total: LINES, completed: answers.length, failed: errors.length });
  expect(errors.map(({ error }) => objectOf(error)["code"])).toEqual(errors.map(() => "interrupted"));
  expect(errors.length).toBeLessThanOrEqual(most);
  const counts = asked(upstream);
  expect([...counts.values()].filter((times) => times !== 1)).toEqual([]);
  for (const { custom_id: id } of answers) expect(counts.get(String(id))).toBe(1);
  const paid = new Map<string, bigint>();
  for (let cursor: string | null = "0"; cursor !== null; ) {
    const page = await manage(gateway, "GET", `/admin/transactions?user_id=ann&limit=1000&cursor=${cursor}`);
    for (const entry of listOf(page["data"]).map(objectOf)) {
      if (entry["kind"] !== "capture") continue;
      const id = String(entry["request_id"]);
      expect(paid.has(id)).toBe(false);
      paid.set(id, -BigInt(String(entry["amount_nano"])));
    }
    cursor = stringOf(page["next"]) ?? null;
  }
  // What was answered is paid; of what was cut off, what was answered to us and not written down any more.
  for (const { response } of answers) expect(paid.get(String(objectOf(response)["request_id"]))).toBe(PER_LINE);
  expect(paid.size).toBeLessThanOrEqual(answers.length + errors.length);
  const user = await manage(gateway, "GET", "/admin/users/ann");
  expect([user["balance_nano"], user["held_nano"]]).toEqual([String(GRANTED - PER_LINE * BigInt(paid.size)), "0"]);
  expect(await manage(gateway, "GET", "/admin/books")).toMatchObject({ ok: true });
  return errors.length;
}

test.each([
  { kept: "files", kills: [20, 50, 90], database: async () => undefined },
  // Each time nobody touches the batch until it is sure that its gateway is gone.
  { kept: "PostgreSQL", kills: [20, 70], database: async () => (await postgres()).database() },
])("killed in the middle of a batch kept in $kept: no line is asked twice, none is lost, and every answer is paid once", async ({ kills, database }) => {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-batches-"));
  const upstream = await startFakeUpstream({ answer: ANSWER, delay: 40 });
  const url = await database();
  const config = configOf(upstream, url === undefined ? {} : { database: { url } });
  const start = () => startGateway({ folder, config });
  let gateway = await start();
  const key = await makerAt(gateway);
  const { id } = await batchOf(
    clientOf(gateway, key),
    IDS.map((name) => chatLine(name)),
  );
  for (const far of kills) {
    await until(`${far} lines to be asked`, () => upstream.seen.length >= far, 60_000);
    await gateway.end("SIGKILL");
    gateway = await start();
  }
  const client = clientOf(gateway, key);
  await reckon({ client, batch: await ended(client, id, 90_000), gateway, upstream, most: 3 * 8 });
  await gateway.end();
  await upstream.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  { told: "finishes what it asks", grace: "30s", delay: 40, most: 0 },
  { told: "calls off what it asks when there is no time left, and asks none of it again", grace: "50ms", delay: 400, most: 8 },
])("told to stop in the middle of a batch, it $told, and goes on with the rest", async ({ grace, delay, most }) => {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-batches-"));
  const upstream = await startFakeUpstream({ answer: ANSWER, delay });
  const start = () => startGateway({ folder, config: configOf(upstream, { server: { shutdown_grace: grace } }) });
  let gateway = await start();
  const key = await makerAt(gateway);
  const { id } = await batchOf(
    clientOf(gateway, key),
    IDS.map((name) => chatLine(name)),
  );
  await until("some lines to be asked", () => upstream.seen.length >= 30);
  expect(await gateway.end("SIGTERM")).toBe(0);
  gateway = await start();
  const client = clientOf(gateway, key);
  const cutOff = await reckon({ client, batch: await ended(client, id), gateway, upstream, most });
  expect(cutOff > 0).toBe(most > 0);
  await gateway.end();
  await upstream.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("of two gateways one goes on with a batch, and the other when that is killed", () =>
  withRedisServer(async (redis) => {
    const upstream = await startFakeUpstream({ answer: ANSWER, delay: 40 });
    const more = { database: { url: (await postgres()).database() }, redis: { url: redis.url } };
    const folders = [mkdtempSync(join(tmpdir(), "signalbox-batches-")), mkdtempSync(join(tmpdir(), "signalbox-batches-"))];
    const start = (folder: string | undefined) => startGateway({ folder, config: configOf(upstream, more) });
    const first = await start(folders[0]);
    const second = await start(folders[1]);
    const key = await makerAt(first);
    const { id } = await batchOf(
      clientOf(first, key),
      IDS.map((name) => chatLine(name)),
    );
    await until("some lines to be asked", () => upstream.seen.length >= 30);
    // Whichever has the batch.
    await first.end("SIGKILL");
    const client = clientOf(second, key);
    const batch = await ended(client, id, 100_000);
    // What the killed one has not entered in the books waits in its folder for its next start.
    const again = await start(folders[0]);
    await until("what was left behind to be entered", async () => {
      const user = await manage(second, "GET", "/admin/users/ann");
      return (GRANTED - BigInt(String(user["balance_nano"]))) / PER_LINE >= BigInt(batch.request_counts?.completed ?? 0);
    });
    await reckon({ client, batch, gateway: second, upstream, most: 8 });
    await Promise.all([again.end(), second.end()]);
    await upstream.stop();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  }));
