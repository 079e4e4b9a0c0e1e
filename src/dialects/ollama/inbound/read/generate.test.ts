import { describe, expect, test } from "bun:test";
import type { ChatRequest } from "../../../../vocabulary/chat.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { ollamaGenerateInbound } from "../../inbound.ts";

const call = (body: object) => ollamaGenerateInbound.readCall(incoming({ model: "m", prompt: "hi", ...body }));
const user = { role: "user", parts: [{ type: "text", text: "hi" }] };
const image = { type: "image", media: { kind: "bytes", mime: "image/gif", base64: "R0lGODlh" } };

describe("a prompt as a conversation", () => {
  const rows: [string, object, object][] = [
    ["alone", {}, { messages: [user], tools: [], stream: true, origin: "ollama-generate", extras: {} }],
    ["with the system's word", { system: "be brief" }, { messages: [{ role: "system", parts: [{ type: "text", text: "be brief" }] }, user] }],
    ["what is empty says nothing", { system: "", template: "", suffix: "", context: [], images: [], raw: false, format: "" }, { messages: [user], extras: {} }],
    ["pictures", { images: ["R0lGODlh"] }, { messages: [{ role: "user", parts: [user.parts[0], image] }] }],
    ["what only Ollama knows", { template: "{{ .Prompt }}", context: [1, 2] }, { messages: [user], extras: { template: "{{ .Prompt }}", context: [1, 2] } }],
    ["settings", { options: { num_predict: 5 }, think: false, format: "json", stream: false }, { maxTokens: 5, format: { type: "json" }, stream: false }],
  ];
  test.each(rows)("%s", (_name, body, expected) => expect(call(body).request()).toMatchObject(expected as Partial<ChatRequest>));
});

describe("a text to be continued", () => {
  const rows: [object, boolean, ChatRequest["completion"]][] = [
    [{}, false, undefined],
    [{ raw: true }, true, {}],
    [{ suffix: "}" }, true, { suffix: "}" }],
    [{ suffix: "}", raw: true }, true, {}],
    [{ suffix: "}", system: "unread" }, true, { suffix: "}" }],
  ];
  test.each(rows)("%j", (body, completes, completion) => {
    expect(call(body).completes).toBe(completes);
    expect(call(body).request().completion).toEqual(completion);
    expect(call(body).request().messages).toEqual([user] as ChatRequest["messages"]);
  });
  test.each([{ system: "a" }, { template: "a" }, { context: [1] }])("raw with %j is refused", (body) => {
    expect(() => call({ raw: true, ...body }).request()).toThrow("raw excludes");
  });
});

test("without a prompt a model is only to be loaded, or put away", () => {
  const residences = [{}, { prompt: "" }, { prompt: null }, { prompt: "", keep_alive: 0 }].map((body) => call(body).residence);
  expect(residences).toEqual([undefined, "load", "load", "unload"]);
});

test("data: URLs are not for Ollama as they stand", () => {
  expect([call({}).anew, call({ images: ["R0lGODlh"] }).anew, call({ images: ["data:image/gif;base64,R0lGODlh"] }).anew]).toEqual([false, false, true]);
});

test.each([{ prompt: 5 }, { suffix: [] }, { system: {} }, { template: 1 }, { context: "a" }, { images: "a" }, { raw: "yes" }])("%j is refused", (body) => {
  expect(() => call(body)).toThrow(`${Object.keys(body)[0]} must be`);
});
