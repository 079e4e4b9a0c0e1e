import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, objectOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** Pictures, files and sound in: each upstream gets them in its own words, or the client a 400 that names the place. */
let fake: FakeUpstream;
let box: TestBox;
const KINDS = { openai: "gpt-4o", anthropic: "claude-sonnet-4-5", gemini: "gemini-2.5-flash", ollama: "llama3.2", vllm: "qwen" };
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({ models: Object.fromEntries(Object.entries(KINDS).map(([kind, model]) => [kind, [{ kind, url: fake.url, model }]])) });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const PDF = "JVBERi0xLjQK";
const WAV = "UklGRiQAAABXQVZF";
const PARTS = {
  picture: { type: "image_url", image_url: { url: `data:image/PNG;name=x;base64,${PNG}` } },
  jpg: { type: "image_url", image_url: { url: `data:image/jpg;base64,${PNG}` } },
  address: { type: "image_url", image_url: { url: "https://pictures.example/cat.png" } },
  pdf: { type: "file", file: { filename: "a.pdf", file_data: `data:application/pdf;base64,${PDF}` } },
  sound: { type: "input_audio", input_audio: { data: WAV, format: "wav" } },
};
const AT = "messages[0].content[1]";

/** What the upstream's body must hold, or the path of the 400. */
const rows: [keyof typeof KINDS, keyof typeof PARTS, string][] = [
  ["openai", "picture", `"url":"data:image/PNG;name=x;base64,${PNG}"`],
  ["openai", "address", '"url":"https://pictures.example/cat.png"'],
  ["openai", "pdf", '"filename":"a.pdf"'],
  ["openai", "sound", '"format":"wav"'],
  ["vllm", "picture", '"type":"image_url"'],
  ["anthropic", "picture", `"source":{"type":"base64","media_type":"image/png","data":"${PNG}"}`],
  ["anthropic", "jpg", '"media_type":"image/jpeg"'],
  ["anthropic", "address", '"source":{"type":"url","url":"https://pictures.example/cat.png"}'],
  ["anthropic", "pdf", `"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"${PDF}"}`],
  ["anthropic", "sound", AT],
  ["gemini", "picture", `"inlineData":{"mimeType":"image/png","data":"${PNG}"}`],
  ["gemini", "jpg", '"mimeType":"image/jpeg"'],
  ["gemini", "address", AT],
  ["gemini", "pdf", `"inlineData":{"mimeType":"application/pdf","data":"${PDF}"}`],
  ["gemini", "sound", `"inlineData":{"mimeType":"audio/wav","data":"${WAV}"}`],
  ["ollama", "picture", `"images":["${PNG}"]`],
  ["ollama", "address", AT],
  ["ollama", "pdf", AT],
  ["ollama", "sound", AT],
];

describe("a part beside some text", () => {
  for (const [kind, part, expected] of rows) {
    test(`${part} to ${kind}: ${expected === AT ? "refused, with its place" : "arrives"}`, async () => {
      fake.forget();
      const content = [{ type: "text", text: "what is this?" }, PARTS[part]];
      const response = await box.post("/v1/chat/completions", { model: kind, messages: [{ role: "user", content }] });
      if (expected !== AT) {
        expect(response.status).toBe(200);
        expect(fake.seen[0]?.text).toContain(expected);
        return;
      }
      const error: JsonObject = objectOf(objectOf(await response.json())["error"]);
      expect([response.status, String(error["param"]).startsWith(AT), fake.seen.length]).toEqual([400, true, 0]);
    });
  }
});
