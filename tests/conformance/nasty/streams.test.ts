import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { type Behaviour, EMPTY_200, HTML_200 } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** The nasty cases of streams, end to end: what breaks off, what is badly framed, what is signed, and what a chat client then reads. */
let fake: FakeUpstream;
let box: TestBox;
const KINDS = { openai: "gpt-4o", anthropic: "claude-sonnet-4-5", gemini: "gemini-3-pro-preview", ollama: "llama3.2", vllm: "qwen" } as const;
type Kind = keyof typeof KINDS;
const kinds = Object.keys(KINDS) as Kind[];
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({
    models: Object.fromEntries(kinds.map((kind) => [kind, [{ kind, url: fake.url, model: KINDS[kind] }]])),
    policy: { attempts: 1, firstToken: 500, idle: 500 },
  });
});
afterEach(() => {
  fake.forget();
  fake.play({});
});
afterAll(async () => {
  expect(box.complaints).toEqual([]);
  await box.stop();
  await fake.stop();
});

const CHAT = "/v1/chat/completions";
const HI = [{ role: "user", content: "hi" }];
interface Read {
  readonly status: number;
  readonly raw: string;
  readonly chunks: readonly JsonObject[];
  readonly choices: readonly JsonObject[];
}
/** A stream as its client reads it: frames by blank lines, data lines joined. */
async function streamed(model: string, behaviour: Behaviour, more: object = {}): Promise<Read> {
  fake.play(behaviour);
  const response = await box.post(CHAT, { model, stream: true, messages: HI, ...more });
  const raw = await response.text();
  const data = raw.split("\n\n").map((frame) =>
    frame
      .split("\n")
      .flatMap((line) => (line.startsWith("data: ") ? [line.slice(6)] : []))
      .join("\n"),
  );
  const chunks = data.filter((text) => text.startsWith("{")).map((text) => objectOf(parseJson(text)));
  return { status: response.status, raw, chunks, choices: chunks.flatMap((chunk) => listOf(chunk["choices"])).map(objectOf) };
}
const wordsOf = (choices: readonly JsonObject[], index = 0) =>
  choices
    .filter((choice) => (choice["index"] ?? 0) === index)
    .map((choice) => String(objectOf(choice["delta"])["content"] ?? ""))
    .join("");
const finishOf = (choices: readonly JsonObject[]) => choices.map((choice) => choice["finish_reason"]).filter((reason) => typeof reason === "string");
const errorOf = (chunks: readonly JsonObject[]) => objectOf(chunks.find((chunk) => chunk["error"] !== undefined)?.["error"]);

