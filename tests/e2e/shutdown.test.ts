import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { type JsonObject, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";
import { FIRST_WORD, type HeldUpstream, LAST_WORD, readToFirstWord, startHeldUpstream } from "./held-upstream.ts";

// Starts are slow on a busy machine; nothing here is measured.
setDefaultTimeout(60_000);

/** Nothing that was promised is lost when a gateway ends, in order or not. */
let fake: FakeUpstream;
let held: HeldUpstream;
beforeAll(async () => {
  fake = await startFakeUpstream();
  held = await startHeldUpstream();
});
afterAll(async () => {
  await fake.stop();
  await held.stop();
});

const start = (folder?: string, server?: object) =>
  startGateway({
    folder,
    config: {
      server,
      providers: {
        up: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "none" },
        held: { kind: "openai-compatible", base_url: held.url, api_key: "none" },
      },
      models: { m: { deployments: [{ provider: "up", model: "m" }] }, held: { deployments: [{ provider: "held", model: "held" }] } },
    },
  });
const ask = (gateway: GatewayProcess, { model = "m", stream = false, path = "/v1/chat/completions" } = {}) =>
  fetch(gateway.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ model, stream, messages: [{ role: "user", content: "hi" }] }),
  });
const idOf = (answer: Response) => answer.headers.get("x-request-id") ?? "none";
const rowsOf = async (gateway: GatewayProcess): Promise<JsonObject[]> => {
  const answer = await fetch(`${gateway.url}/admin/requests?limit=1000`, { headers: { authorization: `Bearer ${gateway.key}` } });
  return listOf(objectOf(await answer.json())["data"]).map(objectOf);
};
/** Tells it to stop, and returns once it has understood; `ended` is its exit code. */
async function tellToStop(gateway: GatewayProcess): Promise<{ readonly ended: Promise<number | null> }> {
  const ended = gateway.end("SIGTERM");
  await until("the gateway's word that it is stopping", () => gateway.output().includes('"message":"stopping"'));
  return { ended };
}

test("SIGTERM lets what runs finish, refuses what is new, ends with 0 and keeps every row", async () => {
  const gateway = await start();
  const expected = new Map<string, object>();
  for (let index = 0; index < 20; index++) {
    const answer = await ask(gateway);
    expected.set(idOf(answer), { model: "m", status: 200, outcome: "ok", stream: false });
  }
  const stream = await ask(gateway, { model: "held", stream: true });
  const readOn = await readToFirstWord(stream);
  const whole = ask(gateway, { model: "held" });
  await until("both requests at the upstream", () => held.waiting() === 2);

  const { ended } = await tellToStop(gateway);
  for (const path of ["/v1/chat/completions", "/v1/chat/completions/stream", "/chat/completions", "/v1/completions", "/v1/embeddings"]) {
    const refused = await ask(gateway, { path });
    expect([path, refused.status, refused.headers.get("retry-after"), refused.headers.get("connection")]).toEqual([path, 503, "1", "close"]);
    const { code, message, type } = objectOf(objectOf(await refused.json())["error"]);
    expect({ code, type, says: String(message).includes("stopping") }).toEqual({ code: "overloaded", type: "server_error", says: true });
    expected.set(idOf(refused), { status: 503, outcome: "failed", failure: "overloaded" });
  }
  const ready = await fetch(`${gateway.url}/ready`);
  expect([ready.status, await ready.json()]).toEqual([503, { status: "not ready", reason: "stopping" }]);
  // Whatever is alive must not be killed by its watcher while it finishes its work.
  expect((await fetch(`${gateway.url}/live`)).status).toBe(200);
  expect(held.waiting()).toBe(2);

  held.letGo();
  const text = await readOn();
  expect([text.includes(LAST_WORD), text.endsWith("data: [DONE]\n\n")]).toEqual([true, true]);
  const answer = await whole;
  expect([answer.status, JSON.stringify(await answer.json()).includes(`${FIRST_WORD} ${LAST_WORD}`)]).toEqual([200, true]);
  expect(await ended).toBe(0);
  expect(existsSync(join(gateway.folder, "data", "signalbox.sock"))).toBe(false);
  expect(await fetch(`${gateway.url}/live`).catch(() => "refused")).toBe("refused");
  expected.set(idOf(stream), { model: "held", deployment: "held/held", status: 200, outcome: "ok", stream: true });
  expected.set(idOf(answer), { model: "held", deployment: "held/held", status: 200, outcome: "ok", stream: false });

  const again = await start(gateway.folder);
  const rows = new Map((await rowsOf(again)).map((row) => [String(row["id"]), row]));
  expect([...rows.keys()].toSorted()).toEqual([...expected.keys()].toSorted());
  for (const [id, row] of expected) expect(rows.get(id)).toMatchObject(row);
  await again.stop();
});

