import { describe, expect, test } from "bun:test";
import { PROVIDERS } from "../../../src/providers/index.ts";
import { type Json, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import { recordings } from "../../recordings/recordings.ts";

/** Model lists as services really write them, read as discovery reads them. */
const HAND_MADE = [
  { id: "hand-made openai", provider: "openai", body: { object: "list", data: [{ id: "a", object: "model" }, { id: "b" }] } as Json },
  { id: "hand-made ollama", provider: "ollama", body: { models: [{ name: "llama3.2:3b", model: "llama3.2:3b" }] } as Json },
];
const recorded = recordings({ api: "models", ok: true }).map(({ id, provider, response }) => ({ id, provider, body: response.body as Json }));

describe("model lists", () => {
  for (const { id, provider, body } of [...HAND_MADE, ...recorded]) {
    test(`${id} is read by its provider's reader, or by an OpenAI-compatible one`, () => {
      const compatible = PROVIDERS.find((each) => each.kind === "openai-compatible");
      const readers = [PROVIDERS.find((each) => each.kind === provider), compatible].flatMap((each) => each?.listing ?? []);
      const found = readers.map((reader) => reader.read(body)).find((ids) => ids.length > 0) ?? [];
      expect(found.every((name) => typeof name === "string" && name !== "")).toBe(true);
      expect(found.length).toBeGreaterThan(0);
      const listed = listOf(objectOf(body)["data"]).map((row) => String(objectOf(row)["id"]));
      expect(listed.filter((name) => !found.includes(name) && !found.includes(name.replace(/^models\//, "")))).toEqual([]);
    });
  }
});
