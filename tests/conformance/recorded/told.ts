import type { Recording } from "../../recordings/recordings.ts";
import type { Speaker, Understood } from "../matrix/conversation.ts";
import { CLIENTS } from "./clients.ts";
import { judgedHeard } from "./heard.ts";
import { isAnswered, isStreamed, type Lane, type Played } from "./lane.ts";
import { compatibleKind, isResponse, responsesKind } from "./lanes/openai.ts";
import { saidByAnthropic } from "./said/anthropic.ts";
import { saidByGemini } from "./said/gemini.ts";
import { saidByOllama } from "./said/ollama.ts";
import { saidByOpenaiChat } from "./said/openai-chat.ts";
import { saidByOpenaiResponses } from "./said/openai-responses.ts";
import type { Said } from "./said/said.ts";
import { statusFor } from "./same.ts";
import { judgedUsage } from "./usage.ts";

/** What services said, told to clients that do not speak their dialect. */
export interface Source {
  readonly api: string;
  /** The client's dialect that it is the same as: what those clients get is in the lane of the API itself. */
  readonly dialect: string;
  readonly takes: Lane["takes"];
  readonly kind: Lane["kind"];
  readonly profile?: Lane["profile"];
  readonly said: (recording: Recording) => Said;
}

export const SOURCES: readonly Source[] = [
  {
    api: "chat_completions",
    dialect: "openai-chat",
    takes: ({ api }) => api === "chat_completions",
    kind: compatibleKind,
    // Else those that have Responses too would be asked for one by a client that wants one.
    profile: { dialect: "openai-chat" },
    said: saidByOpenaiChat,
  },
  {
    api: "responses",
    dialect: "openai-responses",
    takes: isResponse,
    kind: responsesKind,
    profile: { dialect: "openai-responses" },
    said: saidByOpenaiResponses,
  },
  {
    api: "anthropic_messages",
    dialect: "anthropic-messages",
    takes: ({ api }) => api === "anthropic_messages",
    kind: () => "anthropic",
    said: saidByAnthropic,
  },
  { api: "gemini_generate", dialect: "gemini", takes: ({ api }) => api === "gemini_generate", kind: () => "gemini", said: saidByGemini },
  { api: "ollama_chat", dialect: "ollama", takes: ({ api }) => api === "ollama_chat", kind: () => "ollama", said: saidByOllama },
];

/** Every recorded answer to every client of another dialect, who asks plainly and gets what was recorded. */
export const TOLD_LANES: readonly Lane[] = SOURCES.flatMap((source) =>
  CLIENTS.filter(({ speaker }) => speaker.dialect !== source.dialect).map(
    ({ speaker: client }): Lane => ({
      name: toldName(source.api, client.dialect),
      takes: source.takes,
      kind: source.kind,
      profile: source.profile,
      ask(recording, name) {
        const { path, body } = client.ask({ turns: [{ user: "hi" }] }, name, isStreamed(recording));
        return { path, body: JSON.stringify(body) };
      },
      judge: (played) => judged(played, source, client),
    }),
  ),
);

export function toldName(api: string, dialect: string): string {
  return `${api} → ${dialect}`;
}

function judged(played: Played, { said }: Source, client: Speaker): string[] {
  const { recording, status, text, record } = played;
  const streamed = isStreamed(recording) && status === 200;
  const heard = streamed ? client.hearStream(text) : client.hearWhole(text);
  if (!isAnswered(recording)) return judgedRefusal(played, heard, client);
  if (status !== 200) return [`status ${status}: ${text.slice(0, 200)}`];
  return [...judgedHeard({ client, heard, text, streamed, recording, said: said(recording) }), ...judgedUsage(recording, record)];
}

/** Statuses that mean something of their own to Anthropic's clients: they ask for another model, or again later. */
const ANTHROPICS = new Map([
  [404, 404],
  [503, 529],
  [529, 529],
]);

function judgedRefusal({ recording, status, text }: Played, heard: Understood, client: Speaker): string[] {
  const was = recording.response.status;
  const expected = (client.dialect === "anthropic-messages" ? ANTHROPICS.get(was) : undefined) ?? statusFor(was);
  if (status !== expected) return [`status ${was} became ${status}, not ${expected}`];
  return heard.error ? [] : [`no error message: ${text.slice(0, 120)}`];
}