test("what still runs after the grace is called off, each with a word to its client and a row", async () => {
  const gateway = await start(undefined, { shutdown_grace: "300ms" });
  const stream = await ask(gateway, { model: "held", stream: true });
  const readOn = await readToFirstWord(stream);
  const whole = ask(gateway, { model: "held" });
  await until("both requests at the upstream", () => held.waiting() === 2);
  const { ended } = await tellToStop(gateway);
  const text = await readOn();
  expect([text.includes('"code":"overloaded"'), text.includes("Signalbox stopped"), text.endsWith("data: [DONE]\n\n")]).toEqual([true, true, true]);
  const answer = await whole;
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await ended).toBe(0);
  await until("the upstream to be let go", () => held.waiting() === 0);
  const again = await start(gateway.folder);
  const rows = new Map((await rowsOf(again)).map((row) => [String(row["id"]), row]));
  expect(rows.get(idOf(stream))).toMatchObject({ model: "held", status: 200, outcome: "failed", failure: "overloaded", stream: true });
  expect(rows.get(idOf(answer))).toMatchObject({ model: "held", status: 503, outcome: "failed", failure: "overloaded", stream: false });
  expect(rows.size).toBe(2);
  await again.stop();
});

test.each([true, false])("a client that is slow to take its answer (streamed: %p) gets all of it", async (stream) => {
  const gateway = await start();
  fake.play({ answer: { text: "0123456789".repeat(1_600_000) } });
  const seen = fake.seen.length;
  const body = JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hi" }] });
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).pause();
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${gateway.key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
  await until("its request at the upstream", () => fake.seen.length > seen);
  const { ended } = await tellToStop(gateway);
  await Bun.sleep(200); // what cuts the answer off would do so now
  let text = "";
  socket.setEncoding("latin1").on("data", (piece: string) => {
    text += piece;
  });
  await once(socket.resume(), "close");
  expect([text.length > 16_000_000, text.includes(stream ? "data: [DONE]\n\n" : '"total_tokens"')]).toEqual([true, true]);
  expect(await ended).toBe(0);
  await gateway.stop();
});

test("a client that leaves while the gateway stops has its row too, and holds nothing up", async () => {
  const gateway = await start();
  const leave = new AbortController();
  const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ model: "held", stream: true, messages: [{ role: "user", content: "hi" }] }),
    signal: leave.signal,
  });
  await readToFirstWord(answer);
  const { ended } = await tellToStop(gateway);
  leave.abort();
  expect(await ended).toBe(0);
  const again = await start(gateway.folder);
  expect(await rowsOf(again)).toMatchObject([{ id: idOf(answer), model: "held", outcome: "client-left", stream: true }]);
  await again.stop();
});

test("a second signal ends it at once, and the folder opens again", async () => {
  const gateway = await start();
  expect((await ask(gateway)).status).toBe(200);
  const stream = await ask(gateway, { model: "held", stream: true });
  await readToFirstWord(stream);
  const { ended } = await tellToStop(gateway);
  process.kill(gateway.pid, "SIGTERM");
  expect(await ended).toBe(1);
  await until("the upstream's stream to be let go", () => held.waiting() === 0);
  const again = await start(gateway.folder);
  expect((await ask(again)).status).toBe(200);
  await again.stop();
});

test("kill -9 loses no key, and the folder opens again", async () => {
  const gateway = await start();
  const made = await fetch(`${gateway.url}/admin/keys`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ name: "survivor" }),
  });
  const { key } = (await made.json()) as { key: string };
  expect((await ask(gateway)).status).toBe(200);
  await gateway.end("SIGKILL");
  const again = await start(gateway.folder);
  expect((await fetch(`${again.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
  expect((await ask(again)).status).toBe(200);
  await again.stop();
});
