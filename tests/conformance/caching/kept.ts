import { afterAll, beforeEach } from "bun:test";
import type { JsonObject } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestBoxOptions } from "../../harness/box.ts";

export interface Told {
  readonly status: number;
  readonly text: string;
  /** What the cache did, as the client is told. */
  readonly cache: string | null;
  readonly headers: Headers;
}

/** A gateway that keeps answers, before one upstream. Between tests both forget. */
export interface KeepingBox {
  readonly fake: FakeUpstream;
  readonly box: TestBox;
  /** The hands of the clock, for tests to turn: milliseconds since 1970. */
  readonly clock: { time: number };
  /** A chat of OpenAI's, with these fields and headers over the usual ones. */
  chat(more?: JsonObject, headers?: Record<string, string>): Promise<Told>;
  post(path: string, body: JsonObject, headers?: Record<string, string>): Promise<Told>;
}

export const KEY = { authorization: "Bearer sb-test" };
export const CHAT: JsonObject = { model: "m", messages: [{ role: "user", content: "hi" }] };

export async function keepingBox(options: (fake: FakeUpstream) => Partial<TestBoxOptions> = () => ({})): Promise<KeepingBox> {
  const fake = await startFakeUpstream();
  const clock = { time: 1_800_000_000_000 };
  const box = startBox({
    models: { m: [{ kind: "openai", url: fake.url }], claude: [{ kind: "anthropic", url: fake.url, model: "claude-sonnet-4-5" }] },
    policy: { attempts: 1 },
    cache: {},
    now: () => clock.time,
    ...options(fake),
  });
  afterAll(async () => {
    await box.stop();
    await fake.stop();
  });
  beforeEach(async () => {
    fake.forget();
    fake.play({});
    await kept();
    await box.cache?.clear();
  });
  const post = async (path: string, body: JsonObject, headers: Record<string, string> = {}): Promise<Told> => {
    const response = await box.post(path, body, { headers: { ...KEY, ...headers } });
    const text = await response.text();
    await kept();
    return { status: response.status, text, cache: response.headers.get("x-signalbox-cache"), headers: response.headers };
  };
  return { fake, box, clock, post, chat: (more, headers) => post("/v1/chat/completions", { ...CHAT, ...more }, headers) };
}

/** An answer is kept a moment after its last byte. */
export function kept(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
