import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { builtInPrices, FILE, fileText } from "../../../scripts/built-in-prices.ts";
import { isFree, priceAt } from "../../vocabulary/price.ts";
import { BUILT_IN } from "./built-in.ts";
import { type Clause, fitsOf } from "./clause.ts";
import { builtInTariff } from "./price-list.ts";

test("the file is what the pinned package's data gives", async () => {
  expect(readFileSync(FILE, "utf8")).toBe(fileText(await builtInPrices(BUILT_IN.date)));
});

const DAYTIME = Date.parse("2026-11-22T12:00Z");
const found = (provider: string, model: string) => {
  const tariff = builtInTariff(provider, model);
  return tariff === undefined ? undefined : priceAt(tariff, DAYTIME);
};

describe("a model is found", () => {
  test.each<[string, string, string, string | undefined]>([
    ["by its name", "openai", "gpt-4o-mini", "openai/gpt-4o-mini"],
    ["in any case", "openai", " GPT-4o-Mini ", "openai/gpt-4o-mini"],
    ["with its date", "openai", "gpt-4o-mini-2024-07-18", "openai/gpt-4o-mini"],
    ["with its date in one piece, where the list has dashes", "openai", "gpt-6-sol-20260922", "openai/gpt-6-sol"],
    ["and not one that is no date", "openai", "gpt-6-sol-20260231", undefined],
    ["at who sells it as well", "azure", "claude-sonnet-4-5", "anthropic/claude-sonnet-4-5"],
    ["by an expression", "anthropic", "claude-opus-5-20260723", "anthropic/claude-opus-5"],
    ["not at another provider", "anthropic", "gpt-4o", undefined],
    ["not at nobody", "nobody", "gpt-4o", undefined],
    ["not where its price is in pages", "mistral", "mistral-ocr-2505", undefined],
  ])("%s: %s %s", (_how, provider, model, name) => {
    expect(found(provider, model)?.version.split(" ")[2]).toBe(name);
  });
});

test("what is free is so because something says it", () => {
  const free = (provider: string, model: string) => {
    const price = found(provider, model);
    return price === undefined ? "unpriced" : isFree(price);
  };
  expect([free("openai", "omni-moderation-latest"), free("openrouter", "openai/gpt-oss-20b:free"), free("google", "gemma-3-27b-it")]).toEqual([
    true,
    true,
    true,
  ]);
  expect([free("openrouter", "google/lyria-3-pro-preview"), free("openai", "gpt-4o")]).toEqual(["unpriced", false]);
});

test("prices have their days and hours, and versions that name them", () => {
  const tariff = builtInTariff("deepseek", "deepseek-v4-flash");
  const at = (time: string) => tariff && priceAt(tariff, Date.parse(time));
  expect(tariff).toMatchObject({ source: { from: "built-in", provider: "deepseek", model: "deepseek-v4-flash" }, version: "genai-prices 0.1.8 of 2026-09-23" });
  expect(at("2026-08-16T12:00Z")).toMatchObject({ input: 140_000_000, version: "genai-prices 0.1.8 deepseek/deepseek-v4-flash" });
  expect(at("2026-08-17T12:00Z")).toMatchObject({ input: 220_000_000, version: "genai-prices 0.1.8 deepseek/deepseek-v4-flash from 2026-08-17" });
  expect(at("2026-08-17T07:00Z")).toMatchObject({ input: 440_000_000, version: "genai-prices 0.1.8 deepseek/deepseek-v4-flash at 06:00-10:00Z" });
});

test("tiers are whole, and audio has its least", () => {
  expect(found("anthropic", "claude-sonnet-4-5")).toMatchObject({ input: 3e9, tiers: [{ over: 200_000, rates: { input: 6e9, webSearch: 10_000_000 } }] });
  expect(found("groq", "whisper-large-v3")).toMatchObject({ audioHour: 111_000_000, leastAudio: 10_000 });
});

test.each<[Clause, string, boolean]>([
  [{ equals: "A-b" }, "a-b", true],
  [{ equals: "a" }, "ab", false],
  [{ starts_with: "Ab" }, "abc", true],
  [{ ends_with: "C" }, "abc", true],
  [{ ends_with: "b" }, "abc", false],
  [{ contains: "B" }, "abc", true],
  [{ regex: "^a\\d$" }, "a1", true],
  [{ or: [{ equals: "a" }, { equals: "b" }] }, "b", true],
  [{ or: [] }, "b", false],
  [{ and: [{ contains: "a" }, { contains: "b" }] }, "ab", true],
  [{ and: [{ contains: "a" }, { contains: "b" }] }, "a", false],
])("%j fits %s: %p", (clause, name, fits) => {
  expect(fitsOf(clause)(name)).toBe(fits);
});
