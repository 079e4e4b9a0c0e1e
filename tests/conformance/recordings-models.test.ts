import { describe, expect, test } from "bun:test";
import { PROVIDERS } from "../../src/providers/index.ts";
import type { Json } from "../../src/vocabulary/json.ts";
import { recordings } from "../recordings/recordings.ts";

/** Model lists as services really write them, read as discovery reads them. */
const HAND_MADE = [
  { id: "hand-made openai", provider: "openai", body: { object: "list", data: [{ id: "gpt-4o", object: "model" }] } as Json },
  { id: "hand-made ollama", provider: "ollama", body: { models: [{ name: "llama3.2:3b", model: "llama3.2:3b" }] } as Json },
];
const recorded = recordings({ api: "models", ok: true }).map(({ id, provider, response }) => ({ id, provider, body: response.body as Json }));

describe("model lists", () => {
  for (const { id, provider, body } of [...HAND_MADE, ...recorded]) {
    test(id, () => {
      const kind = PROVIDERS.find((each) => each.kind === provider) ?? PROVIDERS.find((each) => each.kind === "openai-compatible");
      const readers = [kind, PROVIDERS.find((each) => each.kind === "openai-compatible")].flatMap((each) => each?.listing ?? []);
      const ids = readers.map((reader) => reader.read(body)).find((found) => found.length > 0) ?? [];
      expect(ids.every((name) => typeof name === "string" && name !== "")).toBe(true);
      expect(ids.length).toBeGreaterThan(0);
    });
  }
});
