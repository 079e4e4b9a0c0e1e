import { expect, test } from "bun:test";
import { type Asked, readModelPath, readPath, unknownVerb } from "./path.ts";

test.each<[string, Asked]>([
  ["gemini-2.5-pro:generateContent", { model: "gemini-2.5-pro", verb: "generateContent" }],
  ["gemini-2.5-pro%3AgenerateContent", { model: "gemini-2.5-pro", verb: "generateContent" }],
  ["llama3.2:3b:streamGenerateContent", { model: "llama3.2:3b", verb: "streamGenerateContent" }],
  ["meta-llama/Llama-3.1-8B:countTokens", { model: "meta-llama/Llama-3.1-8B", verb: "countTokens" }],
  ["meta-llama%2FLlama-3.1-8B:countTokens", { model: "meta-llama/Llama-3.1-8B", verb: "countTokens" }],
  ["tunedModels/mine:generateContent", { model: "tunedModels/mine", verb: "generateContent" }],
  ["models/gemini-2.5-pro:generateContent", { model: "gemini-2.5-pro", verb: "generateContent" }],
  ["gemini-2.5-pro", { model: "gemini-2.5-pro", verb: "" }],
  ["100%:generateContent", { model: "100%", verb: "generateContent" }],
  [":generateContent", { model: "", verb: "generateContent" }],
])("%s", (rest, expected) => {
  expect(readPath(rest)).toEqual(expected);
});

test("a model's own path", () => {
  expect([readModelPath("llama3.2:3b"), readModelPath("team%2Flarge"), readModelPath("models/x")]).toEqual(["llama3.2:3b", "team/large", "x"]);
});

test("what is wrong with a path nobody answers", () => {
  expect(unknownVerb({ model: "m", verb: "predict" }).message).toStartWith('There is no method "predict" of models here.');
  expect(unknownVerb({ model: "m", verb: "" }).message).toStartWith('"m" is a model\'s name without a method.');
  expect(unknownVerb({ model: "m", verb: "" }).kind).toBe("not-found");
});
