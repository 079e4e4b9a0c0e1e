import { describe, expect, test } from "bun:test";
import { inflateSync } from "node:zlib";
import { type JsonObject, listOf, objectOf } from "../vocabulary/json.ts";
import { heardIn, pictureOf, soundOf } from "./pictures-and-sound.ts";
import { createSimulatedProvider } from "./provider.ts";

const provider = createSimulatedProvider(() => 1000);
const ask = (path: string, body: object | FormData) =>
  provider(new Request(`http://demo/v1${path}`, { method: "POST", body: body instanceof FormData ? body : JSON.stringify(body) }));
const json = async (path: string, body: object | FormData) => (await (await ask(path, body)).json()) as JsonObject;
const formOf = (fields: Record<string, string>, file?: Buffer) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  if (file !== undefined) form.append("file", new Blob([new Uint8Array(file)]), "a.wav");
  return form;
};

test("reranking: shared words come first, as many as were asked for, with their texts on request", async () => {
  const documents = ["blue sky", { text: "the red house" }, "red"];
  const answer = await json("/rerank", { model: "demo-rerank", query: "red house", documents, top_n: 2, return_documents: true });
  expect(listOf(answer.results).map((row) => [objectOf(row).index, objectOf(objectOf(row).document).text])).toEqual([
    [1, "the red house"],
    [2, "red"],
  ]);
  expect(objectOf(answer.usage).total_tokens).toBe(8);
});

test("moderation: rude words are flagged, one result for each input", async () => {
  const answer = await json("/moderations", { model: "demo-moderation", input: ["how nice", { type: "text", text: "you idiots" }] });
  expect(listOf(answer.results).map((row) => objectOf(row).flagged)).toEqual([false, true]);
});

describe("pictures", () => {
  test("are PNGs, the same for the same words", () => {
    const bytes = pictureOf("a red house");
    expect(bytes.subarray(0, 8)).toEqual(Buffer.from("\x89PNG\r\n\x1a\n", "latin1"));
    const content = bytes.indexOf("IDAT") + 4;
    expect(inflateSync(bytes.subarray(content, content + bytes.readUInt32BE(content - 8))).length).toBe(64 * (1 + 64 * 3));
    expect([pictureOf("a red house").equals(bytes), pictureOf("a blue house").equals(bytes)]).toEqual([true, false]);
  });

  test("come in the number asked for, by JSON and by form, whole and streamed", async () => {
    const made = await json("/images/generations", { model: "demo-image", prompt: "a", n: 3 });
    expect([listOf(made.data).length, objectOf(made.usage).output_tokens]).toEqual([3, 816]);
    expect(listOf((await json("/images/edits", formOf({ model: "demo-image", prompt: "a", n: "2" }))).data)).toHaveLength(2);
    const events = await (await ask("/images/generations", { model: "demo-image", prompt: "a", stream: true })).text();
    expect(events.match(/"type":"[^"]+"/g)).toEqual(['"type":"image_generation.partial_image"', '"type":"image_generation.completed"']);
  });
});

describe("sound", () => {
  test.each([
    ["say so", 0.36],
    ["", 0],
    ["x".repeat(1000), 9.96],
  ])("of %p lasts %p seconds, and is heard again", (words, seconds) => {
    expect(heardIn(soundOf(words))).toEqual({ seconds, words });
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["another kind", Buffer.from("OggS".repeat(10))],
    ["a file that ends early", soundOf("say so").subarray(0, 30)],
  ])("of %s tells nothing", (_name, bytes) => {
    const { seconds, words } = heardIn(bytes);
    expect([seconds, words]).toEqual([undefined, undefined]);
  });

  test("spoken is transcribed, in every form", async () => {
    const spoken = await ask("/audio/speech", { model: "demo-speech", input: "grüß dich" });
    const file = Buffer.from(await spoken.arrayBuffer());
    expect(spoken.headers.get("content-type")).toBe("audio/wav");
    expect(await json("/audio/transcriptions", formOf({ model: "demo-transcribe" }, file))).toEqual({
      text: "grüß dich",
      usage: { type: "duration", seconds: 1 },
    });
    expect(await (await ask("/audio/translations", formOf({ model: "demo-transcribe", response_format: "text" }, file))).text()).toBe("grüß dich\n");
    const events = await (await ask("/audio/transcriptions", formOf({ model: "demo-transcribe", stream: "true" }, file))).text();
    expect(events).toContain('{"type":"transcript.text.done","text":"grüß dich"');
    const other = await json("/audio/transcriptions", formOf({ model: "demo-transcribe" }, Buffer.from("OggS")));
    expect(other.text).toBe("This is a simulated transcription of 4 bytes.");
  });
});

test("what is no form, and a model for something else, are refused", async () => {
  const broken = new Request("http://demo/v1/audio/transcriptions", {
    method: "POST",
    body: "x",
    headers: { "content-type": "multipart/form-data; boundary=b" },
  });
  expect((await provider(broken)).status).toBe(404);
  expect((await ask("/audio/speech", { model: "demo-chat", input: "a" })).status).toBe(404);
});
