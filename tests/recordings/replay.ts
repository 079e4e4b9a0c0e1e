import { isObject, type Json, objectOf } from "../../src/vocabulary/json.ts";
import { lastUserText } from "../fakes/upstream/answers/answer.ts";
import type { Behaviour, ScriptedReply, ScriptedRequest } from "../fakes/upstream/behaviours.ts";
import { modelOf } from "../fakes/upstream/replies.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { type Recording, responseBytes } from "./recordings.ts";

type Chunks = NonNullable<Behaviour["chunks"]>;

/** A fake upstream that answers from recordings. */
export interface Replay {
  readonly fake: FakeUpstream;
  /** The root under which this provider's recorded paths are served: `${baseUrl("openai")}/v1/chat/completions`. */
  baseUrl(provider: string): string;
  /** What answered each request, oldest first; `undefined` where no recording fitted (such requests get 404). */
  readonly played: readonly (Recording | undefined)[];
  /** How bodies are cut from the next request on. */
  cutInto(chunks: Chunks): void;
  stop(): Promise<void>;
}

/**
 * Starts a replay of these recordings. A request is answered by provider, method, path and canonical body; else by path, model,
 * last user text and kind of stream; else the same with the last two segments of the path, as base URLs vary. Equal keys take turns.
 */
export async function startReplay(recordings: readonly Recording[], chunks: Chunks = "frame"): Promise<Replay> {
  const book = new Map<string, Recording[]>();
  for (const recording of recordings) for (const key of keysOf(lookedFor(recording))) book.set(key, [...(book.get(key) ?? []), recording]);
  const played: (Recording | undefined)[] = [];
  const turns = new Map<string, number>();
  let cut = chunks;
  const find = (request: Lookup): Recording | undefined => {
    for (const key of keysOf(request)) {
      const fitting = book.get(key);
      if (!fitting) continue;
      const turn = turns.get(key) ?? 0;
      turns.set(key, turn + 1);
      return fitting[turn % fitting.length];
    }
    return undefined;
  };
  const fake = await startFakeUpstream((request) => {
    const recording = find(asked(request));
    played.push(recording);
    return { reply: recording ? replyOf(recording) : notRecorded(request), chunks: cut };
  });
  return {
    fake,
    played,
    baseUrl: (provider) => `${fake.url}/${provider}`,
    cutInto: (next) => {
      cut = next;
    },
    stop: () => fake.stop(),
  };
}

interface Lookup {
  readonly provider: string;
  readonly method: string;
  readonly path: string;
  readonly alt: string;
  readonly body: Json;
}

function lookedFor({ provider, request }: Recording): Lookup {
  return { provider, method: request.method, path: request.path, alt: request.query?.alt ?? "", body: request.body };
}

/** The first segment of the path names the provider. */
function asked(request: ScriptedRequest): Lookup {
  const url = new URL(request.path, "http://replay");
  const [, provider = "", path = ""] = /^\/([^/]*)(.*)$/.exec(url.pathname) ?? [];
  return { provider, method: request.method, path, alt: url.searchParams.get("alt") ?? "", body: request.json ?? null };
}

function keysOf({ provider, method, path, alt, body }: Lookup): string[] {
  const json = objectOf(body);
  const meaning = [modelOf(path, json), lastUserText(json), json.stream ?? false, alt];
  const tail = path.split("/").slice(-2).join("/");
  return [
    JSON.stringify(["exact", provider, method, path, alt, canonical(body)]),
    JSON.stringify(["meaning", provider, path, ...meaning]),
    JSON.stringify(["tail", provider, tail, ...meaning]),
  ];
}

/** The same JSON with the names of every object sorted. */
export function canonical(json: Json): string {
  return JSON.stringify(json, (_name, value: unknown) => (isObject(value) ? Object.fromEntries(Object.entries(value).toSorted(byName)) : value));
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Said about the wire of then, wrong about the wire of now. */
const HOP_HEADERS = new Set(["content-length", "content-encoding", "transfer-encoding", "connection", "keep-alive"]);

function replyOf(recording: Recording): ScriptedReply {
  const { status, headers: recorded, body } = recording.response;
  const headers = Object.fromEntries(Object.entries(recorded).filter(([name, value]) => !HOP_HEADERS.has(name.toLowerCase()) && !/[\r\n]/.test(value)));
  headers["content-type"] ??= recording.stream === "sse" ? "text/event-stream" : recording.stream === "ndjson" ? "application/x-ndjson" : "application/json";
  if (recording.stream === false || typeof body !== "string") return { status, headers, body: responseBytes(recording.response) };
  return { status, headers, frames: framesOf(body, recording.stream === "ndjson") };
}

/** A recorded stream cut where its frames end, framing kept. */
export function framesOf(text: string, ndjson: boolean): readonly string[] {
  return text.match(ndjson ? /[^\n]*\n|[^\n]+$/g : /[\s\S]*?(?:\r\n\r\n|\n\n|\r\r)|[\s\S]+$/g) ?? [];
}

function notRecorded(request: ScriptedRequest): ScriptedReply {
  return { status: 404, body: { error: { message: `No recording answers ${request.method} ${request.path}.`, type: "not_found", code: "not_recorded" } } };
}
