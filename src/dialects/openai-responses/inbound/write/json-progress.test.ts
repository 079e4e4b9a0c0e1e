import { expect, test } from "bun:test";
import { JsonProgress } from "./json-progress.ts";

const WHOLE = ["{}", ' {"a": 1}', '{"a":{"b":[1,{}]}}', '{"a":"}"}', '{"a":"\\"}"}', '{"a":"\\\\"}', "[1]"];
const PARTS = ["", " ", "{", '{"a":"}', '{"a":"\\"}', '{"a":[1}', "12", '"{}"', "}"];

test.each(WHOLE)("%j is whole with its last character, however it is cut", (text) => {
  const progress = new JsonProgress();
  for (const character of text.slice(0, -1)) progress.hear(character);
  expect(progress.whole).toBe(false);
  progress.hear(text.slice(-1));
  progress.hear(" more");
  expect(progress.whole).toBe(true);
});

test.each(PARTS)("%j is not", (text) => {
  const progress = new JsonProgress();
  progress.hear(text);
  expect(progress.whole).toBe(false);
});
