import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { MediaFetcher, WantedMedia } from "../../../src/upstream/media/fetch-media.ts";
import { Failure, invalidRequest } from "../../../src/vocabulary/failure.ts";
import { type Json, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestDeployment } from "../../harness/box.ts";

/** Media by URL, through the whole gateway: who gets the URL, who gets bytes, and who is told to send them himself. */
const PICTURE = "https://pictures.test/cat.png";
const image = (url: string) => ({ type: "image_url", image_url: { url } });
const ask = (...parts: object[]) => ({ model: "m", messages: [{ role: "user", content: [{ type: "text", text: "What is this?" }, ...parts] }] });

let first: FakeUpstream;
let second: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  first = await startFakeUpstream();
  second = await startFakeUpstream();
});
afterEach(async () => {
  await box.stop();
  first.play({});
  first.forget();
  second.forget();
});
afterAll(async () => {
  await first.stop();
  await second.stop();
});

/** A fetcher that has everything, and remembers what it was asked for. */
function library(): MediaFetcher & { readonly asked: WantedMedia[][] } {
  const asked: WantedMedia[][] = [];
  return {
    asked,
    async fetch(wanted) {
      asked.push(wanted.map(({ url, param, type }) => ({ url, param, type })));
      return wanted.map(({ url }) => ({ mime: "image/jpg", base64: Buffer.from(url).toString("base64") }));
    },
  };
}
const bytesOf = (url: string) => Buffer.from(url).toString("base64");
const start = (media: MediaFetcher | undefined, ...deployments: TestDeployment[]) => {
  box = startBox({ models: { m: deployments }, media });
};

const geminiParts = (body: Json | undefined) => listOf(objectOf(listOf(objectOf(body)["contents"])[0])["parts"]);
const ollamaImages = (body: Json | undefined) => listOf(objectOf(listOf(objectOf(body)["messages"])[0])["images"]);

