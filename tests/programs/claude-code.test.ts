import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { listOf, numberOf, objectOf, parseJson, stringOf } from "../../src/vocabulary/json.ts";
import type { ScriptedRequest } from "../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../harness/box.ts";
import { type AskingClaude, askClaude } from "./claude.ts";
import { inFolder } from "./program.ts";
import { type RecordingProxy, recordingProxy } from "./recording-proxy.ts";

/** Claude Code itself, headless: over Anthropic as it is, and over others. */
let fake: FakeUpstream;
let box: TestBox;
const MODELS = {
  "claude-sonnet-4-5": { kind: "anthropic", model: "claude-sonnet-4-5" },
  "house-sonnet": { kind: "anthropic", model: "claude-sonnet-4-5" },
  "qwen3-coder": { kind: "vllm", model: "qwen" },
  "house-gpt": { kind: "openai", model: "gpt-5.6" },
  "house-gemini": { kind: "gemini", model: "gemini-2.5-pro" },
  "house-llama": { kind: "ollama", model: "llama3.3" },
};
beforeAll(async () => {
  fake = await startFakeUpstream();
  const models = Object.fromEntries(Object.entries(MODELS).map(([name, one]) => [name, [{ ...one, url: fake.url }]]));
  box = startBox({ models, caller: { vouches: true }, policy: { attempts: 1, comment: 50 } });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});
beforeEach(() => fake.forget());

/** Asks through the gateway, and finds what it noted of that. */
async function claude(prompt: string, folder: string, asking: Partial<AskingClaude> = {}) {
  const before = box.records.length;
  const ran = await askClaude(prompt, folder, { url: box.url, ...asking });
  return { ...ran, records: box.records.slice(before).filter(({ operation }) => operation === "chat") };
}

/** The tools an upstream was offered, by name, in any dialect. */
function offered(request: { readonly json: unknown } | undefined): string[] {
  return listOf(objectOf(request?.json)["tools"])
    .map(objectOf)
    .flatMap((tool) => [tool["name"], objectOf(tool["function"])["name"], ...listOf(tool["functionDeclarations"]).map((one) => objectOf(one)["name"])])
    .filter((name) => typeof name === "string");
}

describe("over Anthropic", () => {
  test("the upstream gets its words byte for byte and its beta headers, and the session is in the book", () =>
    inFolder(async (folder) => {
      const proxy = recordingProxy(box.url);
      fake.play({ answer: { text: "Good morning." } });
      const ran = await claude("say good morning", folder, { model: "claude-sonnet-4-5", url: proxy.url });
      proxy.stop();
      expect(ran.result).toBe("Good morning.");
      const sent = proxy.sent.filter(({ path }) => path.startsWith("/v1/messages"));
      expect(fake.seen.map(({ text }) => text)).toEqual(sent.map(({ body }) => body));
      expect(fake.seen[0]?.headers["anthropic-beta"]).toBe(sent[0]?.headers.get("anthropic-beta") ?? "none");
      expect(fake.seen[0]?.headers["anthropic-beta"]).toContain("claude-code-");
      expect(ran.records[0]?.session).toBe(stringOf(ran.answer["session_id"]) as string);
    }));

  test("under a name of the house only the name is another", () =>
    inFolder(async (folder) => {
      const proxy = recordingProxy(box.url);
      fake.play({ answer: { text: "ok" } });
      await claude("hi", folder, { model: "house-sonnet", url: proxy.url });
      proxy.stop();
      const sent = proxy.sent.find(({ path }) => path.startsWith("/v1/messages"))?.body ?? "";
      expect(fake.seen[0]?.text).toBe(sent.replace('"model":"house-sonnet"', '"model":"claude-sonnet-4-5"'));
    }));
});

describe.each(["qwen3-coder", "house-gpt", "house-gemini", "house-llama", "claude-sonnet-4-5"])("over %s", (model) => {
  test("two files are read at once, and the counts are real", () =>
    inFolder(async (folder) => {
      const files = ["one", "two"].map((name) => join(folder, `${name}.txt`));
      files.forEach((file, index) => {
        writeFileSync(file, `the content of file ${index}`);
      });
      fake.play([
        { answer: { thinking: "Both at once.", toolCalls: files.map((file_path) => ({ name: "Read", arguments: { file_path } })) } },
        { answer: { text: "Both read.", usage: { input: 500, output: 20 } } },
      ]);
      const ran = await claude("read both files", folder, { model, tools: ["Read"] });
      expect(`${ran.code} ${ran.result} ${ran.errors}`).toStartWith("0 Both read.");
      expect(fake.seen.length).toBe(2);
      for (const text of ["the content of file 0", "the content of file 1"]) expect(fake.seen[1]?.text).toContain(text);
      const counted = ran.records.reduce((sum, { usage }) => sum + (usage?.input ?? 0), 0);
      expect(numberOf(objectOf(ran.answer["usage"])["input_tokens"])).toBe(counted);
      expect(ran.records.map(({ trace }) => trace.warnings)).toEqual([[], []]);
    }));
});

