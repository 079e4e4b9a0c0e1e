import { describe, expect, test } from "bun:test";
import { createLog, type Fields, type LogOptions, type Sink } from "./log.ts";
import { createSecrets } from "./redact.ts";

const NOON = Date.UTC(2026, 10, 20, 12, 3, 7, 120);

function recording(): Sink & { readonly texts: string[] } {
  const texts: string[] = [];
  return {
    texts,
    async write(text) {
      texts.push(text);
    },
    writeNow(text) {
      texts.push(text);
    },
  };
}

function logTo(sink: Sink, options: Partial<LogOptions> = {}) {
  return createLog({ level: "info", secrets: createSecrets(), sink, clock: { now: () => NOON, elapsed: () => 0 }, ...options });
}

async function lineOf(message: string, fields?: Fields, options: Partial<LogOptions> = {}): Promise<string> {
  const sink = recording();
  const log = logTo(sink, options);
  log.info(message, fields);
  await log.flush();
  return sink.texts.join("").trimEnd();
}

describe("lines", () => {
  test("are one JSON object each, timestamp, level and message first", async () => {
    expect(await lineOf("request", { model: "m", tokens: 3, left: undefined })).toBe(
      '{"timestamp":"2026-11-20T12:03:07.120Z","level":"info","message":"request","model":"m","tokens":3}',
    );
  });

  test("below the level are not written", async () => {
    const sink = recording();
    const log = logTo(sink, { level: "warn" });
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    await log.flush();
    expect(
      sink.texts
        .join("")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).message),
    ).toEqual(["c", "d"]);
  });

  test("of one burst go out in one write", async () => {
    const sink = recording();
    const log = logTo(sink);
    for (let count = 0; count < 50; count++) log.info("x");
    await log.flush();
    expect(sink.texts.length).toBe(1);
  });

  test("say what an Error was, and write a bigint", async () => {
    const line = JSON.parse(await lineOf("m", { error: new Error("broken", { cause: new TypeError("why") }), big: 12n }));
    expect([line.error.name, line.error.message, line.error.cause.message, line.big]).toEqual(["Error", "broken", "why", "12"]);
  });

  test("survive what JSON cannot write", async () => {
    const ring: Record<string, unknown> = {};
    ring["self"] = ring;
    const line = JSON.parse(await lineOf("m", { ring }));
    expect([line.message, typeof line.unloggable]).toEqual(["m", "string"]);
  });

  test("are readable for people", async () => {
    const line = await lineOf("said hello", { model: "m", note: "two words" }, { pretty: true });
    expect(Bun.stripANSI(line)).toBe('12:03:07.120 info  said hello model=m note="two words"');
  });
});

describe("control characters cannot act on a terminal or forge a line", () => {
  const wicked = 'a\r\n{"level":"error"}\u001b[2J\u0000\u007f\u009b31m\u2028\u202e';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const acting = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u202e]/;
  for (const pretty of [false, true]) {
    test(pretty ? "pretty" : "JSON", async () => {
      const line = Bun.stripANSI(await lineOf(wicked, { model: wicked, deep: { list: [wicked] } }, { pretty }));
      expect(line.split("\n").length).toBe(1);
      expect(acting.test(line)).toBe(false);
    });
  }
});

describe("secrets never reach the output", () => {
  const canary = 'canary-8f2k"\\x9';
  const rows: readonly [name: string, secret: string, message: string, fields?: Fields][] = [
    ["our key in a message", "sb-3fGhAbCdEfGhIjKlMnOp", "bad key sb-3fGhAbCdEfGhIjKlMnOp."],
    ["OpenAI's in an upstream's words", "sk-proj-AAAABBBBCCCC", "m", { text: "Incorrect API key provided: sk-proj-AAAABBBBCCCC" }],
    ["Anthropic's", "sk-ant-api03-abcdefgh", "sk-ant-api03-abcdefgh"],
    ["Google's in a URL", "AIzaSyA1234567890abcdefghijk", "m", { url: "https://example.com/?key=AIzaSyA1234567890abcdefghijk" }],
    ["a bearer token", "abcdef0123456789", "m", { sent: "Bearer abcdef0123456789" }],
    ["a bearer token after a line end", "abcdef0123456789", "sent:\nBearer abcdef0123456789"],
    ["a key after a tab", "sk-AAAABBBBCCCC", "m", { text: "key:\tsk-AAAABBBBCCCC" }],
    ["a basic login", "dXNlcjpwYXNz", "m", { sent: "basic dXNlcjpwYXNz" }],
    ["a JWT", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc"],
    ["a field by name", "hunter2hunter", "m", { password: "hunter2hunter" }],
    ["a field deep inside", "hunter2hunter", "m", { headers: { "X-Api-Key": "hunter2hunter" } }],
    ["a cookie with quotes", "tell-me", "m", { cookie: 'a="tell-me"; b' }],
    ["a registered value", canary, `said ${canary}`, { list: [canary] }],
    ["an Error's message", canary, "m", { error: new Error(`refused ${canary}`) }],
  ];
  for (const pretty of [false, true]) {
    for (const [name, secret, message, fields] of rows) {
      test(`${name}${pretty ? ", pretty" : ""}`, async () => {
        const secrets = createSecrets();
        secrets.add(canary);
        const line = await lineOf(message, fields, { secrets, pretty });
        expect(line).toContain("[redacted]");
        expect(line.includes(secret)).toBe(false);
        expect(line.includes(JSON.stringify(secret).slice(1, -1))).toBe(false);
        if (!pretty) expect(typeof JSON.parse(line).message).toBe("string");
      });
    }
  }

  test("ordinary words stay", async () => {
    const words = "task-12345678 asked the basics; the authority of keys: monkey";
    expect(JSON.parse(await lineOf(words)).message).toBe(words);
  });

  test("values too short to be secrets are not registered", async () => {
    const secrets = createSecrets();
    secrets.add("info");
    expect(JSON.parse(await lineOf("m", {}, { secrets })).level).toBe("info");
  });
});

describe("a sink that does not keep up", () => {
  test("costs lines, not memory, and the loss is told", async () => {
    const taken: string[] = [];
    const held = Promise.withResolvers<void>();
    const sink: Sink = {
      write(text) {
        taken.push(text);
        return held.promise;
      },
      writeNow: (text) => taken.push(text),
    };
    const log = logTo(sink, { bounds: { batchChars: 100, waitingChars: 1000 } });
    for (let count = 0; count < 100; count++) log.info("0123456789");
    const dropped = log.dropped();
    expect(dropped).toBeGreaterThan(50);
    held.resolve();
    await log.flush();
    log.info("later");
    await log.flush();
    expect(taken.join("")).toContain(`${dropped} log lines were dropped`);
    expect(taken.join("").trimEnd().split("\n").length).toBe(100 - dropped + 2);
  });

  test("and one that fails is counted", async () => {
    const log = logTo({ write: () => Promise.reject(new Error("EPIPE")), writeNow: () => undefined });
    log.info("a");
    log.info("b");
    await log.flush();
    expect(log.dropped()).toBe(2);
  });

  test("flushNow writes what waits at once", () => {
    const sink = recording();
    const log = logTo(sink);
    log.info("last words");
    log.flushNow();
    expect(sink.texts.join("")).toContain("last words");
  });
});
