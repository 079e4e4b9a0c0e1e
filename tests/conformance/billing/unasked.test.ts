import { afterEach, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { testTariff } from "../../../src/vocabulary/price.fixture.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestDeployment } from "../../harness/box.ts";
import { type TestMoney, testMoney } from "../../harness/money.ts";
import { until } from "../../harness/until.ts";

/** Clients who leave before an answer began: they pay for their prompt where somebody read it, and nowhere else. */
const CHAT = { model: "m", messages: [{ role: "user", content: "hello there" }], max_tokens: 100 };

let money: TestMoney;
let box: TestBox;
let fake: FakeUpstream;
let deaf: Server;
/** Connected to whoever never says a word, not even that TLS begins. */
let callers: Socket[] = [];
afterEach(async () => {
  await box.stop();
  await fake.stop();
  await money.close();
  for (const caller of callers) caller.destroy();
  await new Promise((resolve) => deaf.close(resolve));
});

async function start(deployments: (urls: { readonly deaf: string; readonly fake: string }) => readonly TestDeployment[]): Promise<void> {
  money = testMoney();
  fake = await startFakeUpstream();
  await money.grant("user:ann", 1_000_000_000n);
  callers = [];
  deaf = createServer((socket) => {
    callers.push(socket);
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => deaf.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(deaf.address() as { port: number }).port}/v1`;
  box = startBox({
    models: { m: deployments({ deaf: url, fake: `${fake.url}/v1` }) },
    more: { m: { price: testTariff({ input: 1, output: 2 }), strategy: "weighted" } },
    ledger: money.ledger,
    caller: { userId: "ann" },
    policy: { connect: 20_000 },
  });
}

/** Asks, and leaves when it is so; what it was charged. */
async function leaveWhen(isSo: () => boolean): Promise<bigint> {
  const leaving = new AbortController();
  const told = box.post("/v1/chat/completions", CHAT, { signal: leaving.signal }).catch(() => "left");
  await until("the moment to leave", isSo);
  leaving.abort();
  expect(await told).toBe("left");
  const { outcome, charge = 0n } = await box.record(0);
  expect(outcome).toBe("client-left");
  await until("nothing to be held", () => money.ledger.held("user:ann") === 0n);
  expect(await money.balance()).toBe(1_000_000_000n - charge);
  return charge;
}

test("whoever waits for a connection pays nothing", async () => {
  await start(({ deaf: url }) => [{ kind: "openai-compatible", url }]);
  expect(await leaveWhen(() => callers.length === 1)).toBe(0n);
});

test("whoever was refused by one and waits for a connection to another pays nothing", async () => {
  await start(({ deaf: url, fake: sick }) => [
    { kind: "openai-compatible", url: sick, more: { tier: 0 } },
    { kind: "openai-compatible", url, more: { tier: 1 } },
  ]);
  fake.play(failing(500));
  expect(await leaveWhen(() => callers.length === 1)).toBe(0n);
  expect(fake.seen.length).toBe(1);
});

test("whoever waits for the answer of one that has the request pays for the prompt", async () => {
  await start(({ fake: url }) => [{ kind: "openai-compatible", url }]);
  fake.play({ stall: "before-headers" });
  expect(await leaveWhen(() => fake.seen.length === 1)).toBeGreaterThan(0n);
});
