import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";

/** Rules speak of tokens, which are estimated; what prompts turned out to have corrects that. */
let fake: FakeUpstream;
let box: TestBox;

/** Russian takes more tokens than its bytes make one think: this upstream counts two and a half bytes to each, where the estimate takes four. */
const TEXT = "Расскажи, как устроен шлюз, и зачем он нужен. ".repeat(50);
const BYTES = Buffer.byteLength(TEXT);
const OVER = Math.round(BYTES / 3);

beforeAll(async () => {
  fake = await startFakeUpstream(() => ({ answer: { text: "да", usage: { input: Math.ceil(BYTES / 2.5), output: 1 } } }));
});
beforeEach(() => {
  const deployments = [
    { kind: "openai", url: fake.url, model: "short" },
    { kind: "openai", url: fake.url, model: "long", more: { tier: 1, tags: ["long"] } },
  ];
  const rules = [{ when: { promptTokensOver: OVER }, prefer: "long" }];
  box = startBox({ models: { ruled: deployments, plain: deployments }, more: { ruled: { rules } }, routing: {} });
});
afterEach(() => box.stop());
afterAll(() => fake.stop());

async function servedBy(model: string, stream: boolean): Promise<string> {
  const response = await box.post("/v1/chat/completions", { model, stream, messages: [{ role: "user", content: TEXT }] });
  await response.text();
  return response.headers.get("x-signalbox-deployment") ?? "";
}

test.each([false, true])("a prompt that a rule had estimated corrects the next; stream: %p", async (stream) => {
  expect([await servedBy("ruled", stream), await servedBy("ruled", stream)]).toEqual(["openai-0/short", "openai-1/long"]);
});

test("so does one that nobody had to estimate, now and then", async () => {
  expect(await servedBy("plain", true)).toBe("openai-0/short");
  await until("it to be learnt from", () => (box.routing.standings.known("openai-0/short")?.tokenFactor ?? 1) > 1.5);
  expect(await servedBy("ruled", false)).toBe("openai-1/long");
});
