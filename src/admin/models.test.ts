import { expect, test } from "bun:test";
import type { Exchange } from "../gateway/visit/exchange.ts";
import type { StandingReport } from "../routing/running/report.ts";
import { testDeployment, testModel } from "../vocabulary/model.fixture.ts";
import { testTariff } from "../vocabulary/price.fixture.ts";
import { type ModelDesk, modelRoutes } from "./models.ts";

const NIGHT = { from: 120, to: 360, days: [1, 2], timeZone: "UTC" };
const MODELS = [
  testModel(
    "llama",
    [
      testDeployment("gpu/llama", {
        tier: 0,
        tags: ["batch"],
        limits: { maxConcurrent: 3, maxQueue: 0 },
        contextWindow: 8192,
        abilities: ["tools"],
        maxBatch: 32,
        hours: NIGHT,
        price: testTariff({ input: 0 }),
      }),
      testDeployment("cloud/llama", { tier: 1, weight: 2 }),
    ],
    {
      aliases: ["llama3"],
      strategy: "prefix",
      fallbacks: ["gpt"],
      contextFallbacks: ["long"],
      contentFallbacks: ["other"],
      price: testTariff({ input: 0.1, output: 0.2, cacheRead: 0.01 }),
      hedge: { after: 2000, percent: 5 },
      rules: [{ when: { promptTokensOver: 4096, source: ["n8n"], hours: NIGHT }, priority: 5, only: "batch", sticky: { header: "x-chat" } }],
    },
  ),
  testModel("openai/*", [testDeployment("openai/*")]),
  testModel("gpu/llama", [testDeployment("gpu/llama")], { listed: false }),
];

/** What a route answers at a time when the night's deployment is closed: Sunday noon. */
async function ask(path: string, more: Partial<ModelDesk> = {}, search = ""): Promise<unknown> {
  const clock = { now: () => Date.parse("2026-11-22T12:00:00Z") };
  const desk = { models: () => MODELS, deployment: () => undefined, standing: () => undefined, engine: () => undefined, reset: () => undefined, ...more };
  const route = modelRoutes(desk, clock).find((each) => each.path === path);
  const reply = await route?.handle({ search } as Exchange);
  return (JSON.parse(String(reply?.body)) as { data: unknown }).data;
}

const NONE = { max_concurrent: null, max_queue: null, requests_per_minute: null, tokens_per_minute: null };
const GPU = {
  id: "gpu/llama",
  provider: "gpu/llama",
  kind: "openai",
  model: "gpu/llama",
  weight: 1,
  priority: 0,
  tags: ["batch"],
  limits: { ...NONE, max_concurrent: 3, max_queue: 0 },
  max_batch: 32,
  context_window: 8192,
  abilities: ["tools"],
  price: { input: 0 },
  price_state: "free",
  price_source: "deployment",
  price_version: "config test",
  hours: { from: "02:00", to: "06:00", days: ["mon", "tue"], timezone: "UTC" },
  available_from: "2026-11-23T02:00:00.000Z",
  keys: 1,
  operations: ["chat"],
  engine: null,
  resting: null,
};

test("a model is shown whole, in the config's words; second names are not listed", async () => {
  const [llama, wild, ...others] = (await ask("/admin/models")) as object[];
  expect(others).toEqual([]);
  expect(wild).toMatchObject({ name: "openai/*", wildcard: true });
  expect(llama).toEqual({
    name: "llama",
    aliases: ["llama3"],
    owned_by: "test",
    wildcard: false,
    strategy: "prefix",
    rules: [{ when: { prompt_tokens_over: 4096, source: ["n8n"], time: GPU.hours }, only: "batch", sticky: { header: "x-chat" }, priority: 5 }],
    fallbacks: ["gpt"],
    context_fallbacks: ["long"],
    content_fallbacks: ["other"],
    hedge: { after_ms: 2000, percent: 5 },
    price: { input: 0.1, output: 0.2, cache_read: 0.01 },
    price_state: "known",
    price_source: "model",
    price_version: "config test",
    deployments: [
      GPU,
      {
        ...GPU,
        id: "cloud/llama",
        provider: "cloud/llama",
        model: "cloud/llama",
        weight: 2,
        priority: 1,
        tags: [],
        limits: NONE,
        max_batch: null,
        context_window: null,
        abilities: null,
        price: { input: 0.1, output: 0.2, cache_read: 0.01 },
        price_state: "known",
        price_source: "model",
        hours: null,
        available_from: null,
      },
    ],
  });
});

const NEVER_ASKED = {
  state: "closed",
  failures: 0,
  until: null,
  resting: null,
  in_flight: 0,
  queued: 0,
  first_token_ms: null,
  per_token_ms: null,
  answer_tokens: null,
  answers: 0,
  hit_rate: 0,
  token_factor: 1,
  keys: [{ name: null, state: "closed", failures: 0, until: null, resting: null }],
  last_failure: null,
};

test("deployments have a row for each model they serve, with how they are doing", async () => {
  const { model: upstream, ...row } = GPU;
  const rows = (await ask("/admin/deployments")) as { id: string }[];
  expect(rows.map(({ id }) => id)).toEqual(["gpu/llama", "cloud/llama", "openai/*"]);
  expect(rows[0]).toEqual({ model: "llama", upstream_model: upstream, ...row, ...NEVER_ASKED } as object as { id: string });
  const one = (await ask("/admin/deployments", {}, "?model=llama3")) as object[];
  expect(one).toHaveLength(2);
});

const AT = Date.parse("2026-11-22T12:00:00Z");
const ILL: StandingReport = {
  deployment: "gpu/llama",
  circuit: "closed",
  failures: 0,
  until: AT + 60_000,
  resting: "none of its 2 keys may be used, the last: rate-limited",
  inFlight: 2,
  queued: 1,
  pace: { firstToken: 123.456, perToken: 7.001, answerTokens: 200, answers: 9 },
  hitRate: 0.3333,
  tokenFactor: 1.2345,
  keys: [
    { name: "key 1", circuit: "open", failures: 1, until: AT + 60_000, resting: "refused by its provider" },
    { name: "key 2", circuit: "half_open", failures: 3, resting: "rate-limited" },
  ],
  lastFailure: { at: AT, kind: "rate-limited", message: "slow down", status: 429 },
};

test("one that rests says why, until when, and how its keys are; models say it of theirs", async () => {
  const standing = (id: string) => (id === "gpu/llama" ? ILL : undefined);
  const [row] = (await ask("/admin/deployments", { standing })) as object[];
  expect(row).toMatchObject({
    state: "half_open",
    until: "2026-11-22T12:01:00.000Z",
    resting: ILL.resting,
    in_flight: 2,
    queued: 1,
    first_token_ms: 123.46,
    per_token_ms: 7,
    hit_rate: 0.33,
    token_factor: 1.23,
    keys: [
      { name: "key 1", state: "open", failures: 1, until: "2026-11-22T12:01:00.000Z", resting: "refused by its provider" },
      { name: "key 2", state: "half_open", failures: 3, until: null, resting: "rate-limited" },
    ],
    last_failure: { kind: "rate-limited", message: "slow down", status: 429, at: "2026-11-22T12:00:00.000Z" },
  });
  const [llama] = (await ask("/admin/models", { standing })) as { deployments: object[] }[];
  expect(llama?.deployments).toMatchObject([{ resting: ILL.resting }, { resting: null }]);
});
