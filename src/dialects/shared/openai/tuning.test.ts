import { expect, test } from "bun:test";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { mergeProfiles } from "../../../vocabulary/profile.ts";
import { readTuning, writeTuning } from "./tuning.ts";

const ask = mergeProfiles({ streamUsage: "ask" });
const bodies: [name: string, body: JsonObject, written: JsonObject][] = [
  ["nothing", {}, {}],
  ["null is nothing", { temperature: null, stop: null, n: null, logit_bias: null, stream: null }, {}],
  ["the defaults are not written", { n: 1, stop: [], stream: false }, {}],
  [
    "everything",
    { temperature: 0, top_p: 0.5, top_k: 3, min_p: 0.1, seed: 0, presence_penalty: -1, frequency_penalty: 1, logit_bias: { 5: 1 }, stop: ["a", "b"], n: 2 },
    { temperature: 0, top_p: 0.5, top_k: 3, min_p: 0.1, seed: 0, presence_penalty: -1, frequency_penalty: 1, logit_bias: { 5: 1 }, stop: ["a", "b"], n: 2 },
  ],
  ["one stop sequence", { stop: "a" }, { stop: ["a"] }],
  ["empty stop sequences say nothing", { stop: ["", "a", ""] }, { stop: ["a"] }],
  ["nor does one alone", { stop: "" }, {}],
  ["usage is asked for in a stream", { stream: true }, { stream: true, stream_options: { include_usage: true } }],
];
test.each(bodies)("%s", (_name, body, written) => {
  expect(JSON.parse(JSON.stringify(writeTuning(readTuning(body), ask)))).toEqual(written);
});

test("usage is not asked for where it comes anyway", () => {
  expect(writeTuning(readTuning({ stream: true }), mergeProfiles({ streamUsage: "always" }))).not.toHaveProperty("stream_options");
});

test("a stop sequence must be text", () => {
  expect(() => readTuning({ stop: ["a", 7] })).toThrow("stop[1] must be a string.");
});
