import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";

/** An agent allows itself far more than it uses. */
const MAX_TOKENS = 64_000;
/** How long after its request went out somebody loses patience. Milliseconds; whether it waits in line by then is not asserted. */
const IMPATIENCE = 20;

export type Kit = "openai" | "anthropic";

/** Where an agent is cancelled: soon after its request went out, once its answer begins, or after so many pieces of that. */
export type Moment = "asked" | "answered" | number;

export interface Agent {
  readonly kit: Kit;
  readonly model: string;
  readonly url: string;
  /** The key it asks with. */
  readonly key: string;
  readonly prompt: string;
  /** Absent: it is not cancelled. */
  readonly leaves?: Moment;
}

/** What an agent was told. */
export interface Heard {
  readonly pieces: readonly string[];
  /** Of every answer on the wire: its kit asks again without telling. */
  readonly statuses: readonly number[];
  /** What its kit threw at it; that it was cancelled is no trouble. */
  readonly trouble: string | undefined;
}

/** Lets an agent ask with its official SDK, as that comes, and read the streamed answer to the end or to where it is cancelled. */
export async function work(agent: Agent): Promise<Heard> {
  const leaving = new AbortController();
  const [pieces, statuses]: [string[], number[]] = [[], []];
  const now = (moment: Moment) => {
    if (agent.leaves === moment) leaving.abort();
  };
  const watched = async (input: string | URL | Request, init?: RequestInit) => {
    setTimeout(now, IMPATIENCE, "asked");
    const answer = await fetch(input, init);
    statuses.push(answer.status);
    now("answered");
    return answer;
  };
  try {
    const answer = await ask(agent, watched, leaving.signal);
    for await (const piece of answer) now(pieces.push(piece));
  } catch (error) {
    if (!leaving.signal.aborted) return { pieces, statuses, trouble: String(error) };
  }
  return { pieces, statuses, trouble: undefined };
}

type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** The pieces of its answer, as its SDK gives them. */
async function ask({ kit, model, url, key: apiKey, prompt }: Agent, watched: Fetch, signal: AbortSignal): Promise<AsyncIterable<string>> {
  const body = { model, max_tokens: MAX_TOKENS, messages: [{ role: "user" as const, content: prompt }], stream: true as const };
  switch (kit) {
    case "openai":
      return chatPieces(await new OpenAI({ baseURL: `${url}/v1`, apiKey, fetch: watched }).chat.completions.create(body, { signal }));
    case "anthropic":
      return messagePieces(await new Anthropic({ baseURL: url, apiKey, fetch: watched }).messages.create(body, { signal }));
    default:
      return kit satisfies never;
  }
}

async function* chatPieces(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>): AsyncIterable<string> {
  for await (const { choices } of chunks) if (choices[0]?.delta.content) yield choices[0].delta.content;
}

async function* messagePieces(events: AsyncIterable<Anthropic.RawMessageStreamEvent>): AsyncIterable<string> {
  for await (const event of events) if (event.type === "content_block_delta" && event.delta.type === "text_delta") yield event.delta.text;
}
