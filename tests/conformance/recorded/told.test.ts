import { describe, expect, test } from "bun:test";
import { type Recording, recordings } from "../../recordings/recordings.ts";
import { CLIENTS } from "./clients.ts";
import { isStreamed } from "./lane.ts";
import { made } from "./made.ts";
import { CLAUDE_STREAM, CLAUDE_USAGE, geminiStream, MADE, OLLAMA_LINES, RESPONSE_STREAM, RESPONSE_USAGE } from "./made-answers.ts";
import { play } from "./play.ts";
import { idle, unexplained } from "./results.ts";
import { isRewritten, rewritingProblems } from "./rewritten.ts";
import { SOURCES, TOLD_LANES } from "./told.ts";

/** Real answers of every service to clients of every other dialect, as strict as the official ones. `npm run campaign -- recordings` tells all of them. */
const all = [...MADE, ...recordings()];
const core = all.filter((recording) => recording.core);

describe("the checks themselves bite", () => {
  const lies: [string, Recording, string][] = [
    ["a cut answer", made({ id: "lie", api: "anthropic_messages" }, {}, CLAUDE_STREAM.slice(0, CLAUDE_STREAM.indexOf("event: message_delta"))), "an error: "],
    [
      "another usage",
      made({ id: "lie", api: "anthropic_messages", usage: { ...CLAUDE_USAGE, output_tokens: 8 } }, {}, CLAUDE_STREAM),
      "the client's usage: 9 output, not 8; metered: 9 output, not 8",
    ],
    ["a failure in disguise", made({ id: "lie", api: "gemini_generate" }, {}, { error: { code: 503, message: "busy" } }), "status 5"],
    [
      "an answer cut short",
      made({ id: "lie", api: "gemini_generate", ...geminiStream() }, {}, 'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\n\n'),
      "an error: ",
    ],
    ["a lost end", made({ id: "lie", api: "ollama_chat" }, {}, OLLAMA_LINES[0] ?? ""), "an error: "],
    [
      "words that were not said",
      made({ id: "lie", api: "responses", usage: RESPONSE_USAGE }, {}, RESPONSE_STREAM.replace('"delta":"H"', '"delta":"X"')),
      'another text: "Xé" for "Hé"',
    ],
    [
      "a call of an unknown kind",
      made({ id: "lie", api: "responses" }, {}, RESPONSE_STREAM.replace(/"type":"function_call"/, '"type":"new_call_2027"')),
      "other calls",
    ],
  ];
  test.each(lies)("on %s", async (_name, recording, says) => {
    const lanes = TOLD_LANES.filter((lane) => lane.takes(recording));
    const found = unexplained(await play(lanes, [recording]));
    expect(found).toHaveLength(CLIENTS.length - 1);
    expect(found.filter((problem) => !problem.includes(says))).toEqual([]);
  });
});

test("each is told as it was said, in the order its clients rely on, and is metered as reported", async () => {
  const outcomes = await play(TOLD_LANES, core);
  expect(unexplained(outcomes)).toEqual([]);
  expect(idle(outcomes)).toEqual([]);
  expect(new Set(outcomes.map(({ lane }) => lane)).size).toBe(TOLD_LANES.length);
});

/** Past this, in characters, only one kind of client is told by the small piece: the campaign tells all. */
const LONG = 8000;

test("however the network cuts it", async () => {
  const streams = core.filter(isStreamed);
  const short = streams.filter(({ response }) => String(response.body).length < LONG);
  const long = streams.filter((recording) => !short.includes(recording));
  const toOne = TOLD_LANES.filter(({ name }) => name.endsWith("→ openai-chat"));
  expect(unexplained([...(await play(TOLD_LANES, short, 7)), ...(await play(toOne, long, 7))])).toEqual([]);
  expect(short.length).toBeGreaterThan(4);
});

describe.each(SOURCES.map((source) => [source.api, source] as const))("%s, read into events and written again", (_api, source) => {
  test.each(CLIENTS.map((client) => [client.speaker.dialect, client] as const))("for %s: a stream and a whole answer say the same", (_dialect, client) => {
    const told = all.filter((recording) => isRewritten(source, recording));
    expect(told.flatMap((recording) => rewritingProblems(recording, source, client).map((problem) => `${recording.id}: ${problem}`))).toEqual([]);
    expect(told.length).toBeGreaterThan(0);
  });
});
