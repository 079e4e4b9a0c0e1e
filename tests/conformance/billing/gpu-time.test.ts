import { afterEach, expect, test } from "bun:test";
import type { Stay } from "../../../src/fleet/callers.ts";
import { testTariff } from "../../../src/vocabulary/price.fixture.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { type TestMoney, testMoney } from "../../harness/money.ts";
import { until } from "../../harness/until.ts";

/** What an engine's GPUs took is a part of the price where the operator has said what a second of one costs. */
const CHAT = { model: "m", messages: [{ role: "user", content: "hello there" }], max_tokens: 100 };
const SECOND = 1_000_000n;

let money: TestMoney;
let box: TestBox;
let fake: FakeUpstream;
afterEach(async () => {
  await box.stop();
  await fake.stop();
  await money.close();
});

/** An engine over so many GPUs that is up after so many milliseconds. */
async function start(gpus: number, up: number): Promise<{ readonly left: () => number }> {
  money = testMoney();
  fake = await startFakeUpstream();
  await money.grant("user:ann", 10_000_000_000n);
  let left = 0;
  const stay: Stay = { baseUrl: `${fake.url}/v1`, leave: () => void left++, unreachable: () => undefined };
  box = startBox({
    models: { m: [{ kind: "vllm", url: "http://e.engine", more: { engine: "e", gpus } }] },
    more: { m: { price: testTariff({ gpuSecond: Number(SECOND) / 1e9 }) } },
    ledger: money.ledger,
    caller: { userId: "ann" },
    policy: { total: 60_000 },
    fleet: {
      enter: () => (up === 0 ? stay : new Promise((resolve) => setTimeout(() => resolve(stay), up))),
      outlook: () => "waiting for e",
      engines: () => [],
    },
  });
  return { left: () => left };
}

test.each([
  [1, false],
  [2, false],
  [1, true],
  [2, true],
])("%p GPUs, streamed: %p: what is told is what is paid, and what is in the books", async (gpus, stream) => {
  const { left } = await start(gpus, 0);
  const reply = await box.post("/v1/chat/completions", { ...CHAT, stream });
  await reply.text();
  const { usage, charge = 0n } = await box.record(0);
  const taken = usage?.gpuMilliseconds ?? 0;
  expect(taken).toBeGreaterThan(0);
  expect(charge).toBe((BigInt(taken) * SECOND) / 1000n);
  if (!stream) expect(Number(reply.headers.get("x-signalbox-cost"))).toBe(Number(charge) / 1e9);
  await until("it to be in the books", async () => (await money.balance()) === 10_000_000_000n - charge);
  expect(money.ledger.held("user:ann")).toBe(0n);
  expect(left()).toBe(1);
});

test("what it waited for its engine is not paid", async () => {
  await start(1, 400);
  await (await box.post("/v1/chat/completions", CHAT)).text();
  const { usage, totalMs } = await box.record(0);
  expect(totalMs).toBeGreaterThan(390);
  expect(usage?.gpuMilliseconds).toBeLessThan(totalMs - 390);
});

test("as much is set aside as its deadline allows it to take", async () => {
  await start(2, 300);
  const reply = box.post("/v1/chat/completions", CHAT);
  await until("something to be held", () => money.ledger.held("user:ann") > 0n);
  expect(money.ledger.held("user:ann")).toBe(2n * 60n * SECOND);
  await (await reply).text();
});
