import type { Script } from "../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestBoxOptions } from "../harness/box.ts";

/** Every kind of upstream a client must not be able to tell apart; each is also the public name of a model of that kind. `responses` is OpenAI by its other API. */
export const KINDS = ["openai", "responses", "anthropic", "gemini", "ollama", "vllm"] as const;
export type Kind = (typeof KINDS)[number];

/** What each kind's model is called there: names whose quirks are on. */
const MODELS: Readonly<Record<Kind, string>> = {
  openai: "gpt-4o-mini",
  responses: "gpt-5-codex",
  anthropic: "claude-sonnet-4-5",
  gemini: "gemini-3-pro-preview",
  ollama: "llama3.2",
  vllm: "meta-llama/Llama-3.1-8B-Instruct",
};

/** A name with a slash, which clients put into a path. */
export const SLASHED = "team/large";

/** A gateway with one model of every kind behind it, for unmodified client libraries to call. */
export interface House {
  readonly fake: FakeUpstream;
  readonly box: TestBox;
  /** Where OpenAI's clients are told to go. */
  readonly baseURL: string;
  /** Sets the stage for one test: what upstreams do from here on; nothing has been seen yet. */
  play(script?: Script): void;
  stop(): Promise<void>;
}

export async function openHouse(options: Partial<TestBoxOptions> = {}): Promise<House> {
  const fake = await startFakeUpstream();
  const models = Object.fromEntries(KINDS.map((name) => [name, [{ kind: name === "responses" ? "openai" : name, url: fake.url, model: MODELS[name] }]]));
  const box = startBox({ models: { ...models, [SLASHED]: [{ kind: "openai", url: fake.url, model: "large" }] }, ...options });
  return {
    fake,
    box,
    baseURL: `${box.url}/v1`,
    play(script = {}) {
      fake.forget();
      fake.play(script);
    },
    async stop() {
      await box.stop();
      await fake.stop();
    },
  };
}
