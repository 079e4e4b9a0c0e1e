import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { objectOf } from "../../../src/vocabulary/json.ts";
import type { Behaviour, ScriptedRequest } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** A provider with several keys: one that is refused is followed by the next, and no key is ever told. */
const KEYS = ["sk-first-0123456789", "sk-second-0123456789", "sk-third-0123456789"];
let fake: FakeUpstream;
let box: TestBox;

beforeAll(async () => {
  fake = await startFakeUpstream();
});
afterEach(async () => {
  await box.stop();
  fake.forget();
});
afterAll(() => fake.stop());

const keyOf = ({ headers }: Pick<ScriptedRequest, "headers">): string =>
  (headers["authorization"] ?? headers["x-api-key"] ?? headers["x-goog-api-key"] ?? "").replace(/^Bearer /, "");

/** Refuses the first so many keys it is asked with, and repeats them as it does. */
function refusing(status: number, many: number, headers: Record<string, string> = {}): (request: ScriptedRequest) => Behaviour {
  const refused = new Set<string>();
  return (request) => {
    const key = keyOf(request);
    if (refused.size < many) refused.add(key);
    if (!refused.has(key)) return { answer: { text: "granted" } };
    return { reply: { status, headers, body: { type: "error", error: { type: "error", message: `The key ${key} will not do.`, code: null } } } };
  };
}

const ask = (stream: boolean) => box.post("/v1/chat/completions", { model: "m", stream, messages: [{ role: "user", content: "hello" }] });

/** Everything anybody is told: the client, the log, the trace. */
async function told(response: Response): Promise<string> {
  return JSON.stringify([...response.headers]) + (await response.text()) + JSON.stringify(box.records);
}

for (const kind of ["openai", "anthropic", "gemini"]) {
  describe(kind, () => {
    describe.each([401, 402, 403, 429])("%d", (status) => {
      test.each([false, true])("on one key: the next is used, and the trace says which; stream: %p", async (stream) => {
        fake.play(refusing(status, 1));
        box = startBox({ models: { m: [{ kind, url: fake.url, keys: KEYS }] } });
        const response = await ask(stream);
        expect([response.status, response.headers.get("x-signalbox-attempts")]).toEqual([200, "2"]);
        const text = await told(response);
        expect(text).toContain("granted");
        expect(KEYS.filter((key) => text.includes(key))).toEqual([]);
        const { attempts } = (await box.record(0)).trace;
        const used = fake.seen.map((seen) => `key ${KEYS.indexOf(keyOf(seen)) + 1}`);
        expect([attempts.map(({ key }) => key), new Set(used).size]).toEqual([used, 2]);
        expect(attempts[1]?.why).toContain(`another key, for ${used[0]} was refused`);
      });

      test("on all of them: one after the other, then the failure, without a key in it", async () => {
        fake.play(refusing(status, KEYS.length));
        box = startBox({ models: { m: [{ kind, url: fake.url, keys: KEYS }] }, policy: { attempts: 5 } });
        const response = await ask(false);
        expect(response.status).toBe(status === 429 ? 429 : 502);
        const text = await told(response);
        expect(KEYS.filter((key) => text.includes(key))).toEqual([]);
        expect(new Set(fake.seen.map(keyOf)).size).toBe(KEYS.length);
        expect(fake.seen.length).toBe(KEYS.length);
      });
    });

    test("429 with a time to wait on all keys: the client is told the time", async () => {
      fake.play(refusing(429, KEYS.length, { "retry-after": "7" }));
      box = startBox({ models: { m: [{ kind, url: fake.url, keys: KEYS }] } });
      const response = await ask(false);
      expect([response.status, response.headers.get("retry-after")]).toEqual([429, "7"]);
      expect(objectOf(objectOf(await response.json())["error"])["code"]).toBe("rate_limit_exceeded");
    });

    test("the budget is one for all keys and deployments", async () => {
      fake.play(refusing(401, KEYS.length));
      const each = { kind, url: fake.url, keys: KEYS };
      box = startBox({ models: { m: [each, each], f: [each] }, fallbacks: { m: ["f"] }, policy: { attempts: 4 } });
      await (await ask(false)).text();
      expect(fake.seen.length).toBe(4);
      expect((await box.record(0)).trace.attempts.at(-1)?.why).toStartWith("fallback f");
    });
  });
}
