import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message } from "../../../vocabulary/chat.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../../vocabulary/profile.ts";
import { ollamaOutbound } from "../outbound.ts";

const HI: Message = { role: "user", parts: [{ type: "text", text: "hi" }] };
const PLAIN: ChatRequest = { model: "public", messages: [HI], tools: [], stop: [], choices: 1, stream: false, extras: {} };
const TOOLS: ChatRequest["tools"] = [
  { name: "add", description: "adds", parameters: { type: "object", properties: { a: { type: "number" } } } },
  { name: "now" },
];

function written(request: Partial<ChatRequest>, profile: Partial<Profile> = {}): { body: JsonObject; warnings: readonly string[] } {
  const outgoing = ollamaOutbound.write({ ...PLAIN, ...request }, { model: "llama3.2", profile: mergeProfiles(profile) });
  return { body: JSON.parse(outgoing.body) as JsonObject, warnings: outgoing.warnings };
}

function refusal(request: Partial<ChatRequest>, profile: Partial<Profile> = {}): string | undefined {
  try {
    written(request, profile);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "invalid-request") return thrown.facts.param;
    throw thrown;
  }
  return "nothing was refused";
}

const BASE = { model: "llama3.2", messages: [{ role: "user", content: "hi" }], stream: false };

describe("fields", () => {
  const rows: [string, Partial<ChatRequest>, Partial<Profile>, JsonObject, number][] = [
    ["nothing more than asked", {}, {}, {}, 0],
    ["a stream is asked for", { stream: true }, {}, { stream: true }, 0],
    [
      "sampling and bounds are options",
      { maxTokens: 50, temperature: 0.5, topP: 0.9, topK: 40, minP: 0.05, seed: 7, stop: ["END"], presencePenalty: 1, frequencyPenalty: 0.5 },
      {},
      {
        options: { temperature: 0.5, top_p: 0.9, top_k: 40, min_p: 0.05, num_predict: 50, seed: 7, presence_penalty: 1, frequency_penalty: 0.5, stop: ["END"] },
      },
      0,
    ],
    ["more than it can write is clamped", { maxTokens: 9000 }, { maxOutput: 4096 }, { options: { num_predict: 4096 } }, 0],
    ["a fixed sampler drops knobs", { temperature: 1, topP: 0.5 }, { sampling: "fixed" }, {}, 2],
    ["a hot temperature is lowered", { temperature: 2 }, { maxTemperature: 1 }, { options: { temperature: 1 } }, 1],
    ["stops over the most", { stop: ["a", "b", "c"] }, { maxStops: 2 }, { options: { stop: ["a", "b"] } }, 1],
    ["knobs it has not", { logitBias: { 5: 1 }, verbosity: "low", user: "ann" }, {}, {}, 1],
    ["free JSON", { format: { type: "json" } }, {}, { format: "json" }, 0],
    ["JSON by schema", { format: { type: "json-schema", name: "x", schema: { type: "object" } } }, {}, { format: { type: "object" } }, 0],
    ["plain text", { format: { type: "text" } }, {}, {}, 0],
    ["log probabilities", { logprobs: { top: 3 } }, {}, { logprobs: true, top_logprobs: 3 }, 0],
    [
      "its own extras",
      { maxTokens: 5, extras: { options: { num_gpu: 1, num_predict: 9 }, num_ctx: 8192, keep_alive: "5m", truncate: false, shift: null } },
      {},
      { options: { num_predict: 9, num_ctx: 8192, num_gpu: 1 }, keep_alive: "5m", truncate: false },
      0,
    ],
    ["the profile drops", { logprobs: { top: 1 }, seed: 1 }, { drop: ["top_logprobs", "seed"] }, { logprobs: true }, 2],
  ];
  test.each(rows)("%s", (_name, request, profile, more, warnings) => {
    const outgoing = written(request, profile);
    expect(outgoing.body).toEqual({ ...BASE, ...more });
    expect(outgoing.warnings).toHaveLength(warnings);
  });
});

