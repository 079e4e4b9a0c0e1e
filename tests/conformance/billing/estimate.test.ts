import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { testTariff } from "../../../src/vocabulary/price.fixture.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

let box: TestBox;
beforeAll(() => {
  box = startBox({
    models: {
      m: [{ kind: "openai-compatible", url: "http://127.0.0.1:1/v1", more: { price: testTariff({ input: 1, output: 2 }) } }],
      mixed: [
        { kind: "openai-compatible", url: "http://127.0.0.1:1/v1", model: "a", more: { price: testTariff({ input: 1, output: 2 }) } },
        { kind: "openai-compatible", url: "http://127.0.0.1:1/v1", model: "b" },
      ],
    },
  });
});
afterAll(() => box.stop());

const estimate = async (body: object) => (await (await box.post("/billing/estimate", body)).json()) as Record<string, unknown>;
const CHAT = { model: "m", messages: [{ role: "user", content: "hello there" }] };

describe("an estimate", () => {
  test("is the most it can cost, by what is held for it, and about what its prompt costs", async () => {
    const told = await estimate({ ...CHAT, max_tokens: 100 });
    const [prompt, most] = [Number(told["prompt_tokens"]), Number(told["max_prompt_tokens"])];
    expect(most).toBeGreaterThan(prompt);
    expect(told).toMatchObject({
      model: "m",
      max_cost_nano: String(most * 1000 + 100 * 2000),
      max_completion_tokens: 100,
      completion_bounded: true,
      deployments: [{ deployment: "openai-compatible/m", price: "known", prompt_cost_nano: String(prompt * 1000) }],
    });
  });

  test("says when the answer has no bound, and assumes one", async () => {
    expect(await estimate(CHAT)).toMatchObject({ max_completion_tokens: 4096, completion_bounded: false });
  });

  test("knows nothing where one of the prices is not known", async () => {
    expect(await estimate({ ...CHAT, model: "mixed" })).toMatchObject({
      max_cost: null,
      max_cost_nano: null,
      deployments: [{ price: "known" }, { price: "unpriced", max_cost: null }],
    });
  });

  test("is nobody's who may not have the model", async () => {
    expect((await box.post("/billing/estimate", { ...CHAT, model: "none" })).status).toBe(404);
  });
});
