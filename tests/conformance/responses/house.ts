import { type Json, type JsonObject, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import type { Script } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestBoxOptions } from "../../harness/box.ts";
import { hearResponseStream } from "../hearers/openai-responses.ts";

/** Upstreams a Responses client is translated for, each also the public name of a model of that kind. */
const MODELS = {
  openai: { kind: "openai", model: "gpt-4o-mini", profile: { dialect: "openai-chat" } },
  anthropic: { kind: "anthropic", model: "claude-sonnet-4-5" },
  gemini: { kind: "gemini", model: "gemini-3-pro-preview" },
  ollama: { kind: "ollama", model: "llama3.2" },
  vllm: { kind: "vllm", model: "meta-llama/Llama-3.1-8B-Instruct", profile: { dialect: "openai-chat" } },
} as const;
export type Kind = keyof typeof MODELS;
export const KINDS = Object.keys(MODELS) as Kind[];

/** A stream as its client reads it. */
export interface Streamed {
  readonly status: number;
  readonly raw: string;
  readonly events: readonly { readonly name: string; readonly data: JsonObject }[];
  /** In the last event. */
  readonly response: JsonObject;
}

/** A gateway with one model of every kind behind it, asked for Responses. */
export interface ResponsesHouse {
  readonly fake: FakeUpstream;
  readonly box: TestBox;
  /** A whole answer to this body, the upstream doing as told. */
  whole(body: JsonObject, script?: Script): Promise<{ readonly status: number; readonly headers: Headers; readonly json: JsonObject }>;
  /** A streamed one. */
  stream(body: JsonObject, script?: Script): Promise<Streamed>;
  stop(): Promise<void>;
}

export async function openResponsesHouse(options: Partial<TestBoxOptions> = {}): Promise<ResponsesHouse> {
  const fake = await startFakeUpstream();
  const models = Object.fromEntries(KINDS.map((kind) => [kind, [{ ...MODELS[kind], url: fake.url }]]));
  const box = startBox({ models, policy: { attempts: 1, firstToken: 500, idle: 500 }, ...options });
  const ask = (body: JsonObject, script: Script) => {
    fake.forget();
    fake.play(script);
    return box.post("/v1/responses", body);
  };
  return {
    fake,
    box,
    async whole(body, script = {}) {
      const response = await ask(body, script);
      return { status: response.status, headers: response.headers, json: objectOf(await response.json()) };
    },
    async stream(body, script = {}) {
      const response = await ask({ ...body, stream: true }, script);
      const raw = await response.text();
      const events = hearResponseStream(raw).events.map(({ event: name, json: data }) => ({ name, data }));
      return { status: response.status, raw, events, response: objectOf(events.at(-1)?.data["response"]) };
    },
    async stop() {
      await box.stop();
      await fake.stop();
    },
  };
}

/** The items of a response. */
export const outputOf = (response: JsonObject): JsonObject[] => listOf(response["output"]).map(objectOf);

/** All that its messages say. */
export const textOf = (response: JsonObject): string =>
  outputOf(response)
    .flatMap((item) => listOf(item["content"]))
    .map((part) => String(objectOf(part)["text"] ?? ""))
    .join("");

/** What the upstream was asked, as JSON. */
export const askedOf = (fake: FakeUpstream, index = 0): Json => fake.seen[index]?.json ?? null;
