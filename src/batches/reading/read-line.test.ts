import { expect, test } from "bun:test";
import { readLine } from "./read-line.ts";

const ENDPOINT = "/v1/chat/completions";
const told = (text: string) => {
  const read = readLine(text, ENDPOINT);
  return "code" in read ? `${read.code} ${read.param}` : read;
};
const line = (more: object) => JSON.stringify({ custom_id: "a", method: "POST", url: ENDPOINT, body: { model: "m" }, ...more });

test("a good line gives its body as it was written", () => {
  const body = '{"model": "m", "n": 1.0, "big": 123456789012345678901234567890, "стр": "\\u0041"}';
  expect(told(`{"custom_id":"a","body":${body},"method":"POST","url":"${ENDPOINT}"}`)).toEqual({ customId: "a", model: "m", body });
});

test.each<[string, string, string]>([
  ["no JSON", "{", "invalid_json_line null"],
  ["no object", "[]", "invalid_json_line null"],
  ["no name", line({ custom_id: undefined }), "missing_required_parameter custom_id"],
  ["a name that is none", line({ custom_id: 7 }), "invalid_custom_id custom_id"],
  ["an empty name", line({ custom_id: "" }), "invalid_custom_id custom_id"],
  ["a novel for a name", line({ custom_id: "x".repeat(513) }), "invalid_custom_id custom_id"],
  ["no method", line({ method: undefined }), "missing_required_parameter method"],
  ["another method", line({ method: "GET" }), "invalid_method method"],
  ["no url", line({ url: undefined }), "missing_required_parameter url"],
  ["another url", line({ url: "/v1/embeddings" }), "mismatched_url url"],
  ["no body", line({ body: undefined }), "missing_required_parameter body"],
  ["a body that is none", line({ body: "x" }), "invalid_body body"],
  ["no model", line({ body: {} }), "missing_required_parameter body.model"],
  ["a model that is none", line({ body: { model: 7 } }), "invalid_model body.model"],
  ["a stream", line({ body: { model: "m", stream: true } }), "unsupported_parameter body.stream"],
])("%s", (_name, text, expected) => {
  expect(told(text)).toBe(expected);
});

test("that it is not to be streamed may be said", () => {
  expect(told(line({ body: { model: "m", stream: false } }))).toMatchObject({ model: "m" });
});
