import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** A client of Google's before Gemini itself: what we do not own crosses byte by byte, both ways. */
let fake: FakeUpstream;
let box: TestBox;
let fetching: TestBox;
let sourceless: TestBox;
const media = { fetch: () => Promise.reject(new Error("nothing is fetched here")) };
beforeAll(async () => {
  fake = await startFakeUpstream();
  const models = { g: [{ kind: "gemini", url: fake.url, model: "gemini-2.5-flash" }] };
  box = startBox({ models, policy: { attempts: 1 } });
  fetching = startBox({ models, policy: { attempts: 1 }, media });
  sourceless = startBox({ models, policy: { attempts: 1, removeSources: true } });
});
beforeEach(() => fake.forget());
afterAll(async () => {
  for (const each of [box, fetching, sourceless]) await each.stop();
  await fake.stop();
});

const PATH = "/v1beta/models/g";
const BODY = '{ "contents": [ {"role":"user","parts":[{"text":"hi"}]} ], "generationConfig": {"temperature": 1.0} }';
const FRAMES = [
  'data: {"candidates": [{"content": {"parts": [{"text": "Gr\\u00fc"}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 3,"totalTokenCount": 3},"modelVersion": "gemini-2.5-flash","responseId": "r"}\r\n\r\n',
  'data: {"candidates": [{"content": {"parts": [{"text": "ße"}],"role": "model"},"finishReason": "STOP","index": 0, "avgLogprobs": -1.0}],"usageMetadata": {"promptTokenCount": 3,"candidatesTokenCount": 2,"totalTokenCount": 5}}\r\n\r\n',
];
const streaming = (frames: readonly string[]) => ({ reply: { headers: { "content-type": "text/event-stream" }, frames } });

describe("a request reaches Gemini", () => {
  test.each([
    ["as it was written", BODY],
    [
      "with what nobody here knows",
      '{"contents":[{"parts":[{"text":"hi"}]}],"tools":[{"googleSearch":{}},{"codeExecution":{}}],"safetySettings":[],"cachedContent":"cachedContents/x","labels":{"n":12345678901234567890}}',
    ],
    ["in the other spelling", '{"system_instruction":{"parts":{"text":"s"}},"contents":{"parts":{"text":"hi"}}}'],
  ])("%s", async (_name, body) => {
    fake.play({ answer: { text: "ok" } });
    expect((await box.post(`${PATH}:generateContent`, body)).status).toBe(200);
    expect([fake.seen[0]?.text, fake.seen[0]?.path]).toEqual([body, "/v1beta/models/gemini-2.5-flash:generateContent"]);
  });

  test("with our key and none of the client's, and streams are asked for in frames however the client wants them", async () => {
    fake.play(streaming(FRAMES));
    for (const query of ["?alt=sse&key=sb-client", "?key=sb-client", "?$alt=json;enum-encoding=int"]) {
      const response = await box.post(`${PATH}:streamGenerateContent${query}`, BODY, {
        headers: { "x-goog-api-key": "sb-client", "x-goog-user-project": "p" },
      });
      await response.text();
    }
    for (const { path, headers } of fake.seen) {
      expect([path, headers["x-goog-api-key"], headers["x-goog-user-project"]]).toEqual([
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
        "upstream-key",
        undefined,
      ]);
    }
    expect(fake.seen).toHaveLength(3);
  });

  test("with tools of Google's own also where media would be fetched", async () => {
    fake.play({ answer: { text: "ok" } });
    const body = '{"contents":[{"parts":[{"text":"hi"}]}],"tools":[{"googleSearch":{}}]}';
    expect((await fetching.post(`${PATH}:generateContent`, body)).status).toBe(200);
    expect(fake.seen[0]?.text).toBe(body);
  });
});

describe("an answer reaches the client", () => {
  test("whole, as it was written", async () => {
    const body =
      '{\n  "candidates": [ {"content": {"parts": [ {"text": "1.0"} ], "role": "model"}, "finishReason": "STOP", "x": 1.0} ], "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 2}\n}\n';
    fake.play({ reply: { headers: { "content-type": "application/json; charset=UTF-8" }, body } });
    expect(await (await box.post(`${PATH}:generateContent`, BODY)).text()).toBe(body);
  });

  for (const chunks of ["frame", "whole", 1, 7] as const) {
    test(`in frames, cut by ${chunks}`, async () => {
      fake.play({ ...streaming(FRAMES), chunks });
      expect(await (await box.post(`${PATH}:streamGenerateContent?alt=sse`, BODY)).text()).toBe(FRAMES.join(""));
    });

    test(`as a list whose elements are those frames, cut by ${chunks}`, async () => {
      fake.play({ ...streaming(FRAMES), chunks });
      const elements = FRAMES.map((frame) => frame.slice("data: ".length, -4));
      expect(await (await box.post(`${PATH}:streamGenerateContent`, BODY)).text()).toBe(`[${elements.join(",\r\n")}]`);
    });
  }

  test("metered as reported", async () => {
    fake.play(streaming(FRAMES));
    const before = box.records.length;
    await (await box.post(`${PATH}:streamGenerateContent?alt=sse`, BODY)).text();
    const { usage, outcome } = await box.record(before);
    expect([usage?.input, usage?.output, usage?.evidence, outcome]).toEqual([3, 2, "reported", "ok"]);
  });

  test("without its sources where the operator wants none, and else as it was", async () => {
    const grounded = {
      candidates: [
        {
          content: { parts: [{ text: "Yes.", thoughtSignature: "s" }], role: "model" },
          finishReason: "STOP",
          index: 0,
          groundingMetadata: {
            groundingChunks: [{ web: { uri: "https://a" } }],
            groundingSupports: [{ segment: { endIndex: 3 }, groundingChunkIndices: [0] }],
          },
        },
      ],
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 },
      modelVersion: "gemini-2.5-flash",
      responseId: "r",
    };
    fake.play({ reply: { body: grounded } });
    const asked = {
      contents: [{ role: "user", parts: [{ text: "hi" }] }],
      generationConfig: { mediaResolution: "MEDIA_RESOLUTION_LOW", topK: 3 },
      safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "OFF" }],
    };
    const response = await sourceless.post(`${PATH}:generateContent`, asked);
    const { groundingMetadata: _sources, ...candidate } = grounded.candidates[0] ?? {};
    expect(await response.json()).toEqual({ ...grounded, candidates: [candidate] });
    expect(fake.seen[0]?.json).toEqual(asked);
    expect(response.headers.get("x-signalbox-warnings")).toBeNull();
  });

  test("with the headers that say how it was made, and none of its own cookies", async () => {
    fake.play({ answer: { text: "ok" }, headers: { "x-gemini-service-tier": "flex", "set-cookie": "a=b", server: "scaffolding on HTTPServer2" } });
    const { headers } = await box.post(`${PATH}:generateContent`, BODY);
    expect([headers.get("x-gemini-service-tier"), headers.get("set-cookie"), headers.get("x-signalbox-deployment")]).toEqual([
      "flex",
      null,
      "gemini/gemini-2.5-flash",
    ]);
  });
});
