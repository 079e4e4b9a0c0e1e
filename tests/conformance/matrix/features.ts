import { isDeepStrictEqual } from "node:util";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import type { Conversation, Tool, Understood } from "./conversation.ts";

/** Something clients count on: what they ask, what the upstream then does, what of it must reach the upstream, and what they must hear. */
export interface Feature {
  readonly ask: Conversation;
  readonly upstream?: Behaviour;
  /** Words that the upstream's request must hold. */
  readonly reaches?: readonly string[];
  /** What is wrong with what was heard; nothing when it is as it should be. */
  readonly wrong: (heard: Understood) => string[];
  /** The status of an answer that fails; only for a feature that is a failure. */
  readonly status?: number;
  /** Only in a stream. */
  readonly streamOnly?: boolean;
}

const WEATHER: Tool = {
  name: "get_weather",
  description: "WEATHER-DESCRIPTION",
  parameters: { type: "object", properties: { CITY: { type: "string" } }, required: ["CITY"] },
};
const CLOCK: Tool = { name: "get_time", description: "CLOCK-DESCRIPTION", parameters: { type: "object", properties: { zone: { type: "string" } } } };
const PARIS = { name: "get_weather", arguments: { CITY: "Paris" } };
const UTC = { name: "get_time", arguments: { zone: "UTC" } };
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const SCHEMA = { type: "object", properties: { SCHEMA_FIELD: { type: "string" } }, required: ["SCHEMA_FIELD"], additionalProperties: false };
const LONG = "one two three four five six seven eight nine ten eleven twelve";
const HI: Conversation = { turns: [{ user: "USER-WORDS" }] };

const equal = (what: string, found: unknown, expected: unknown): string[] =>
  isDeepStrictEqual(found, expected) ? [] : [`${what} ${JSON.stringify(found)}, not ${JSON.stringify(expected)}`];
const says =
  (text: string, finish: Understood["finish"] = "done") =>
  (heard: Understood) => [...equal("error", heard.error, undefined), ...equal("text", heard.text, text), ...equal("finish", heard.finish, finish)];
const calls =
  (...expected: readonly { name: string; arguments: object }[]) =>
  (heard: Understood) => {
    const found = heard.calls.map(({ name, arguments: given }) => ({ name, arguments: given }));
    const ids = new Set(heard.calls.map(({ id }) => id));
    return [
      ...equal("error", heard.error, undefined),
      ...equal("calls", found, expected),
      ...equal("ids", ids.size, expected.length),
      ...equal("finish", heard.finish, "calls"),
    ];
  };
const fails = (words: string) => (heard: Understood) =>
  heard.error?.includes(words) ? [] : [`error ${JSON.stringify(heard.error)}, without ${JSON.stringify(words)}`];

