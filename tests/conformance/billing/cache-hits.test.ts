import { afterEach, expect, test } from "bun:test";
import { dollarsOf, type Nano } from "../../../src/vocabulary/money.ts";
import { testTariff } from "../../../src/vocabulary/price.fixture.ts";
import type { Script } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { type TestMoney, testMoney } from "../../harness/money.ts";
import { kept } from "../caching/kept.ts";

/** Ten nano-dollars a token: so little that parts are rounded. */
const PRICE = testTariff({ input: 0.01, output: 0.01 });
const SCRIPT: Script = { answer: { text: "one two three", usage: { input: 10, output: 5 } } };
const CHARGE: Nano = 150n;
const CHAT = { model: "m", messages: [{ role: "user", content: "hello there" }], max_tokens: 100 };

let money: TestMoney;
let fake: FakeUpstream;
let box: TestBox;
afterEach(async () => {
  await box.stop();
  await fake.stop();
  await money.close();
});

async function start(cacheHits: number, { balance = 1_000_000n, enabled = true, unpriced = false, shareInFlight = false } = {}) {
  money = testMoney({ enabled });
  fake = await startFakeUpstream(SCRIPT);
  await money.grant("user:ann", balance);
  box = startBox({
    models: { m: [{ kind: "openai-compatible", url: `${fake.url}/v1` }] },
    more: { m: unpriced ? {} : { price: PRICE } },
    ledger: money.ledger,
    caller: { userId: "ann" },
    billing: { cacheHits },
    cache: { policy: { shareInFlight } },
  });
}

async function ask(path: string, body: object) {
  const reply = await box.post(path, body);
  const text = await reply.text();
  await kept();
  return { status: reply.status, text, cache: reply.headers.get("x-signalbox-cache"), cost: reply.headers.get("x-signalbox-cost") };
}

const ROUTES: readonly (readonly [name: string, path: string, body: object, charge: Nano])[] = [
  ["chat", "/v1/chat/completions", CHAT, CHARGE],
  ["chat, streamed", "/v1/chat/completions", { ...CHAT, stream: true }, CHARGE],
  ["messages", "/v1/messages", CHAT, CHARGE],
  ["embeddings", "/v1/embeddings", { model: "m", input: "hello" }, 100n],
];
test.each(ROUTES)("%s: a part of what it would have cost is charged, once, and it costs the house nothing", async (_name, path, body, charge) => {
  await start(10);
  expect((await ask(path, body)).cache).toBe("miss");
  const again = await ask(path, body);
  expect([again.status, again.cache]).toEqual([200, "hit"]);
  const part = charge / 10n;
  const record = await box.record(1);
  expect(record).toMatchObject({ cache: "hit", charge: part, cost: 0n, priceVersion: "config test", accounts: ["user:ann"] });
  const [entry] = await money.entries();
  expect(entry).toMatchObject({ kind: "capture", amount: -part, held: part, evidence: "reported", promptTokens: 10, model: "m" });
  expect([await money.balance(), money.ledger.held("user:ann")]).toEqual([1_000_000n - charge - part, 0n]);
  // What a stream will cost is not known when its headers leave.
  expect(again.cost).toBe(record.stream ? null : dollarsOf(part));
});

const PARTS: readonly (readonly [name: string, percent: number, more: Parameters<typeof start>[1], row: object, left: Nano])[] = [
  ["free, unless something is charged", 0, {}, { charge: undefined, cost: undefined, accounts: undefined }, 999_850n],
  ["as if it were fresh, with all of it", 100, {}, { charge: 150n, cost: 0n }, 999_700n],
  ["rounded half-up", 1, {}, { charge: 2n, cost: 0n }, 999_848n],
  ["told where nobody keeps count", 10, { enabled: false }, { charge: 15n, cost: 0n, accounts: undefined }, 1_000_000n],
  ["nothing where nobody knows a price", 10, { unpriced: true }, { charge: undefined, cost: undefined }, 1_000_000n],
];
test.each(PARTS)("a hit is %s", async (_name, percent, more, row, left) => {
  await start(percent, more);
  await ask("/v1/chat/completions", CHAT);
  expect((await ask("/v1/chat/completions", CHAT)).cache).toBe("hit");
  expect(await box.record(1)).toMatchObject(row);
  expect(await money.balance()).toBe(left);
});

test("who cannot pay for the part is refused, and nothing is given", async () => {
  await start(50, { balance: 10_000n });
  await ask("/v1/chat/completions", CHAT);
  const spent = 9_850n - 74n;
  await money.desk.enter({ id: "taken", kind: "adjust", account: "user:ann", amount: -spent, held: 0n, at: 0, description: "Adjustment" });
  money.ledger.changed("user:ann");
  const refused = await ask("/v1/chat/completions", CHAT);
  expect([refused.status, refused.text.includes("one two three"), refused.text.includes("insufficient_quota")]).toEqual([429, false, true]);
  expect([await money.balance(), money.ledger.held("user:ann")]).toEqual([74n, 0n]);
});

test("who comes while the same is being asked pays the part as well, and whoever asked first the whole", async () => {
  await start(10, { shareInFlight: true });
  fake.play({ ...SCRIPT, delay: 100 });
  const told = await Promise.all(Array.from({ length: 4 }, () => ask("/v1/chat/completions", CHAT)));
  expect([told.map(({ status }) => status), fake.seen.length]).toEqual([[200, 200, 200, 200], 1]);
  // Whoever came too late for the one was in time for the other.
  expect(told.map(({ cache }) => cache?.replace("hit", "shared")).sort()).toEqual(["miss", "shared", "shared", "shared"]);
  expect([await money.balance(), money.ledger.held("user:ann")]).toEqual([1_000_000n - CHARGE - 3n * (CHARGE / 10n), 0n]);
});
