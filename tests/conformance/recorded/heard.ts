import { isDeepStrictEqual } from "node:util";
import { isObject, type JsonObject, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import type { Recording } from "../../recordings/recordings.ts";
import type { Heard, Speaker } from "../matrix/conversation.ts";
import { hearStream, hearWhole } from "./client.ts";
import { hearMessage, hearMessageStream } from "./messages-client.ts";
import type { Said } from "./said/said.ts";
import { countsIn, differentCounts } from "./usage.ts";

/** What a service said, and what a client of another dialect heard of it. */
export interface Telling {
  readonly client: Speaker;
  readonly heard: Heard;
  readonly text: string;
  readonly streamed: boolean;
  readonly recording: Recording;
  readonly said: Said;
}

/** Everything that was heard amiss: order and shape, text, calls, finish, usage. */
export function judgedHeard(telling: Telling): string[] {
  const { client, heard, text, streamed } = telling;
  if (heard.error !== undefined) return [...heard.problems, `an error: ${heard.error}`];
  return [...heard.problems, ...(EXACTING[client.dialect]?.(text, streamed) ?? []), ...judgedWords(telling), ...judgedCounts(telling)];
}

function judgedWords({ heard, said }: Telling): string[] {
  const problems: string[] = [];
  const calls = heard.calls.map(({ name, arguments: given }) => ({ name, arguments: given }));
  // Pictures are told as links with the picture in them, where a dialect has no other words.
  const words = heard.text.replaceAll(/!\[image\]\(data:[^)]*\)/g, "");
  if (!said.rewordedText && words !== said.text) problems.push(`another text: ${quoted(words)} for ${quoted(said.text)}`);
  if (!isDeepStrictEqual(calls, said.calls)) problems.push(`other calls: ${quoted(calls)} for ${quoted(said.calls)}`);
  if (new Set(heard.calls.map((call) => call.id)).size !== heard.calls.length) problems.push("two calls with one id");
  if (said.finish !== undefined && heard.finish !== said.finish) problems.push(`finish ${heard.finish}, not ${said.finish}`);
  return problems;
}

const quoted = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, 150);

/** What was reported must be what the client is told; clients of Chat Completions are told more than the two sums. */
function judgedCounts({ client, heard, text, streamed, recording }: Telling): string[] {
  if (recording.usage === null) return [];
  if (heard.usage === undefined) return ["no usage for the client"];
  const usage = client.dialect === "openai-chat" ? (streamed ? hearStream(text) : hearWhole(text)).usage : undefined;
  const told = usage === undefined ? heard.usage : countsIn("chat_completions", usage);
  return differentCounts("the client's usage", told, countsIn(recording.api, recording.usage));
}

/** What else the clients of a dialect insist on. */
const EXACTING: Readonly<Record<string, (text: string, streamed: boolean) => readonly string[]>> = {
  "anthropic-messages": (text, streamed) => (streamed ? hearMessageStream(text) : hearMessage(text)).problems,
  ollama: (text) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .flatMap((line) => (isLine(objectOf(parseJson(line))) ? [] : [`not a line: ${line.slice(0, 100)}`])),
};

function isLine(line: JsonObject): boolean {
  const { message } = line;
  return (
    isObject(message) && typeof message["content"] === "string" && typeof line["done"] === "boolean" && !Number.isNaN(Date.parse(String(line["created_at"])))
  );
}
