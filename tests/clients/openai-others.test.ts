import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { vectorOf } from "../fakes/upstream/answers/embeddings.ts";
import { type House, KINDS, openHouse, SLASHED } from "./house.ts";

/** OpenAI's client and what is not chat: embeddings, completions, the list of models. */
let house: House;
let client: OpenAI;
beforeAll(async () => {
  house = await openHouse();
  client = new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test" });
});
afterAll(() => house.stop());

for (const kind of ["openai", "gemini", "ollama", "vllm"] as const) {
  describe(`${kind}: embeddings`, () => {
    // The client asks for base64 when nobody says anything, and decodes whatever comes as such.
    for (const encoding_format of [undefined, "float", "base64"] as const) {
      test(`asked for as ${encoding_format ?? "nothing in particular"}, in the order of the inputs`, async () => {
        house.play();
        const input = ["first", "second", "third"];
        const answer = await client.embeddings.create({ model: kind, input, encoding_format });
        const vectors = answer.data.map(({ embedding }) => (typeof embedding === "string" ? floats(embedding) : embedding));
        expect(vectors).toEqual(input.map((text) => vectorOf(text, 8)));
        expect(answer.data.map((row) => [row.object, row.index])).toEqual(input.map((_, index) => ["embedding", index]));
        expect(answer.usage.prompt_tokens).toBeGreaterThan(0);
      });
    }

    test("a single text in three dimensions", async () => {
      house.play();
      const answer = await client.embeddings.create({ model: kind, input: "alone", dimensions: 3 });
      expect(answer.data.map((row) => row.embedding)).toEqual([vectorOf("alone", 3)]);
    });
  });
}

/** Base64 asked for by name is handed to the caller as it came. */
function floats(base64: string): number[] {
  const bytes = Buffer.from(base64, "base64");
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4));
}

for (const kind of ["openai", "vllm"] as const) {
  describe(`${kind}: completions`, () => {
    test("whole", async () => {
      house.play();
      const answer = await client.completions.create({ model: kind, prompt: "Once upon", max_tokens: 50 });
      expect(answer.choices[0]).toMatchObject({ index: 0, text: "You said: Once upon", finish_reason: "stop" });
      expect(answer.usage?.total_tokens).toBeGreaterThan(0);
    });

    test("streamed", async () => {
      house.play();
      let heard = "";
      for await (const chunk of await client.completions.create({ model: kind, prompt: "Once upon", stream: true })) heard += chunk.choices[0]?.text ?? "";
      expect(heard).toBe("You said: Once upon");
    });
  });
}

describe("models", () => {
  test("all of them, by the client's own paging", async () => {
    const names: string[] = [];
    for await (const model of client.models.list()) names.push(model.id);
    expect(names.toSorted()).toEqual([...KINDS, SLASHED].toSorted());
  });

  for (const name of ["openai", SLASHED]) {
    test(`one: ${name}`, async () => {
      const model = await client.models.retrieve(name);
      expect([model.id, model.object, typeof model.created, typeof model.owned_by]).toEqual([name, "model", "number", "string"]);
    });
  }

  test("a name with a slash answers a chat", async () => {
    house.play({ answer: { text: "here" } });
    const answer = await client.chat.completions.create({ model: SLASHED, messages: [{ role: "user", content: "hello" }] });
    expect([answer.choices[0]?.message.content, house.fake.seen[0]?.model]).toEqual(["here", "large"]);
  });
});

describe("base URLs as people write them", () => {
  for (const [name, path] of Object.entries({ "with /v1": "/v1", "with /v1/": "/v1/", "without /v1": "" })) {
    test(name, async () => {
      house.play({ answer: { text: "here" } });
      const other = new OpenAI({ baseURL: house.box.url + path, apiKey: "sb-test" });
      const answer = await other.chat.completions.create({ model: "openai", messages: [{ role: "user", content: "hello" }] });
      expect(answer.choices[0]?.message.content).toBe("here");
    });
  }
});