describe("signed calls", () => {
  const TOOLS = {
    tools: [
      { type: "function", function: { name: "look" } },
      { type: "function", function: { name: "time" } },
    ],
  };
  const SIGNED: Behaviour = {
    answer: {
      thinking: "Both, then.",
      signature: "c2lnbmVkIGhlcmU=",
      toolCalls: [
        { name: "look", arguments: { q: "signed" } },
        { name: "time", arguments: { zone: "signed" } },
      ],
    },
  };
  /** Asks, and gives what a client that keeps only calls sends next. */
  async function next(model: Kind): Promise<unknown[]> {
    fake.play(SIGNED);
    const answer = objectOf(await (await box.post(CHAT, { model, messages: HI, ...TOOLS, reasoning_effort: "low", max_tokens: 8000 })).json());
    const tool_calls = listOf(objectOf(objectOf(listOf(answer["choices"])[0])["message"])["tool_calls"]).map((value) => {
      const call = objectOf(value);
      return { id: call["id"], type: "function", function: call["function"] };
    });
    const results = tool_calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: "mild" }));
    fake.forget();
    return [...HI, { role: "assistant", content: null, tool_calls }, ...results];
  }

  test("12. Gemini's thoughtSignature returns on the first call of a parallel set, though the client drops it", async () => {
    const messages = await next("gemini");
    await box.post(CHAT, { model: "gemini", messages, ...TOOLS });
    const parts = listOf(objectOf(listOf(objectOf(fake.seen[0]?.json)["contents"])[1])["parts"]).map(objectOf);
    const called = parts.filter((part) => part["functionCall"] !== undefined);
    expect(called.map((part) => part["thoughtSignature"])).toEqual(["c2lnbmVkIGhlcmU=", undefined]);
  });

  test("11. Claude's thinking round trip through a client that drops it: the thinking returns, signed, before its calls", async () => {
    const messages = await next("anthropic");
    await box.post(CHAT, { model: "anthropic", messages, ...TOOLS, reasoning_effort: "low", max_tokens: 8000 });
    const content = listOf(objectOf(listOf(objectOf(fake.seen[0]?.json)["messages"])[1])["content"]).map(objectOf);
    expect(content.map((block) => block["type"])).toEqual(["thinking", "tool_use", "tool_use"]);
    expect(content[0]).toMatchObject({ thinking: "Both, then.", signature: "c2lnbmVkIGhlcmU=" });
  });

  test("13. mid-conversation at another provider: its calls and results, nobody's signature", async () => {
    for (const [first, second] of [
      ["gemini", "anthropic"],
      ["anthropic", "gemini"],
      ["gemini", "ollama"],
      ["anthropic", "openai"],
    ] as const) {
      const messages = await next(first);
      const response = await box.post(CHAT, { model: second, messages, ...TOOLS });
      expect(response.status).toBe(200);
      expect(fake.seen[0]?.text).toContain("mild");
      expect(fake.seen[0]?.text).not.toContain("c2lnbmVkIGhlcmU=");
    }
  });
});

