import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../src/vocabulary/json.ts";
import { type Recording, recordings } from "../recordings/recordings.ts";
import { isTold, MESSAGES_DECISIONS, playMessages, tellingProblems, unexplainedMessages } from "./recorded/messages.ts";

/** Real traffic of the Messages API through our own: `npm run campaign -- recordings` plays all of it, cut in more ways. */
const made = (fields: Partial<Recording> & Pick<Recording, "id">, request: JsonObject, body: Recording["response"]["body"], status = 200): Recording => ({
  core: true,
  provider: "anthropic",
  api: "anthropic_messages",
  model: "m",
  fidelity: "wire",
  stream: typeof body === "string" ? "sse" : false,
  features: [],
  finish: [],
  usage: null,
  ...fields,
  request: { method: "POST", path: "", headers: {}, body: { model: "m", max_tokens: 9, messages: [{ role: "user", content: "hi" }], ...request } },
  response: { status, headers: {}, body },
});

const STREAM = [
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":3,"output_tokens":1}}}\n\n',
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}\n\n',
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\\"city\\":\\"Łódź\\"}"}}\n\n',
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n',
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":9}}\n\n',
  'event: message_stop\ndata: {"type":"message_stop"}\n\n',
].join("");
const WHOLE: JsonObject = {
  id: "msg_1",
  type: "message",
  model: "m",
  content: [{ type: "text", text: "hi" }],
  stop_reason: "end_turn",
  usage: { input_tokens: 3, cache_read_input_tokens: 2, output_tokens: 9 },
};
const HAND_MADE: Recording[] = [
  made({ id: "made/stream", usage: { input_tokens: 3, output_tokens: 9 } }, { stream: true, top_k: 5 }, STREAM),
  made({ id: "made/whole", usage: WHOLE["usage"] as JsonObject }, { tools: [{ type: "new_tool_2027", name: "x" }] }, WHOLE),
  made({ id: "made/refused" }, {}, { type: "error", error: { type: "invalid_request_error", message: "messages: odd" } }, 400),
];
const all = [...HAND_MADE, ...recordings({ api: "anthropic_messages" })];
const core = all.filter((recording) => recording.core);

describe("the checks themselves bite", () => {
  const lies: [string, Recording, string][] = [
    ["another usage", made({ id: "lie", usage: { input_tokens: 3, output_tokens: 8 } }, { stream: true }, STREAM), "metered: 9 output, not 8"],
    ["a cut stream", made({ id: "lie" }, { stream: true }, STREAM.slice(0, 300)), "another answer"],
    ["a failure of our key", made({ id: "lie" }, {}, { type: "error", error: { type: "authentication_error", message: "x" } }, 401), "status 401 became 502"],
  ];
  test.each(lies)("on %s", async (_name, recording, says) => {
    expect(unexplainedMessages(await playMessages([recording])).join()).toContain(says);
  });
});

describe("recorded exchanges of the Messages API", () => {
  test("cross as they are, both ways, and are metered as reported", async () => {
    const outcomes = await playMessages(core);
    expect(unexplainedMessages(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(core.length);
    const idle = outcomes.filter(({ recording, problems }) => recording.id in MESSAGES_DECISIONS && problems.length === 0);
    expect(idle).toEqual([]);
  });

  test("however the network cuts them", async () => {
    const streams = core.filter((recording) => recording.stream !== false);
    expect(unexplainedMessages(await playMessages(streams, 7))).toEqual([]);
    expect(streams.length).toBeGreaterThan(0);
  });
});

test("recorded answers of every dialect, told as messages, say the same", () => {
  const told = [...HAND_MADE, ...recordings()].filter((recording) => recording.core && isTold(recording));
  expect(told.flatMap((recording) => tellingProblems(recording).map((problem) => `${recording.id}: ${problem}`))).toEqual([]);
  expect(told.length).toBeGreaterThan(0);
});
