import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../vocabulary/json.ts";
import { type Usage, usageOf, withUnits } from "../../vocabulary/usage.ts";
import { usageFromGemini, usageToGemini } from "./usage.ts";

const CASES: readonly { readonly name: string; readonly given: JsonObject; readonly expected: Partial<Usage> | undefined }[] = [
  { name: "plain", given: { promptTokenCount: 9, candidatesTokenCount: 4, totalTokenCount: 13 }, expected: { input: 9, output: 4 } },
  {
    name: "thoughts come on top of candidates",
    given: { promptTokenCount: 9, candidatesTokenCount: 4, thoughtsTokenCount: 30 },
    expected: { input: 9, output: 34, reasoning: 30 },
  },
  { name: "thoughts alone", given: { promptTokenCount: 9, thoughtsTokenCount: 2 }, expected: { input: 9, output: 2, reasoning: 2 } },
  {
    name: "cached tokens are part of the prompt",
    given: { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 1 },
    expected: { input: 40, cacheRead: 60, output: 1 },
  },
  {
    name: "tools Gemini ran add to the prompt",
    given: { promptTokenCount: 17, toolUsePromptTokenCount: 119, candidatesTokenCount: 1 },
    expected: { input: 136, output: 1 },
  },
  {
    name: "audio and images, less what was cached",
    given: {
      promptTokenCount: 600,
      cachedContentTokenCount: 100,
      candidatesTokenCount: 50,
      promptTokensDetails: [
        { modality: "AUDIO", tokenCount: 300 },
        { modality: "IMAGE", tokenCount: 258 },
        { modality: "TEXT", tokenCount: 42 },
      ],
      cacheTokensDetails: [{ modality: "AUDIO", tokenCount: 100 }],
      candidatesTokensDetails: [{ modality: "AUDIO", tokenCount: 50 }],
    },
    expected: { input: 500, cacheRead: 100, output: 50, audioInput: 200, audioOutput: 50, imageInput: 258, cacheAudioRead: 100 },
  },
  {
    name: "embeddings spell their details otherwise",
    given: { promptTokenCount: 261, promptTokenDetails: [{ modality: "IMAGE", tokenCount: 258 }] },
    expected: { input: 261, imageInput: 258 },
  },
  {
    name: "pictures made, and pages of a document, which are read as images",
    given: {
      promptTokenCount: 600,
      cachedContentTokenCount: 516,
      candidatesTokenCount: 1300,
      promptTokensDetails: [{ modality: "DOCUMENT", tokenCount: 516 }],
      cacheTokensDetails: [{ modality: "DOCUMENT", tokenCount: 516 }],
      candidatesTokensDetails: [{ modality: "IMAGE", tokenCount: 1290 }],
    },
    expected: { input: 84, cacheRead: 516, output: 1300, imageOutput: 1290, cacheImageRead: 516 },
  },
  { name: "a frame that counts nothing", given: { trafficType: "ON_DEMAND" }, expected: undefined },
];

describe("usageFromGemini", () => {
  test.each(CASES.map((each) => [each.name, each] as const))("%s", (_name, { given, expected }) => {
    const { imageOutput, cacheAudioRead, cacheImageRead, ...tokens } = expected ?? {};
    const usage = withUnits(usageOf(tokens), { imageOutput, cacheAudioRead, cacheImageRead });
    expect(usageFromGemini(given)).toEqual(expected === undefined ? undefined : usage);
  });
});

describe("usageToGemini", () => {
  test.each<[string, Parameters<typeof usageOf>[0], JsonObject]>([
    ["plain", { input: 3, output: 2 }, { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 }],
    [
      "cached and thought",
      { input: 3, cacheRead: 4, cacheWrite5m: 5, output: 9, reasoning: 7 },
      { promptTokenCount: 12, candidatesTokenCount: 2, totalTokenCount: 21, cachedContentTokenCount: 4, thoughtsTokenCount: 7 },
    ],
    [
      "spoken and seen",
      { input: 10, audioInput: 4, imageInput: 5, output: 6, audioOutput: 6 },
      {
        promptTokenCount: 10,
        candidatesTokenCount: 6,
        totalTokenCount: 16,
        promptTokensDetails: [
          { modality: "TEXT", tokenCount: 1 },
          { modality: "AUDIO", tokenCount: 4 },
          { modality: "IMAGE", tokenCount: 5 },
        ],
        candidatesTokensDetails: [{ modality: "AUDIO", tokenCount: 6 }],
      },
    ],
    ["more thought than said", { output: 2, reasoning: 3 }, { promptTokenCount: 0, candidatesTokenCount: 0, totalTokenCount: 2, thoughtsTokenCount: 3 }],
  ])("%s", (_name, counts, expected) => {
    expect(usageToGemini(usageOf(counts))).toEqual(expected);
  });

  test("and back", () => {
    const usage = usageOf({ input: 10, cacheRead: 4, audioInput: 4, imageInput: 5, output: 9, reasoning: 3, audioOutput: 2 });
    expect(usageFromGemini(usageToGemini(usage))).toEqual(usage);
  });
});
