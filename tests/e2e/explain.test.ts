import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type JsonObject, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { STRATEGIES } from "../../src/vocabulary/model.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

// Starts are slow on a busy machine; nothing here is measured.
setDefaultTimeout(60_000);

/** What would happen to a request, as the real gateway tells it, and that it did not. */
let fake: FakeUpstream;
let gateway: GatewayProcess;
const MINE = "sb-explain-mine-0123456789";

beforeAll(async () => {
  fake = await startFakeUpstream();
  const provider = { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: "none" };
  const three = (["a", "b", "c"] as const).map((name) => ({ provider: name, model: "m" }));
  gateway = await startGateway({
    config: {
      providers: { a: provider, b: { ...provider, api_keys: ["one", "two"], api_key: undefined }, c: provider },
      models: {
        ...Object.fromEntries(STRATEGIES.map((strategy) => [strategy, { strategy, deployments: three, price: { input: 1, output: 2 } }])),
        ruled: {
          rules: [
            { when: { source: "webui" }, prefer: "c" },
            { when: { tag: "night" }, only: "b" },
            { when: { prompt_tokens_over: 200 }, only: "a", sticky: "session" },
          ],
          deployments: three,
          fallbacks: ["small"],
          context_fallbacks: ["weighted"],
        },
        small: { deployments: [{ provider: "a", model: "small", context_window: 50, abilities: [] }] },
        overflowing: { deployments: [{ provider: "a", model: "small", context_window: 50 }], context_fallbacks: ["weighted"] },
        closed: { deployments: [{ provider: "a", model: "x", hours: { from: "00:00", to: "00:01", days: [] } }] },
      },
      keys: [{ name: "mine", key: MINE, source: "webui", models: ["ruled", "small"] }],
      cache: { enabled: true },
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await fake.stop();
});

const admin = () => ({ authorization: `Bearer ${gateway.key}` });
const HELLO = [{ role: "user", content: "hi" }];
const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(gateway.url + path, { method: "POST", headers: { ...admin(), ...headers }, body: typeof body === "string" ? body : JSON.stringify(body) });
async function explain(body: unknown, query: Record<string, string> = {}, headers: Record<string, string> = {}): Promise<JsonObject> {
  const answer = await post(`/admin/explain?${new URLSearchParams(query)}`, body, headers);
  const json = objectOf(await answer.json());
  expect([answer.status, json]).toEqual([200, json]);
  return json;
}
const page = async (path: string) => (await fetch(gateway.url + path, { headers: admin() })).text();
const idsOf = (targets: unknown) => (targets as readonly JsonObject[]).map(({ deployment }) => deployment).join(" ");
const real = async (body: JsonObject, headers: Record<string, string> = {}) => {
  const answer = await post("/v1/chat/completions", body, headers);
  await answer.text();
  return answer;
};

test("a chat: who would be asked, in which order and why, with what their places were reckoned from", async () => {
  expect(await explain({ model: "least_busy", messages: HELLO })).toEqual({
    model: "least_busy",
    operation: "chat",
    dialect: "openai-chat",
    stream: false,
    rule: null,
    strategy: "least_busy",
    prompt: { bytes: 66, tokens: 5, answer_tokens: null, needs: [] },
    targets: [
      { deployment: "a/m", why: "the least busy", score: { in_flight: 0, capacity: 1 } },
      { deployment: "b/m", key: "key 1", why: "busier, or later in turn", score: { in_flight: 0, capacity: 1 } },
      { deployment: "c/m", why: "busier, or later in turn", score: { in_flight: 0, capacity: 1 } },
    ],
    left_out: [],
    last_resort: [],
    fallbacks: { failure: [], overflow: [], refusal: [] },
    cache: { outcome: "miss", semantic: false },
    limits: [],
    budget: { attempts: 3, deadlines: { connect_ms: 5000, first_token_ms: 60_000, idle_ms: 60_000, total_ms: 600_000 } },
  });
});

describe("every route by which a model is asked", () => {
  const CONTENTS = { contents: [{ role: "user", parts: [{ text: "hi" }] }] };
  test.each<[string, JsonObject, string, string]>([
    ["/v1/chat/completions", { messages: HELLO }, "chat", "openai-chat"],
    ["/chat/completions/stream", { messages: HELLO }, "chat", "openai-chat"],
    ["/v1/completions", { prompt: "hi" }, "completions", "openai-completions"],
    ["/v1/responses", { input: "hi" }, "chat", "openai-responses"],
    ["/v1/responses/input_tokens", { input: "hi" }, "count-tokens", "openai-responses"],
    ["/v1/messages", { messages: HELLO, max_tokens: 9 }, "chat", "anthropic-messages"],
    ["/v1/messages/count_tokens", { messages: HELLO }, "count-tokens", "anthropic-messages"],
    ["/v1beta/models/weighted:generateContent", CONTENTS, "chat", "gemini"],
    ["/v1beta/models/weighted:streamGenerateContent?alt=sse", CONTENTS, "chat", "gemini"],
    ["/v1beta/models/weighted:embedContent", { content: { parts: [{ text: "hi" }] } }, "embeddings", "gemini-embeddings"],
    ["/api/chat", { messages: HELLO }, "chat", "ollama"],
    ["/api/generate", { prompt: "hi" }, "chat", "ollama-generate"],
    ["/api/embed", { input: "hi" }, "embeddings", "ollama-embeddings"],
    ["/v1/embeddings", { input: "hi" }, "embeddings", "openai-embeddings"],
    ["/v1/moderations", { input: "hi" }, "moderations", "openai-moderations"],
    ["/v1/images/generations", { prompt: "hi" }, "images", "openai-images"],
    ["/v1/audio/speech", { input: "hi", voice: "v" }, "speech", "openai-audio"],
    ["/v2/rerank", { query: "hi", documents: ["a"] }, "rerank", "openai-rerank"],
  ])("%s", async (route, body, operation, dialect) => {
    const { refused, ...told } = await explain({ model: "weighted", ...body }, { route });
    expect(refused).toBeUndefined();
    expect(told).toMatchObject({ model: "weighted", operation, dialect });
    expect(idsOf(told["targets"]).split(" ").toSorted()).toEqual(["a/m", "b/m", "c/m"]);
  });

  test("a form goes to the disk and away again", async () => {
    const form = new FormData();
    form.set("model", "weighted");
    form.set("file", new File(["x".repeat(1000)], "a.wav"));
    const answer = await fetch(`${gateway.url}/admin/explain?route=/v1/audio/transcriptions`, { method: "POST", headers: admin(), body: form });
    expect(objectOf(await answer.json())).toMatchObject({ model: "weighted", operation: "transcriptions", prompt: null });
  });

  test.each(["/v1/models", "/nowhere", "/admin/keys", "/health"])("%s takes none", async (route) => {
    const answer = await post(`/admin/explain?route=${route}`, { model: "m" });
    expect([answer.status, objectOf(objectOf(await answer.json())["error"])["param"]]).toEqual([400, "route"]);
  });
});

describe("what is known of a request counts as it would", () => {
  test.each<[string, JsonObject, Record<string, string>, object]>([
    ["its source", {}, { "x-signalbox-source": "webui" }, { rule: { name: "rule 1", prefer: "c" }, targets: [{ deployment: "c/m" }, {}, {}] }],
    ["its tags", {}, { "x-signalbox-tags": "day, night" }, { rule: { name: "rule 2", only: "b" }, targets: [{ deployment: "b/m" }] }],
    [
      "its length",
      { messages: [{ role: "user", content: "long ".repeat(300) }] },
      { "x-signalbox-session": "s1" },
      { rule: { name: "rule 3", when: { prompt_tokens_over: 200 }, sticky: "session" }, targets: [{ deployment: "a/m" }] },
    ],
  ])("%s", async (_what, body, headers, expected) => {
    expect(await explain({ model: "ruled", messages: HELLO, ...body }, {}, headers)).toMatchObject(expected);
  });

  test("those left out say why, and fallbacks are told by what would lead to them", async () => {
    const told = await explain(
      { model: "ruled", messages: HELLO, tools: [{ type: "function", function: { name: "f", parameters: { type: "object" } } }] },
      {},
      { "x-signalbox-tags": "night" },
    );
    expect(told).toMatchObject({
      prompt: { needs: ["tools"] },
      left_out: [
        { deployment: "a/m", why: "the rule wants others only" },
        { deployment: "c/m", why: "the rule wants others only" },
        { deployment: "a/small", why: "fallback small: it cannot do what this needs" },
      ],
      fallbacks: { failure: [], overflow: [{ why: expect.stringContaining("fallback weighted: ") }, {}], refusal: [] },
    });
  });

  test("a key's models and source", async () => {
    const keys = listOf(objectOf(JSON.parse(await page("/admin/keys")))["data"]).map(objectOf);
    const key_id = String(keys.find(({ name }) => name === "mine")?.["id"]);
    expect(await explain({ model: "ruled", messages: HELLO }, { key_id })).toMatchObject({ rule: { name: "rule 1" } });
    expect(await explain({ model: "weighted", messages: HELLO }, { key_id })).toMatchObject({ targets: [], refused: { kind: "model-not-found", status: 404 } });
    expect((await post("/admin/explain?key_id=key_none", {})).status).toBe(404);
  });

  test("a key that has ended would be refused", async () => {
    const { id } = objectOf(await (await post("/admin/keys", { name: "gone" })).json());
    await fetch(`${gateway.url}/admin/keys/${id}`, { method: "DELETE", headers: admin() });
    expect(await explain({ model: "ruled" }, { key_id: String(id) })).toMatchObject({ refused: { kind: "invalid-key", status: 401 }, model: null });
  });

  test("what the cache would do", async () => {
    const body = { model: "weighted", messages: [{ role: "user", content: "keep this" }] };
    expect(await explain(body)).toMatchObject({ cache: { outcome: "miss" } });
    const lone = await explain(body, {}, { "cache-control": "only-if-cached" });
    expect(lone["refused"]).toMatchObject({ kind: "not-cached", status: 504 });
    await real(body);
    for (let told: JsonObject = {}; objectOf(told["cache"])["outcome"] !== "hit"; ) told = await explain(body);
    expect(await explain(body, {}, { "cache-control": "no-cache" })).toMatchObject({ cache: { outcome: "bypass" } });
    expect(await explain(body, {}, { "cache-control": "only-if-cached" })).not.toHaveProperty("refused");
  });
});

describe("what would be refused is, in the same words", () => {
  const LONG = [{ role: "user", content: "x".repeat(3000) }];
  test.each<[string, string, unknown]>([
    ["no JSON", "/v1/chat/completions", "{"],
    ["no messages", "/v1/chat/completions", { model: "weighted", messages: 7 }],
    ["no such model", "/v1/chat/completions", { model: "wieghted", messages: HELLO }],
    ["too long, and nobody larger", "/v1/chat/completions", { model: "small", messages: LONG }],
    ["closed", "/v1/chat/completions", { model: "closed", messages: HELLO }],
    ["Google's words", "/v1beta/models/none:generateContent", { contents: [{ parts: [{ text: "hi" }] }] }],
    ["a cache override that makes no sense", "/v1/chat/completions", { model: "weighted", messages: HELLO, cache: { ttl: "long" } }],
  ])("%s", async (_name, route, body) => {
    const answer = await post(route, body);
    const { error } = objectOf(await answer.json());
    const { refused } = await explain(body, { route });
    expect(refused).toMatchObject({ status: answer.status, message: objectOf(error)["message"] });
  });

  test("not when a fallback would take it", async () => {
    const told = await explain({ model: "overflowing", messages: LONG });
    expect([told["refused"], told["targets"], listOf(objectOf(told["fallbacks"])["overflow"]).length]).toEqual([undefined, [], 3]);
  });
});

describe("nothing happens", () => {
  /** All that is counted, kept and known, but when the operator's own key was last used. */
  const everything = async () => {
    // Rows on their way to the disk are there when they are asked for.
    const rows = await page("/admin/requests");
    const pages = ["/metrics", "/admin/deployments", "/admin/cache", "/admin/models", "/health"];
    return { rows, asked: fake.seen.filter(({ method }) => method === "POST").length, pages: await Promise.all(pages.map(page)) };
  };
  const requests = fc.record({
    model: fc.constantFrom(...STRATEGIES, "ruled", "small", "overflowing", "closed", "none"),
    content: fc.constantFrom("hi", "x".repeat(600), "the same beginning ".repeat(40)),
    route: fc.constantFrom("/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/embeddings", "/api/chat"),
    session: fc.constantFrom("one", "two"),
    stream: fc.boolean(),
  });
  type Wanted = typeof requests extends fc.Arbitrary<infer One> ? One : never;
  const explained = ({ model, content, route, session, stream }: Wanted) => {
    const text = [{ role: "user", content }];
    return explain({ model, messages: text, input: content, max_tokens: 50, stream }, { route }, { "x-signalbox-session": session });
  };

  test.each(["round_robin", "weighted", "least_busy", "prefix"])("to %s, however often it is explained between two requests", async (model) => {
    let count = 0;
    const next = () => ({ model, messages: [{ role: "user", content: `${"the same beginning ".repeat(40)}${model} ${count}` }] });
    for (; count < 4; count++) {
      const told = await explain(next());
      const before = await everything();
      await fc.assert(
        fc.asyncProperty(requests, async (each) => void (await explained(each))),
        { numRuns: 100 },
      );
      expect(await everything()).toEqual(before);
      expect(await explain(next())).toEqual(told);
      const [first] = listOf(told["targets"]).map(objectOf);
      expect((await real(next())).headers.get("x-signalbox-deployment")).toBe(String(first?.["deployment"]));
    }
  });
});

describe("signalbox explain", () => {
  const command = (words: readonly string[], input = "") => runCommand(gateway, ["explain", ...words], { input });
  const BODY = JSON.stringify({ model: "ruled", messages: HELLO });

  test("tells it as a table, of what is piped in", () => {
    const { status, stdout } = command(["--header", "x-signalbox-tags: night"], BODY);
    expect(status).toBe(0);
    expect(stdout.trim().split("\n")).toEqual([
      "ruled: chat, asked for in openai-chat.",
      "Prompt: 61 bytes, about 5 tokens.",
      "Strategy weighted. Rule 2 allows only b.",
      "The cache: miss.",
      "",
      "ASKED, IN THIS ORDER  WHY           RECKONED FROM",
      "b/m, key 1            the only one  weight 1, of 1",
      "",
      "LEFT OUT  WHY",
      "a/m       the rule wants others only",
      "c/m       the rule wants others only",
      "",
      "WHEN THEY FAIL  WHY",
      "a/small         fallback small: the only deployment",
      "",
      "WHEN THE PROMPT IS TOO LONG  WHY                              RECKONED FROM",
      expect.stringMatching(/^[ac]\/m +fallback weighted: its turn +weight 1, of 3$/),
      expect.stringMatching(/^[ac]\/m +fallback weighted: next in turn +weight 1, of 3$/),
      "",
      "At most 3 attempts.",
    ]);
  });

  test("of a file, for another route and key; or as JSON", () => {
    const file = join(gateway.folder, "request.json");
    writeFileSync(file, JSON.stringify({ model: "weighted", messages: HELLO, max_tokens: 5 }));
    const refused = command([file, "--route", "/v1/messages", "--key", "mine"]).stdout;
    expect(refused).toContain("weighted: chat, asked for in anthropic-messages.");
    expect(refused).toContain('Refused, 404 model-not-found: The model "weighted" does not exist, or this key may not use it.');
    expect(JSON.parse(command(["-", "--json"], BODY).stdout)).toMatchObject({ model: "ruled", strategy: "weighted" });
  });

  test.each<[string, readonly string[]]>([
    ["cannot be read", ["nowhere.json"]],
    ["There is no key none", ["--key", "none"]],
    ["is no header", ["--header", "nonsense"]],
    ["route must be a path", ["--route", "/nowhere"]],
  ])("%s", (words, given) => {
    const { status, stderr } = command(given, BODY);
    expect([status, stderr.includes(words)]).toEqual([1, true]);
  });
});