test("a deferred tool is found by search and then offered", () =>
  inFolder(async (folder) => {
    fake.play([{ answer: { toolCalls: [{ name: "ToolSearch", arguments: { query: "select:WebFetch" } }] } }, { answer: { text: "Found it." } }]);
    const ran = await claude("find the tool to fetch pages", folder);
    expect(ran.result).toBe("Found it.");
    expect(offered(fake.seen[0])).toContain("ToolSearch");
    expect(offered(fake.seen[0])).not.toContain("WebFetch");
    expect(offered(fake.seen[1])).toContain("WebFetch");
  }));

describe("refusals", () => {
  test("a wrong key is one request, and its reason is shown", () =>
    inFolder(async (folder) => {
      const proxy = recordingProxy(box.url);
      const ran = await claude("hi", folder, { key: "wrong", url: proxy.url });
      proxy.stop();
      expect(ran.output).toContain("This key is not known here.");
      expect(proxy.sent.filter(({ method }) => method === "POST").length).toBe(1);
    }));

  test("a spent budget is one request, and its words are shown", () =>
    inFolder(async (folder) => {
      const proxy = recordingProxy(box.url);
      const ran = await claude("hi", folder, { key: "broke", url: proxy.url });
      proxy.stop();
      expect(ran.output).toContain("The budget of this key is used up");
      expect(proxy.sent.filter(({ method }) => method === "POST").length).toBe(1);
    }));

  test("an unknown model is told as one", () =>
    inFolder(async (folder) => {
      const ran = await claude("hi", folder, { model: "house-clod" });
      expect(ran.output).toMatch(/issue with the selected model|house-clod/);
      expect(ran.records.length).toBeLessThanOrEqual(2);
    }));

  test("an upstream that is overloaded for a moment is asked again", () =>
    inFolder(async (folder) => {
      fake.play([{ reply: { status: 503, headers: { "retry-after": "0" } } }, { answer: { text: "Here now." } }]);
      const ran = await claude("hi", folder);
      expect(ran.result).toBe("Here now.");
      expect(ran.records.map(({ status }) => status)).toEqual([529, 200]);
    }));

  test("a prompt that is too long for an OpenAI-like upstream is understood", () =>
    inFolder(async (folder) => {
      const message = "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.";
      fake.play(() => ({ reply: { status: 400, body: { error: { message, type: "invalid_request_error", code: "context_length_exceeded", param: null } } } }));
      const ran = await claude("hi", folder);
      expect(ran.output).toMatch(/prompt is too long/i);
    }));
});

describe("patience", () => {
  test("a silent upstream is waited for, with pings", () =>
    inFolder(async (folder) => {
      fake.play([{ delay: 1500, answer: { text: "At last." } }]);
      expect((await claude("hi", folder)).result).toBe("At last.");
    }));

  test("where streams cannot pass, a whole answer will do", () =>
    inFolder(async (folder) => {
      const streams = ({ body }: { readonly body: string }) => objectOf(parseJson(body))["stream"] === true;
      const proxy: RecordingProxy = recordingProxy(box.url, streams);
      fake.play({ answer: { text: "In one piece." } });
      const ran = await claude("hi", folder, { url: proxy.url });
      proxy.stop();
      expect(ran.result).toBe("In one piece.");
      expect(ran.records.map(({ stream }) => stream)).toEqual([false]);
    }));
});

test("an answer that breaks off before anything whole is asked for again", () =>
  inFolder(async (folder) => {
    const script = [{ answer: { text: "this never comes to an end, does it" }, cut: { afterFrames: 6 } }, { answer: { text: "Now whole." } }];
    let asked = 0;
    fake.play((_request: ScriptedRequest) => script[asked++] ?? {});
    const ran = await claude("hi", folder);
    expect(ran.result).toBe("Now whole.");
    expect(ran.records.map(({ outcome }) => outcome)).toEqual(["failed", "ok"]);
  }));

test("our models are found by its discovery, by either header", async () => {
  for (const headers of [{ authorization: "Bearer sb-test" }, { "x-api-key": "sb-test" }] as Record<string, string>[]) {
    const response = await fetch(`${box.url}/v1/models?limit=1000`, { headers: { ...headers, "anthropic-version": "2023-06-01" }, redirect: "error" });
    const ids = listOf(objectOf(await response.json())["data"]).map((row) => [objectOf(row)["id"], objectOf(row)["display_name"]]);
    expect(ids).toContainEqual(["claude-sonnet-4-5", "claude-sonnet-4-5"]);
  }
});