describe("allowed", () => {
  test("Gemini gets the bytes, under the type's registered name", async () => {
    const media = library();
    start(media, { kind: "gemini", url: first.url });
    expect((await box.post("/v1/chat/completions", ask(image(PICTURE)))).status).toBe(200);
    expect(geminiParts(first.seen[0]?.json)).toEqual([{ text: "What is this?" }, { inlineData: { mimeType: "image/jpeg", data: bytesOf(PICTURE) } }]);
    expect(media.asked).toEqual([[{ url: PICTURE, param: "messages[0].content[1]", type: "image" }]]);
  });

  test("an upstream of the client's own dialect that fetches nothing gets the bytes; without media it gets the client's", async () => {
    const media = library();
    start(media, { kind: "vllm", url: first.url, profile: { imageUrls: false } });
    expect((await box.post("/v1/chat/completions", ask(image(PICTURE)))).status).toBe(200);
    const [message] = listOf(objectOf(first.seen[0]?.json)["messages"]).map(objectOf);
    expect(listOf(message?.["content"])[1]).toEqual(image(`data:image/jpeg;base64,${bytesOf(PICTURE)}`) as Json);
    const plain = '{"model":"m", "messages":[{"role":"user","content":"hi"}], "temperature":1.0}';
    expect((await box.post("/v1/chat/completions", plain)).status).toBe(200);
    expect(first.seen[1]?.text).toBe(plain);
  });

  test("Ollama gets the bytes, in a stream too", async () => {
    start(library(), { kind: "ollama", url: first.url });
    const answer = await box.post("/v1/chat/completions", { ...ask(image(PICTURE)), stream: true });
    expect(await answer.text()).toEndWith("data: [DONE]\n\n");
    expect(ollamaImages(first.seen[0]?.json)).toEqual([bytesOf(PICTURE)]);
  });

  test("several are fetched together, between those that came as bytes", async () => {
    const media = library();
    start(media, { kind: "ollama", url: first.url });
    const other = "https://pictures.test/dog.png";
    await box.post("/v1/chat/completions", ask(image(PICTURE), image("data:image/png;base64,AAAA"), image(other)));
    expect(ollamaImages(first.seen[0]?.json)).toEqual([bytesOf(PICTURE), "AAAA", bytesOf(other)]);
    expect(media.asked.map((batch) => batch.map(({ param }) => param))).toEqual([["messages[0].content[1]", "messages[0].content[3]"]]);
  });

  test("what one attempt fetched serves the next", async () => {
    const media = library();
    first.play(failing(503));
    start(media, { kind: "gemini", url: first.url }, { kind: "ollama", url: second.url });
    expect((await box.post("/v1/chat/completions", ask(image(PICTURE)))).status).toBe(200);
    expect(geminiParts(first.seen[0]?.json)[1]).toEqual({ inlineData: { mimeType: "image/jpeg", data: bytesOf(PICTURE) } });
    expect(ollamaImages(second.seen[0]?.json)).toEqual([bytesOf(PICTURE)]);
    expect(media.asked).toHaveLength(1);
  });

  test("the same address in another request is fetched again", async () => {
    const media = library();
    start(media, { kind: "ollama", url: first.url });
    for (let round = 0; round < 2; round++) await box.post("/v1/chat/completions", ask(image(PICTURE)));
    expect(media.asked).toHaveLength(2);
  });

  test("what cannot be had is the client's 400, and nobody else is asked", async () => {
    const refusing: MediaFetcher = {
      fetch: async ([wanted]) => Promise.reject(invalidRequest(wanted?.param ?? "", "its host is not a public one")),
    };
    start(refusing, { kind: "gemini", url: first.url }, { kind: "ollama", url: second.url });
    const answer = await box.post("/v1/chat/completions", ask(image("https://inside.test/")));
    expect([answer.status, objectOf(objectOf(await answer.json())["error"])["param"]]).toEqual([400, "messages[0].content[1]"]);
    expect([first.seen.length, second.seen.length]).toEqual([0, 0]);
    expect((await box.record(0)).failure).toBe("invalid-request");
  });

  test("a client that leaves stops the fetching", async () => {
    const begun = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<unknown>();
    const slow: MediaFetcher = {
      fetch: (_wanted, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            stopped.resolve(signal.reason);
            reject(signal.reason);
          });
          begun.resolve();
        }),
    };
    start(slow, { kind: "ollama", url: first.url });
    const leaving = new AbortController();
    const answer = box.post("/v1/chat/completions", ask(image(PICTURE)), { signal: leaving.signal }).catch((error: unknown) => error);
    await begun.promise;
    leaving.abort();
    await answer;
    const reason = await stopped.promise;
    expect(reason instanceof Failure && reason.kind).toBe("client-left");
    expect((await box.record(0)).outcome).toBe("client-left");
    expect(first.seen).toHaveLength(0);
  });
});

describe("left as it is", () => {
  test("for an upstream that fetches for itself", async () => {
    const media = library();
    start(media, { kind: "anthropic", url: first.url, model: "claude-sonnet-4-5" });
    await box.post("/v1/chat/completions", ask(image(PICTURE)));
    expect(first.seen[0]?.text).toContain(PICTURE);
    expect(media.asked).toEqual([]);
  });

  test("on the express lane", async () => {
    const media = library();
    start(media, { kind: "llama.cpp", url: first.url });
    await box.post("/v1/chat/completions", ask(image(PICTURE)));
    expect(first.seen[0]?.text).toContain(PICTURE);
    expect(media.asked).toEqual([]);
  });

  test("when it is an address of the upstream's own", async () => {
    const media = library();
    start(media, { kind: "gemini", url: first.url });
    const film = "https://www.youtube.com/watch?v=1";
    await box.post("/v1/chat/completions", ask({ type: "video_url", video_url: { url: film } }));
    expect(geminiParts(first.seen[0]?.json)[1]).toEqual({ fileData: { fileUri: film, mimeType: "video/mp4" } });
    expect(media.asked).toEqual([]);
  });
});

test.each(["gemini", "ollama"])("not allowed: %s asks for a data: URL", async (kind) => {
  start(undefined, { kind, url: first.url });
  const answer = await box.post("/v1/chat/completions", ask(image(PICTURE)));
  expect(answer.status).toBe(400);
  expect(objectOf(objectOf(await answer.json())["error"])).toMatchObject({ param: "messages[0].content[1]", message: expect.stringContaining("data: URL") });
  expect(first.seen).toHaveLength(0);
});