describe("ends", () => {
  test("18. Claude's stop_sequence is stop, the stop text is not in the output", async () => {
    const body = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      model: KINDS.anthropic,
      content: [{ type: "text", text: "one two" }],
      stop_reason: "stop_sequence",
      stop_sequence: "END",
      usage: { input_tokens: 3, output_tokens: 2 },
    };
    fake.play({ reply: { body } });
    const answer = objectOf(await (await box.post(CHAT, { model: "anthropic", messages: HI, stop: ["END"] })).json());
    expect(listOf(answer["choices"])[0]).toMatchObject({ finish_reason: "stop", message: { content: "one two" } });
    expect(JSON.stringify(answer)).not.toContain("END");
  });

  test("20. Gemini's candidates interleave in the stream, each with its own index and end", async () => {
    const { choices } = await streamed("gemini", { answer: { text: "one two three" } }, { n: 2 });
    expect([wordsOf(choices, 0), wordsOf(choices, 1)]).toEqual(["one two three", "one two three"]);
    const ends = choices.filter((choice) => typeof choice["finish_reason"] === "string");
    expect(ends.map((choice) => choice["index"]).toSorted()).toEqual([0, 1]);
  });

  for (const kind of kinds) {
    test(`24. ${kind}: a stream broken before its usage is an error to the client, and what came is counted and marked`, async () => {
      const before = box.records.length;
      const { chunks, choices, raw } = await streamed(kind, { answer: { text: "one two three four five six" }, cut: { afterFrames: 6 } });
      expect(wordsOf(choices)).toContain("one");
      expect(String(errorOf(chunks)["message"] ?? "")).not.toBe("");
      expect([finishOf(choices), raw.endsWith("data: [DONE]\n\n")]).toEqual([[], true]);
      const record = await box.record(before);
      expect([record.outcome, (record.usage?.output ?? 0) > 0, record.usage?.evidence !== "reported"]).toEqual(["failed", true, true]);
    });

    test(`25. ${kind}: a stream that ends without saying why is no finished answer`, async () => {
      const { chunks, choices, raw } = await streamed(kind, { answer: { text: "one two three" }, drop: ["finish", "usage", "end"] });
      expect(wordsOf(choices)).toContain("one");
      expect(finishOf(choices)).toEqual([]);
      expect([errorOf(chunks)["code"], raw.endsWith("data: [DONE]\n\n")]).toEqual(["upstream_error", true]);
    });

    // Anthropic always sends its end mark: without it the answer was cut.
    test(`25. ${kind}: a stream that says why and lacks its end mark is ${kind === "anthropic" ? "cut" : "whole"}`, async () => {
      const { chunks, choices, raw } = await streamed(kind, { answer: { text: "one two three" }, drop: ["end"] });
      expect([wordsOf(choices), finishOf(choices)]).toEqual(["one two three", ["stop"]]);
      expect(errorOf(chunks)["code"]).toBe(kind === "anthropic" ? "upstream_error" : undefined);
      expect(raw.endsWith("data: [DONE]\n\n")).toBe(true);
    });

    // Ollama's lines of JSON have no comments: there any other text is a broken line.
    const comments: Behaviour = { reply: { headers: { "content-type": "text/event-stream" }, body: ": one\n\n: two\n\n" } };
    test.each<[string, Behaviour, RegExp]>([
      ["HTML", HTML_200, kind === "ollama" ? /a line that is not a JSON object\.$/ : /not a stream \(text\/html; charset=utf-8, \d+ bytes\)\.$/],
      ["nothing", EMPTY_200, /closed the stream without a word\.$|empty body\.$/],
      ["nothing but comments", comments, kind === "ollama" ? /a line that is not a JSON object\.$/ : /closed the stream without a word\.$/],
    ])(`25. ${kind}: %s with 200 instead of a stream is one plain error`, async (_name, behaviour, words) => {
      const { status, raw } = await streamed(kind, behaviour);
      const error = objectOf(objectOf(parseJson(raw))["error"]);
      expect([status, error["code"], raw.includes("<")]).toEqual([502, "upstream_error", false]);
      expect(String(error["message"])).toMatch(words);
    });

    test.each(["gzip", "zstd"] as const)(`25. ${kind}: a stream in %s is read`, async (encoding) => {
      const { choices, raw } = await streamed(kind, { encoding, answer: { text: "Grüße, 世界 👋" } });
      expect([wordsOf(choices), raw.endsWith("data: [DONE]\n\n")]).toEqual(["Grüße, 世界 👋", true]);
    });
  }

  // On the express lane the upstream's own framing reaches the client as it is: express.test.ts.
  for (const kind of ["anthropic", "gemini"] as const) {
    test.each<[string, Behaviour["framing"]]>([
      ["CRLF", { newline: "\r\n" }],
      ["CR", { newline: "\r" }],
      ["a byte order mark", { bom: true }],
      ["several data lines", { multiline: true }],
      ["comments and pings", { comments: true, pings: true }],
      ["no space, ids and retries", { tight: true, fields: true }],
    ])(`25. ${kind}: %s, cut anywhere`, async (_name, framing) => {
      for (const chunks of [1, 5, "whole"] as const) {
        const { choices } = await streamed(kind, { framing, chunks, answer: { text: "Grüße, 世界 👋" } });
        expect([wordsOf(choices), finishOf(choices)]).toEqual(["Grüße, 世界 👋", ["stop"]]);
      }
    });
  }

  test("25. Gemini's error in a JSON array is read: its status, its words", async () => {
    const error = { error: { code: 429, message: "Quota of this minute is spent.", status: "RESOURCE_EXHAUSTED" } };
    for (const stream of [false, true]) {
      fake.play({ reply: { status: 429, headers: { "content-type": "application/json" }, body: [error] } });
      const response = await box.post(CHAT, { model: "gemini", stream, messages: HI });
      expect([response.status, objectOf(objectOf(await response.json())["error"])["code"]]).toEqual([429, "rate_limit_exceeded"]);
    }
  });
});