describe("thinking", () => {
  const rows: [ChatRequest["reasoning"], Partial<Profile>, unknown, number][] = [
    [undefined, {}, undefined, 0],
    [{ show: true }, {}, undefined, 0],
    [{ effort: "high" }, {}, undefined, 0],
    [{ effort: "high" }, { thinking: "adaptive" }, true, 0],
    [{ effort: "none" }, {}, false, 0],
    [{ budget: 0 }, {}, false, 0],
    [{ budget: 2000 }, { thinking: "budget" }, true, 0],
    [{ effort: "high" }, { thinking: "none" }, undefined, 1],
    [{ effort: "none" }, { thinking: "none" }, undefined, 0],
    [{ effort: "minimal" }, { thinking: "level" }, "low", 1],
    [{ effort: "xhigh" }, { thinking: "level" }, "max", 1],
    [{ effort: "max" }, { thinking: "level", efforts: ["low", "medium", "high"] }, "high", 1],
    [{ effort: "max" }, { thinking: "level" }, "max", 0],
    [{ budget: 10000 }, { thinking: "level" }, "medium", 0],
    [{ budget: -1 }, { thinking: "level" }, true, 0],
    [{ effort: "none" }, { thinking: "level", thinkingOff: false }, "low", 1],
    [{ effort: "none" }, { thinking: "effort", thinkingOff: false }, undefined, 1],
  ];
  test.each(rows)("%j for %j is %j", (reasoning, profile, think, warnings) => {
    const outgoing = written({ reasoning }, profile);
    expect(outgoing.body["think"]).toEqual(think as JsonObject["think"]);
    expect(outgoing.warnings).toHaveLength(warnings);
  });
  test("the client's own think wins", () => expect(written({ reasoning: { effort: "none" }, extras: { think: "low" } }).body["think"]).toBe("low"));
});

describe("tools", () => {
  const names = (request: Partial<ChatRequest>) =>
    (written({ tools: TOOLS, ...request }).body["tools"] as JsonObject[] | undefined)?.map((tool) => (tool["function"] as JsonObject)["name"]);
  test("are functions with parameters, even when they have none", () => {
    expect(written({ tools: TOOLS }).body["tools"]).toEqual([
      { type: "function", function: { name: "add", description: "adds", parameters: { type: "object", properties: { a: { type: "number" } } } } },
      { type: "function", function: { name: "now", parameters: { type: "object", properties: {} } } },
    ]);
  });
  test("the choice decides which are offered", () => {
    expect(names({ toolChoice: { type: "auto" } })).toEqual(["add", "now"]);
    expect(names({ toolChoice: { type: "none" } })).toBeUndefined();
    expect(names({ toolChoice: { type: "some", mode: "auto", names: ["now"] } })).toEqual(["now"]);
    expect(written({ tools: TOOLS, parallelTools: false }).warnings).toHaveLength(1);
  });
});

