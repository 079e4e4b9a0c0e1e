import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../src/vocabulary/json.ts";
import { keepingBox } from "./kept.ts";

/** What clients say of the cache, who shares it, and how long it remembers. */
const { fake, box, clock, chat, post } = await keepingBox((fake) => ({
  models: {
    m: [{ kind: "openai", url: fake.url }],
    claude: [{ kind: "anthropic", url: fake.url, model: "claude-sonnet-4-5" }],
    gemini: [{ kind: "gemini", url: fake.url, model: "gemini-2.5-flash" }],
    qwen: [{ kind: "ollama", url: fake.url }],
  },
  aliases: { m: ["also-m"] },
  callers: {
    ann: { keyId: "key_1", userId: "ann" },
    "ann-too": { keyId: "key_2", userId: "ann" },
    "ann-strict": { keyId: "key_2", userId: "ann", strict: true },
    bob: { keyId: "key_3", userId: "bob" },
    script: { keyId: "key_4" },
    webui: { keyId: "key_5", vouches: true },
  },
}));

const cacheOf = async (more?: JsonObject, headers?: Record<string, string>) => (await chat(more, headers)).cache;
const by = (key: string, headers: Record<string, string> = {}) => ({ ...headers, authorization: `Bearer ${key}` });

describe("who shares answers", () => {
  test("the keys of one user, and nobody else", async () => {
    expect(await cacheOf({}, by("ann"))).toBe("miss");
    const others = ["ann", "ann-too", "ann-strict", "bob", "script"];
    const told = [];
    for (const key of others) told.push(await cacheOf({}, by(key)));
    expect(told).toEqual(["hit", "hit", "miss", "miss", "miss"]);
  });

  test("of those a key vouches for, each alone", async () => {
    const user = (id: string) => by("webui", { "x-openwebui-user-id": id });
    const told = [];
    for (const headers of [user("u1"), user("u1"), user("u2"), by("webui")]) told.push(await cacheOf({}, headers));
    expect(told).toEqual(["miss", "hit", "miss", "miss"]);
  });

  test("an alias is the model", async () => {
    expect([await cacheOf(), await cacheOf({ model: "also-m" })]).toEqual(["miss", "hit"]);
  });
});

describe("Cache-Control", () => {
  test("no-cache asks anew, and what it gets is given from then on", async () => {
    fake.play({ answer: { text: "first" } });
    await chat();
    fake.play({ answer: { text: "second" } });
    expect(await cacheOf({}, { "cache-control": "no-cache" })).toBe("bypass");
    const again = await chat();
    expect([again.cache, again.text.includes("second")]).toEqual(["hit", true]);
  });

  test("no-store neither reads nor keeps", async () => {
    const noStore = { "cache-control": "no-store" };
    expect([await cacheOf({}, noStore), await cacheOf(), await cacheOf({}, noStore)]).toEqual(["bypass", "miss", "bypass"]);
    expect(fake.seen.length).toBe(3);
  });

  test("max-age takes nothing older", async () => {
    await chat();
    clock.time += 10_500;
    const young = await chat({}, { "cache-control": "max-age=30" });
    expect([young.cache, young.headers.get("age")]).toEqual(["hit", "10"]);
    expect(await cacheOf({}, { "cache-control": "max-age=9" })).toBe("miss");
    expect((await chat()).headers.get("age")).toBe("0");
  });

  test("only-if-cached asks no upstream", async () => {
    const only = { "cache-control": "only-if-cached" };
    const none = await chat({}, only);
    expect([none.status, none.cache, none.headers.get("x-should-retry"), none.text.includes("not_cached")]).toEqual([504, null, "false", true]);
    await chat();
    expect([(await chat({}, only)).cache, fake.seen.length]).toEqual(["hit", 1]);
  });
});

describe("the body's cache field", () => {
  test("is LiteLLM's: no-cache, no-store, ttl, s-maxage, namespace", async () => {
    expect(await cacheOf({ cache: {} })).toBe("miss");
    expect(await cacheOf({ cache: { namespace: "n" } })).toBe("miss");
    expect(await cacheOf({ cache: { namespace: "n" } })).toBe("hit");
    expect(await cacheOf({ cache: { "no-cache": true } })).toBe("bypass");
    expect(await cacheOf({ cache: { "no-store": true } })).toBe("bypass");
    clock.time += 20_000;
    expect(await cacheOf({ cache: { "s-maxage": 10 } })).toBe("miss");
    expect(await cacheOf({ cache: { ttl: 600, "no-cache": true } })).toBe("bypass");
    clock.time += 599_000;
    expect(await cacheOf()).toBe("hit");
    clock.time += 1_000;
    expect(await cacheOf()).toBe("miss");
  });

  test("goes to no upstream, in any dialect", async () => {
    const override = { cache: { ttl: 5 } };
    const messages = [{ role: "user", content: "hi" }];
    const contents = [{ role: "user", parts: [{ text: "hi" }] }];
    const calls: [string, JsonObject][] = ["m", "claude", "gemini", "qwen"].flatMap((model): [string, JsonObject][] => [
      ["/v1/chat/completions", { model, messages, ...override }],
      ["/v1/messages", { model, messages, max_tokens: 9, ...override }],
      ["/v1/responses", { model, input: "hi", ...override }],
      [`/v1beta/models/${model}:generateContent`, { contents, ...override }],
      ["/api/chat", { model, messages, stream: false, ...override }],
      ["/v1/embeddings", { model, input: "hi", ...override }],
    ]);
    for (const [path, body] of calls) {
      if (path === "/v1/embeddings" && body["model"] === "claude") continue;
      fake.forget();
      const told = await post(path, body);
      expect([path, body["model"], told.status, told.headers.get("x-signalbox-warnings")]).toEqual([path, body["model"], 200, null]);
      expect([path, fake.seen.length, fake.seen[0]?.text.includes('"cache"')]).toEqual([path, 1, false]);
    }
  });

  test.each<[string, JsonObject]>([
    ["a name we do not know", { ttl: 5, type: "ephemeral" }],
    ["no object", [true] as unknown as JsonObject],
  ])("%s is not for us: it goes upstream as it came", async (_name, cache) => {
    await chat({ cache });
    expect(fake.seen[0]?.json).toMatchObject({ cache });
    expect(await cacheOf()).toBe("miss");
  });

  test("that makes no sense is refused, and nobody is asked", async () => {
    const told = await chat({ cache: { ttl: "5" } });
    expect([told.status, told.text.includes('"param":"cache.ttl"'), fake.seen.length]).toEqual([400, true, 0]);
  });
});

test("what is kept expires", async () => {
  await chat();
  clock.time += 59_999;
  expect(await cacheOf()).toBe("hit");
  clock.time += 1;
  expect(await cacheOf()).toBe("miss");
});

test("what differs in meaning shares nothing; in form, books and cost all", async () => {
  await chat();
  const told: string[] = [];
  const differ: JsonObject[] = [
    { stream: true, user: "u", metadata: { a: "b" }, store: false, prompt_cache_key: "k", service_tier: "flex" },
    { messages: [{ content: "hi", role: "user" }] },
    { temperature: 0 },
    { seed: 1 },
    { messages: [{ role: "user", content: "hi " }] },
    { something_new: 1 },
  ];
  for (const each of differ) told.push(String(await cacheOf(each)));
  expect(told).toEqual(["hit", "hit", "miss", "miss", "miss", "miss"]);
  expect(await cacheOf({}, { "openai-beta": "x=1" })).toBe("miss");
  expect(box.cache?.state().counts).toMatchObject({ shared: 0, semantic: 0 });
});