export const FEATURES: Readonly<Record<string, Feature>> = {
  text: { ask: HI, upstream: { answer: { text: "Hello there, Zoë." } }, reaches: ["USER-WORDS"], wrong: says("Hello there, Zoë.") },
  system: { ask: { ...HI, system: "SYSTEM-WORDS" }, upstream: { answer: { text: "ok" } }, reaches: ["SYSTEM-WORDS", "USER-WORDS"], wrong: says("ok") },
  turns: {
    ask: { turns: [{ user: "FIRST" }, { assistant: "SECOND" }, { user: "THIRD" }] },
    upstream: { answer: { text: "ok" } },
    reaches: ["FIRST", "SECOND", "THIRD"],
    wrong: says("ok"),
  },
  tuning: { ask: { ...HI, temperature: 0.25, maxTokens: 1234 }, upstream: { answer: { text: "ok" } }, reaches: ["0.25", "1234"], wrong: says("ok") },
  stop: { ask: { ...HI, stop: ["STOP-WORD"] }, upstream: { answer: { text: "ok" } }, reaches: ["STOP-WORD"], wrong: says("ok") },
  schema: {
    ask: { ...HI, schema: SCHEMA },
    upstream: { answer: { text: '{"SCHEMA_FIELD":"x"}' } },
    reaches: ["SCHEMA_FIELD"],
    wrong: says('{"SCHEMA_FIELD":"x"}'),
  },
  image: { ask: { turns: [{ user: "LOOK", image: PNG }] }, upstream: { answer: { text: "a dot" } }, reaches: ["LOOK", PNG], wrong: says("a dot") },
  "a call": {
    ask: { ...HI, tools: [WEATHER, CLOCK] },
    upstream: { answer: { toolCalls: [PARIS] } },
    reaches: ["get_weather", "WEATHER-DESCRIPTION", "CITY", "get_time"],
    wrong: calls(PARIS),
  },
  "two calls": { ask: { ...HI, tools: [WEATHER, CLOCK] }, upstream: { answer: { toolCalls: [PARIS, UTC] } }, wrong: calls(PARIS, UTC) },
  "calls in turns": {
    ask: { ...HI, tools: [WEATHER, CLOCK] },
    upstream: { answer: { toolCalls: [PARIS, UTC], interleaved: true } },
    wrong: calls(PARIS, UTC),
  },
  "text and a call": {
    ask: { ...HI, tools: [WEATHER] },
    upstream: { answer: { text: "Let me look.", toolCalls: [PARIS] } },
    wrong: (heard) => [...calls(PARIS)(heard), ...equal("text", heard.text, "Let me look.")],
  },
  "a call without arguments": {
    ask: { ...HI, tools: [CLOCK] },
    upstream: { answer: { toolCalls: [{ name: "get_time", arguments: "" }] } },
    wrong: calls({ name: "get_time", arguments: {} }),
  },
  results: {
    ask: {
      turns: [
        { user: "both please" },
        {
          assistant: "",
          calls: [
            { id: "call_A1", ...PARIS },
            { id: "call_B2", ...UTC },
          ],
        },
        {
          results: [
            { id: "call_A1", name: "get_weather", text: "RESULT-RAIN" },
            { id: "call_B2", name: "get_time", text: "RESULT-NOON" },
          ],
        },
      ],
      tools: [WEATHER, CLOCK],
    },
    upstream: { answer: { text: "Rain at noon." } },
    reaches: ["RESULT-RAIN", "RESULT-NOON", "Paris", "UTC", "get_weather"],
    wrong: says("Rain at noon."),
  },
  "a forced call": {
    ask: { ...HI, tools: [WEATHER], force: "get_weather" },
    upstream: { answer: { toolCalls: [PARIS] } },
    reaches: ["get_weather"],
    wrong: calls(PARIS),
  },
  thinking: {
    ask: { ...HI, think: true },
    upstream: { answer: { thinking: "Let me think.", text: "Done." } },
    wrong: (heard) => [...says("Done.")(heard), ...equal("thinking", heard.thinking, "Let me think.")],
  },
  "cut for length": { ask: HI, upstream: { answer: { text: "half a", finish: "length" } }, wrong: says("half a", "length") },
  refusal: { ask: HI, upstream: { answer: { refusal: "I will not." } }, wrong: (heard) => equal("finish", heard.finish, "refused") },
  usage: {
    ask: HI,
    upstream: { answer: { text: "ok", usage: { input: 100, cacheRead: 20, output: 30, reasoning: 10 } } },
    wrong: (heard) => equal("usage", heard.usage, { prompt: 120, output: 30 }),
  },
  "a refused request": { ask: HI, upstream: { reply: { status: 400 } }, status: 400, wrong: fails("The fake was told to answer 400") },
  "an upstream that fails": { ask: HI, upstream: { reply: { status: 500 } }, status: 502, wrong: fails("The fake was told to answer 500") },
  "too many requests": { ask: HI, upstream: { reply: { status: 429 } }, status: 429, wrong: fails("The fake was told to answer 429") },
  "an error within": {
    ask: HI,
    upstream: { answer: { text: LONG }, errorFrame: { afterFrames: 9 } },
    streamOnly: true,
    wrong: fails("The fake broke in the middle"),
  },
  "cut off": {
    ask: HI,
    upstream: { answer: { text: LONG }, cut: { afterFrames: 9 } },
    streamOnly: true,
    wrong: fails("broke before the answer was finished"),
  },
};