describe("messages", () => {
  const image = { type: "image", media: { kind: "bytes", mime: "image/png", base64: "aGk=" } } as const;
  const call = { type: "tool-call", id: "c1", name: "add", arguments: '{"a":1}' } as const;
  const rows: [string, Message[], JsonObject[]][] = [
    [
      "a developer is the system",
      [{ role: "system", developer: true, parts: [{ type: "text", text: "be brief" }] }, HI],
      [
        { role: "system", content: "be brief" },
        { role: "user", content: "hi" },
      ],
    ],
    [
      "images go beside the text",
      [{ role: "user", parts: [{ type: "text", text: "see" }, image, { type: "text", text: "this" }] }],
      [{ role: "user", content: "see\nthis", images: ["aGk="] }],
    ],
    [
      "calls are objects, results carry the tool's name",
      [HI, { role: "assistant", parts: [{ type: "thinking", text: "hm" }, call] }, { role: "tool", callId: "c1", parts: [{ type: "text", text: "2" }] }],
      [
        { role: "user", content: "hi" },
        { role: "assistant", content: "", thinking: "hm", tool_calls: [{ id: "c1", function: { name: "add", arguments: { a: 1 } } }] },
        { role: "tool", content: "2", tool_name: "add", tool_call_id: "c1" },
      ],
    ],
    [
      "arguments that are empty, broken or no object are an empty object",
      [
        {
          role: "assistant",
          parts: [
            { ...call, arguments: "" },
            { ...call, id: "c2", arguments: '{"a":' },
            { ...call, id: "c3", arguments: "[1]" },
          ],
        },
      ],
      [
        {
          role: "assistant",
          content: "",
          tool_calls: [
            { id: "c1", function: { name: "add", arguments: {} } },
            { id: "c2", function: { name: "add", arguments: {} } },
            { id: "c3", function: { name: "add", arguments: {} } },
          ],
        },
      ],
    ],
    [
      "pictures in results follow when the results are complete",
      [
        { role: "assistant", parts: [call, { ...call, id: "c2" }] },
        { role: "tool", callId: "c1", parts: [image] },
        { role: "tool", callId: "c2", toolName: "other", parts: [{ type: "text", text: "ok" }] },
        HI,
      ],
      [
        {
          role: "assistant",
          content: "",
          tool_calls: [
            { id: "c1", function: { name: "add", arguments: { a: 1 } } },
            { id: "c2", function: { name: "add", arguments: { a: 1 } } },
          ],
        },
        { role: "tool", content: "", tool_name: "add", tool_call_id: "c1" },
        { role: "tool", content: "ok", tool_name: "add", tool_call_id: "c2" },
        { role: "user", content: "Images from the tool results above.", images: ["aGk="] },
        { role: "user", content: "hi" },
      ],
    ],
    [
      "thinking signed by others is left out, refusals are text",
      [{ role: "assistant", parts: [{ type: "thinking", text: "secret", signature: "s" }, { type: "refusal", text: "no" }, image] }],
      [{ role: "assistant", content: "no", images: ["aGk="] }],
    ],
  ];
  test.each(rows)("%s", (_name, messages, expected) => expect(written({ messages }).body["messages"]).toEqual(expected));
});

describe("what it cannot do is refused where it stands", () => {
  const user = (part: Extract<Message, { role: "user" }>["parts"][number]): Partial<ChatRequest> => ({
    messages: [HI, { role: "user", parts: [{ type: "text", text: "see" }, part] }],
  });
  const rows: [string, Partial<ChatRequest>, Partial<Profile>, string][] = [
    ["several answers", { choices: 2 }, {}, "n"],
    ["a forced call", { tools: TOOLS, toolChoice: { type: "required" } }, {}, "tool_choice"],
    ["a named call", { tools: TOOLS, toolChoice: { type: "tool", name: "add" } }, {}, "tool_choice"],
    ["a forced call of some", { tools: TOOLS, toolChoice: { type: "some", mode: "required", names: ["add"] } }, {}, "tool_choice"],
    ["audio answers", { modalities: ["text", "audio"] }, {}, "modalities"],
    ["an image by URL", user({ type: "image", media: { kind: "url", url: "https://example.com/a.png" } }), {}, "messages[1].content[1]"],
    ["a stored image", user({ type: "image", media: { kind: "stored", id: "f" } }), {}, "messages[1].content[1]"],
    ["a file", user({ type: "file", media: { kind: "bytes", mime: "application/pdf", base64: "" } }), {}, "messages[1].content[1]"],
    ["audio", user({ type: "audio", media: { kind: "bytes", mime: "audio/wav", base64: "" } }), {}, "messages[1].content[1]"],
    ["prefill where the model has none", { messages: [HI, { role: "assistant", parts: [{ type: "text", text: "So" }] }] }, { prefill: false }, "messages"],
  ];
  test.each(rows)("%s", (_name, request, profile, param) => expect(refusal(request, profile)).toBe(param));
});
