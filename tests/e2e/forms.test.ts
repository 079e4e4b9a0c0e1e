import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";

// Starts are slow on a busy machine; nothing here is measured.
setDefaultTimeout(60_000);

/** Files of forms, in a gateway that is started and killed as a process. */
let fake: FakeUpstream;
let folder: string;
let gateway: GatewayProcess;
const spool = () => join(folder, "data", "spool");
const start = () =>
  startGateway({
    folder,
    config: {
      server: { max_body_mb: 8 },
      providers: { upstream: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "canary-provider-secret" } },
      models: { m: { deployments: [{ provider: "upstream", model: "theirs" }] } },
    },
  });
beforeAll(async () => {
  fake = await startFakeUpstream();
  folder = mkdtempSync(join(tmpdir(), "signalbox-forms-"));
  mkdirSync(spool(), { recursive: true });
  writeFileSync(join(spool(), "req_of_an_earlier_life"), "private");
  gateway = await start();
});
afterAll(async () => {
  await gateway.stop();
  await fake.stop();
  rmSync(folder, { recursive: true, force: true });
});

const transcribe = (bytes: number) => {
  const form = new FormData();
  form.append("file", new Blob([new Uint8Array(bytes)]), "a.wav");
  form.append("model", "m");
  return fetch(`${gateway.url}/v1/audio/transcriptions`, { method: "POST", headers: { authorization: `Bearer ${gateway.key}` }, body: form });
};
/** Files below the spool that the gateway holds open. */
const held = () =>
  readdirSync(`/proc/${gateway.pid}/fd`).filter((number) => {
    try {
      return readlinkSync(`/proc/${gateway.pid}/fd/${number}`).startsWith(spool());
    } catch {
      return false;
    }
  }).length;

test("what an earlier process left is removed at the start", () => {
  expect(() => readdirSync(spool())).toThrow("ENOENT");
});

test("a form is passed on, its seconds are in the row, and its file is gone", async () => {
  fake.play({ reply: { body: { text: "said so", usage: { type: "duration", seconds: 3.7 } } } });
  const response = await transcribe(5_000_000);
  expect([response.status, objectOf(await response.json())["text"]]).toEqual([200, "said so"]);
  const rows = await fetch(`${gateway.url}/admin/requests?limit=1`, { headers: { authorization: `Bearer ${gateway.key}` } });
  expect(objectOf(listOf(objectOf(await rows.json())["data"])[0])).toMatchObject({
    operation: "transcriptions",
    usage: { milliseconds: 3700, evidence: "reported" },
  });
  await until("the file to be gone", () => held() === 0);
  expect(readdirSync(spool())).toEqual([]);
});

test("a form over server.max_body_mb is a clear 413", async () => {
  const response = await transcribe(9_000_000);
  expect([response.status, objectOf(objectOf(await response.json())["error"])["code"]]).toEqual([413, "request_too_large"]);
});

test("a killed process leaves nothing of what it was working on", async () => {
  fake.forget();
  fake.play({ stall: "before-headers" });
  const answer = transcribe(5_000_000).catch(() => undefined);
  await fake.request(0, 20_000);
  expect([held(), readdirSync(spool())]).toEqual([1, []]);
  await gateway.end("SIGKILL");
  await answer;
  expect(readdirSync(spool())).toEqual([]);
  gateway = await start();
  fake.play({});
  expect((await transcribe(1000)).status).toBe(200);
});
