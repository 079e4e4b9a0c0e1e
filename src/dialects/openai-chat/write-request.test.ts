import { describe, expect, test } from "bun:test";
import type { ChatRequest, Reasoning } from "../../vocabulary/chat.ts";
import { objectOf, parseJson } from "../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../vocabulary/profile.ts";
import { writeChatRequest } from "./write-request.ts";

const PLAIN: ChatRequest = {
  model: "public",
  messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }],
  tools: [],
  stop: [],
  choices: 1,
  stream: false,
  extras: {},
};
const written = (request: Partial<ChatRequest>, profile: Partial<Profile> = {}) => {
  const { body, warnings } = writeChatRequest({ ...PLAIN, ...request }, { model: "up", profile: mergeProfiles(profile) });
  return { body: objectOf(parseJson(body)), warnings };
};

test("a plain request is no more than it is", () => {
  expect(written({})).toEqual({ body: { model: "up", messages: [{ role: "user", content: "Hi" }] }, warnings: [] });
});

describe("how hard to think", () => {
  const NO_NONE: Partial<Profile> = { thinkingOff: false };
  const rows: [Reasoning | undefined, Partial<Profile>, string | undefined, string[]][] = [
    [undefined, {}, undefined, []],
    [{ effort: "high" }, {}, "high", []],
    [{ effort: "xhigh" }, {}, "xhigh", []],
    [{ effort: "xhigh" }, { efforts: ["low", "medium", "high"] }, "high", ["reasoning_effort xhigh became high, the nearest this model has."]],
    [{ effort: "low" }, { efforts: [] }, undefined, ["reasoning_effort low was left out: how hard this model thinks cannot be tuned."]],
    [{ effort: "none" }, { efforts: [] }, "none", []],
    [{ effort: "none" }, NO_NONE, "low", ["reasoning cannot be turned off: up always thinks. The lowest effort was asked for."]],
    [
      { effort: "none" },
      { ...NO_NONE, efforts: ["minimal", "low"] },
      "minimal",
      ["reasoning cannot be turned off: up always thinks. The lowest effort was asked for."],
    ],
    [{ effort: "high" }, { thinking: "none" }, undefined, ["reasoning_effort was dropped: up does not think."]],
    [{ effort: "none" }, { thinking: "none" }, undefined, []],
    [{ budget: 8000 }, {}, "medium", []],
    [{ budget: 0 }, {}, "none", []],
    [{ budget: -1 }, {}, undefined, []],
    [{ show: true }, {}, undefined, []],
  ];
  test.each(rows)("%j for %j is %p", (reasoning, profile, effort, warnings) => {
    const outgoing = written({ reasoning }, profile);
    expect([outgoing.body["reasoning_effort"], outgoing.warnings]).toEqual([effort, warnings]);
  });
});
