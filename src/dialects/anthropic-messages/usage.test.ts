import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../vocabulary/json.ts";
import { type Usage, usageOf, withUnits } from "../../vocabulary/usage.ts";
import { laterUsage, usageFromAnthropic, usageToAnthropic } from "./usage.ts";

describe("counts", () => {
  const rows: [string, JsonObject, Partial<Usage> | undefined][] = [
    ["none", {}, undefined],
    ["plain", { input_tokens: 10, output_tokens: 5 }, { input: 10, output: 5 }],
    [
      "cache beside the input",
      { input_tokens: 1, cache_read_input_tokens: 20, cache_creation_input_tokens: 30, output_tokens: 4 },
      { input: 1, cacheRead: 20, cacheWrite5m: 30, output: 4 },
    ],
    [
      "writes by age",
      { input_tokens: 1, cache_creation_input_tokens: 30, cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 }, output_tokens: 4 },
      { input: 1, cacheWrite5m: 10, cacheWrite1h: 20, output: 4 },
    ],
    ["writes by age without a total", { input_tokens: 1, cache_creation: { ephemeral_1h_input_tokens: 20 } }, { input: 1, cacheWrite1h: 20 }],
    [
      "more written than was told by age",
      { input_tokens: 1, cache_creation_input_tokens: 50, cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 } },
      { input: 1, cacheWrite5m: 30, cacheWrite1h: 20 },
    ],
    ["thinking within the output", { input_tokens: 1, output_tokens: 9, output_tokens_details: { thinking_tokens: 7 } }, { input: 1, output: 9, reasoning: 7 }],
    ["searches of the web", { input_tokens: 1, server_tool_use: { web_search_requests: 3 } }, { input: 1, webSearches: 3 }],
  ];
  test.each(rows)("%s", (_, json, usage) => {
    expect(usageFromAnthropic(json)).toEqual(usage === undefined ? undefined : withUnits(usageOf(usage), { webSearches: usage.webSearches }));
  });
});

describe("a later object is cumulative", () => {
  const start = { input_tokens: 10, cache_read_input_tokens: 4, output_tokens: 1, service_tier: "standard" };
  const rows: [string, JsonObject, unknown, JsonObject][] = [
    ["output only", start, { output_tokens: 9 }, { ...start, output_tokens: 9 }],
    [
      "everything again",
      start,
      { input_tokens: 30, cache_read_input_tokens: 0, output_tokens: 9 },
      { ...start, input_tokens: 30, cache_read_input_tokens: 0, output_tokens: 9 },
    ],
    ["zeros for a prompt known before", start, { input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 9 }, { ...start, output_tokens: 9 }],
    ["nulls", start, { input_tokens: null, output_tokens: 9 }, { ...start, output_tokens: 9 }],
    ["a prompt known only at the end", { input_tokens: 0, output_tokens: 0 }, { input_tokens: 7, output_tokens: 9 }, { input_tokens: 7, output_tokens: 9 }],
    ["nothing", start, undefined, start],
  ];
  test.each(rows)("%s", (_, earlier, later, merged) => {
    expect(laterUsage(earlier, later)).toEqual(merged);
  });
});

test("our record as Anthropic's counts, and back again", () => {
  const usage = usageOf({ input: 1, cacheRead: 2, cacheWrite5m: 3, cacheWrite1h: 4, output: 5, reasoning: 2 });
  expect(usageFromAnthropic(usageToAnthropic(usage))).toEqual(usage);
  expect(usageToAnthropic(usageOf({ input: 1 }))).toEqual({
    input_tokens: 1,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: 0,
  });
});
