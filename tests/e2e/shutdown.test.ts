import { afterAll, beforeAll, expect, test } from "bun:test";
import { listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

/** Nothing that was promised is lost when a gateway ends, in order or not. */
let fake: FakeUpstream;
beforeAll(async () => {
  fake = await startFakeUpstream();
});
afterAll(() => fake.stop());

const start = (folder?: string) =>
  startGateway({
    folder,
    config: {
      providers: { up: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "none" } },
      models: { m: { deployments: [{ provider: "up", model: "m" }] } },
    },
  });
const ask = (gateway: GatewayProcess, stream = false) =>
  fetch(`${gateway.url}/v1/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${gateway.key}` },
    body: JSON.stringify({ model: "m", stream, messages: [{ role: "user", content: "hi" }] }),
  });
const rowsOf = async (gateway: GatewayProcess) =>
  listOf(objectOf(await (await fetch(`${gateway.url}/admin/requests?limit=1000`, { headers: { authorization: `Bearer ${gateway.key}` } })).json())["data"]);

test("SIGTERM lets a running stream finish, refuses what is new, ends with 0 and keeps every row", async () => {
  const gateway = await start();
  for (let index = 0; index < 20; index++) expect((await ask(gateway)).status).toBe(200);
  fake.play({ delayBetween: 60, answer: { text: "one two three four five six" } });
  const answer = await ask(gateway, true);
  const ended = gateway.end("SIGTERM");
  const text = await answer.text();
  expect([text.includes("six"), text.endsWith("data: [DONE]\n\n")]).toEqual([true, true]);
  expect(await ended).toBe(0);
  fake.play({});
  const again = await start(gateway.folder);
  expect((await rowsOf(again)).length).toBe(21);
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
