import { isDeepStrictEqual } from "node:util";
import type { Recording } from "../../recordings/recordings.ts";
import { hearChat, hearChatStream } from "../hearers/openai-chat.ts";
import type { Speaker, Understood } from "../matrix/conversation.ts";
import type { Said } from "./said/said.ts";
import { countsIn, differentCounts } from "./usage.ts";

/** What a service said, and what a client of another dialect heard of it. */
export interface Telling {
  readonly client: Speaker;
  readonly heard: Understood;
  readonly text: string;
  readonly streamed: boolean;
  readonly recording: Recording;
  readonly said: Said;
}

/** Everything that was heard amiss: order and shape, text, calls, finish, usage. */
export function judgedHeard(telling: Telling): string[] {
  const { heard } = telling;
  if (heard.error !== undefined) return [...heard.problems, `an error: ${heard.error}`];
  return [...heard.problems, ...judgedWords(telling), ...judgedCounts(telling)];
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
  const usage = client.dialect === "openai-chat" ? (streamed ? hearChatStream(text) : hearChat(text)).usage : undefined;
  const told = usage === undefined ? heard.usage : countsIn("chat_completions", usage);
  return differentCounts("the client's usage", told, countsIn(recording.api, recording.usage));
}
