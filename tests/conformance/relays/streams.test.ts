import { describe, expect, test } from "bun:test";
import { createConnection, createServer, type Socket } from "node:net";
import { objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { PIXEL } from "../../fakes/upstream/answers/others.ts";
import { type Behaviour, EMPTY_200, failing } from "../../fakes/upstream/behaviours.ts";
import { startBox } from "../../harness/box.ts";
import { twoUpstreams } from "../../harness/two-upstreams.ts";
import { until } from "../../harness/until.ts";

/** Answers that are passed on while they come: events of transcriptions, pictures and speech, and sound itself. */
const quick = { deadlines: { firstToken: 150, idle: 150, total: 600 } };
const { fake, second, box } = await twoUpstreams((fake, second) => ({
  policy: { comment: 40 },
  models: {
    m: [{ kind: "openai", url: fake.url, model: "theirs", profile: { deadlines: { idle: 10_000 } } }],
    quick: [{ kind: "openai", url: fake.url, profile: quick }],
    patient: [{ kind: "openai", url: fake.url, profile: { deadlines: { idle: 300 } } }],
    two: [
      { kind: "openai", url: fake.url, model: "first", profile: quick },
      { kind: "openai", url: second.url, model: "second", profile: quick },
    ],
  },
}));

const last = () => box.record(box.records.length);
const WORDS = { answer: { text: ["one ", "two ", "three"], usage: { input: 5, output: 7 } } };
const transcribe = (model = "m", init: RequestInit = {}) => {
  const form = new FormData();
  form.append("file", new Blob(["RIFF"]), "a.wav");
  form.append("stream", "true");
  form.append("model", model);
  return fetch(`${box.url}/v1/audio/transcriptions`, { method: "POST", body: form, ...init });
};
const picture = (model = "m") => box.post("/v1/images/generations", { model, prompt: "a", stream: true, partial_images: 1 });
const speak = (model = "m", init: RequestInit = {}) => box.post("/v1/audio/speech", { model, input: "words" }, init);
const delta = (text: string) => `data: {"type":"transcript.text.delta","delta":${JSON.stringify(text)}}\n\n`;
const done = (usage: string) => `data: {"type":"transcript.text.done","text":"one two three"${usage}}\n\n`;
const said = ["one ", "two ", "three"].map(delta).join("");
const DONE = done(',"usage":{"type":"tokens","input_tokens":5,"input_token_details":{"text_tokens":5,"audio_tokens":0},"output_tokens":7,"total_tokens":12}');
const withoutComments = (text: string) => text.replaceAll(": ka\n\n", "");

describe("events", () => {
  test.each<[string, Behaviour]>([
    ["as they come", WORDS],
    ["a byte at a time", { ...WORDS, chunks: 1 }],
    ["in one piece", { ...WORDS, chunks: "whole" }],
    ["with a length", { ...WORDS, length: "exact" }],
    ["until the connection closes", { ...WORDS, length: "until-close" }],
    ["compressed", { ...WORDS, encoding: "gzip" }],
  ])("%s pass whole", async (_name, behaviour) => {
    fake.play(behaviour);
    const recorded = last();
    const response = await transcribe();
    expect([response.status, response.headers.get("content-type"), response.headers.get("x-accel-buffering")]).toEqual([
      200,
      "text/event-stream; charset=utf-8",
      "no",
    ]);
    expect(withoutComments(await response.text())).toBe(said + DONE);
    expect(await recorded).toMatchObject({ stream: true, outcome: "ok", usage: { input: 5, output: 7, evidence: "reported" } });
  });

  test("of pictures, with their names, and each finished one counted", async () => {
    const recorded = last();
    const text = withoutComments(await (await picture()).text());
    expect(text.match(/^event: .*/gm)).toEqual(["event: image_generation.partial_image", "event: image_generation.completed"]);
    expect((await recorded).usage).toMatchObject({ images: 1, evidence: "reported" });
  });

  test("of a picture too large to be looked at in full are looked at all the same where they tell what was used", async () => {
    const big = PIXEL.repeat(20_000);
    const frames = [
      `event: image_generation.partial_image\ndata: {"type":"image_generation.partial_image","b64_json":"${big}"}\n\n`,
      `event: image_generation.completed\ndata: {"type":"image_generation.completed","b64_json":"${big}","usage":{"input_tokens":9,"output_tokens":1056,"output_tokens_details":{"image_tokens":1056}}}\n\n`,
    ];
    fake.play({ reply: { headers: { "content-type": "text/event-stream" }, frames } });
    const recorded = last();
    expect(withoutComments(await (await picture()).text())).toBe(frames.join(""));
    expect((await recorded).usage).toMatchObject({ input: 9, output: 1056, imageOutput: 1056, images: 1 });
  });

  test("in other words than OpenAI's", async () => {
    const mistral = [
      'event: transcription.text.delta\ndata: {"type":"transcription.text.delta","text":"one two"}\n\n',
      'event: transcription.done\ndata: {"type":"transcription.done","text":"one two","usage":{"prompt_audio_seconds":3,"prompt_tokens":5,"total_tokens":400,"completion_tokens":20,"prompt_tokens_details":{"audio_tokens":375}}}\n\n',
    ];
    const vllm = ['data: {"object":"transcription.chunk","choices":[{"delta":{"content":"one two three"}}]}\n\n', "data: [DONE]\n\n"];
    const table = [
      [mistral, { input: 380, output: 20, audioInput: 375, milliseconds: 3000, evidence: "reported" }],
      [vllm, { output: 4, evidence: "counted" }],
    ] as const;
    for (const [frames, usage] of table) {
      fake.play({ reply: { headers: { "content-type": "text/event-stream" }, frames: [...frames] } });
      const recorded = last();
      expect(withoutComments(await (await transcribe()).text())).toBe(frames.join(""));
      expect((await recorded).usage).toMatchObject(usage);
    }
  });

  test("are held open by comments while the upstream is quiet, whose own are left out", async () => {
    fake.play({ ...WORDS, delayBetween: 150, framing: { pings: true } });
    const text = await (await transcribe()).text();
    expect(text).toContain(": ka\n\n");
    expect(withoutComments(text)).toBe(said + DONE);
  });

  test("were asked for, and a whole answer came: it passes as it is", async () => {
    fake.play({ reply: { body: { text: "one two three" } } });
    const response = await transcribe();
    expect([response.headers.get("content-type"), await response.json()]).toEqual(["application/json", { text: "one two three" }]);
  });
});

describe("before the first event", () => {
  test.each<[string, Behaviour]>([
    ["an error status", failing(500)],
    ["an error event", { ...WORDS, errorFrame: { afterFrames: 0 } }],
    ["an event named error", { ...WORDS, errorFrame: { afterFrames: 0, event: "error", data: '{"message":"broken"}' } }],
    ["nothing at all", EMPTY_200],
    ["no event", { reply: { headers: { "content-type": "text/event-stream" }, frames: [": waiting\n\n"] } }],
    ["a cut connection", { cut: "before-body" }],
    ["silence", { stall: "before-headers" }],
    ["silence behind the headers", { stall: "before-body" }],
  ])("%s sends the request elsewhere, and the client never knows", async (_name, behaviour) => {
    fake.play(() => behaviour);
    second.play(() => WORDS);
    for (let time = 0; time < 2; time++) {
      const response = await transcribe("two");
      expect(withoutComments(await response.text())).toBe(said + DONE);
      expect(response.headers.get("x-signalbox-deployment")).toBe("openai-1/second");
    }
    expect(fake.seen.length).toBeWithin(1, 3);
  });

  test("silence is a 504 when there is nobody else", async () => {
    fake.play(() => ({ stall: "before-body" }));
    const response = await transcribe("quick");
    expect([response.status, objectOf(objectOf(await response.json())["error"])["code"]]).toEqual([504, "upstream_timeout"]);
  });
});

test("an upstream that is slow to take a form is not silent", async () => {
  // A mebibyte every 20 ms: longer by far than its silence is suffered.
  const slow = createServer({ pauseOnConnect: true }, (socket) => {
    let got = 0;
    let length = Number.POSITIVE_INFINITY;
    const sip = setInterval(() => {
      const bytes: Buffer | null = socket.read(1024 * 1024) ?? socket.read();
      if (bytes === null) return;
      if (got === 0) length = Number(/content-length: (\d+)/.exec(bytes.toString("latin1", 0, 1000))?.[1]);
      got += bytes.length;
      if (got > length) {
        clearInterval(sip);
        socket.end(`HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n${DONE}`);
      }
    }, 20);
    socket.on("error", () => clearInterval(sip));
    socket.on("close", () => clearInterval(sip));
  });
  await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(slow.address() as { port: number }).port}`;
  const patient = startBox({ policy: { attempts: 1 }, models: { m: [{ kind: "openai", url, profile: { deadlines: { firstToken: 200 } } }] } });
  const form = new FormData();
  for (const [name, value] of Object.entries({ model: "m", stream: "true" })) form.append(name, value);
  form.append("file", new Blob([new Uint8Array(24 * 1024 * 1024)]), "a.wav");
  const response = await fetch(`${patient.url}/v1/audio/transcriptions`, { method: "POST", body: form });
  expect(await response.text()).toBe(DONE);
  await patient.stop();
  slow.close();
});

describe("after the first event", () => {
  const broken = (text: string) => {
    const [, frame = ""] = /data: (\{"error".*\})\n\ndata: \[DONE\]\n\n$/.exec(text) ?? [];
    return objectOf(objectOf(parseJson(frame))["error"]);
  };
  test.each<[string, Behaviour, string, string]>([
    ["an error event", { ...WORDS, errorFrame: { afterFrames: 2 } }, "upstream_error", "The fake broke"],
    [
      "an error event that tells our key",
      { ...WORDS, errorFrame: { afterFrames: 2, data: '{"error":{"message":"bad key upstream-key"}}' } },
      "upstream_error",
      "bad key [redacted]",
    ],
    ["a cut connection", { ...WORDS, cut: { afterFrames: 2 } }, "upstream_error", "broke before the answer was finished"],
    ["silence", { ...WORDS, stall: { afterFrames: 2 } }, "upstream_timeout", "fell silent"],
  ])("%s is one typed error and the end, and nobody else is asked", async (_name, behaviour, code, says) => {
    for (const each of [fake, second]) each.play(() => behaviour);
    const recorded = last();
    const text = withoutComments(await (await transcribe("two")).text());
    expect(text.startsWith(delta("one ") + delta("two "))).toBe(true);
    expect(broken(text)["code"]).toBe(code);
    expect(broken(text)["message"]).toContain(says);
    expect(text).not.toContain("upstream-key");
    expect(fake.seen.length + second.seen.length).toBe(1);
    expect(await recorded).toMatchObject({ status: 200, outcome: "failed", usage: { output: 2, evidence: "counted" } });
  });

  test("an upstream that goes on after its error is called off", async () => {
    fake.play({ ...WORDS, errorFrame: { afterFrames: 1 }, stall: { afterFrames: 2 } });
    await (await transcribe()).text();
    expect(await (await fake.request(0)).settled).toBe("client-left");
  });

  test("an end without the last event is an end", async () => {
    fake.play({ ...WORDS, drop: ["end"] });
    const recorded = last();
    expect(withoutComments(await (await transcribe()).text())).toBe(said);
    expect(await recorded).toMatchObject({ outcome: "ok", usage: { evidence: "counted" } });
  });

  test.each<[string, Behaviour]>([
    ["cut", { ...WORDS, cut: { afterFrames: 4 } }],
    ["left open", { ...WORDS, stall: { afterFrames: 4 } }],
  ])("a connection that is %s behind the last event spoils nothing", async (_name, behaviour) => {
    fake.play(() => behaviour);
    const recorded = last();
    expect(withoutComments(await (await transcribe("quick")).text())).toBe(said + DONE);
    expect(await recorded).toMatchObject({ outcome: "ok", usage: { input: 5, evidence: "reported" } });
  });

  test("a whole answer that takes too long is a 504, and sound that does is cut", async () => {
    fake.play(() => ({ stall: "before-headers" }));
    expect((await box.post("/v1/moderations", { model: "quick", input: "a" })).status).toBe(504);
    fake.play(() => ({ stall: { afterFrames: 1 } }));
    const recorded = last();
    const response = await speak("quick");
    expect(response.status).toBe(200);
    await expect(response.arrayBuffer()).rejects.toThrow();
    expect(await recorded).toMatchObject({ outcome: "failed", failure: "upstream-timeout" });
  });
});

describe("a client that leaves", () => {
  test.each<[string, (signal: AbortSignal) => Promise<Response>]>([
    ["events", (signal) => transcribe("m", { signal })],
    ["sound", (signal) => speak("m", { signal })],
  ])("in the middle of %s has its upstream called off", async (_name, ask) => {
    fake.play({ ...WORDS, stall: { afterFrames: 2 } });
    const recorded = last();
    const leave = new AbortController();
    const response = await ask(leave.signal);
    const reader = response.body?.getReader();
    await reader?.read();
    leave.abort();
    expect(await (await fake.request(0)).settled).toBe("client-left");
    expect((await recorded).outcome).toBe("client-left");
    await until("nothing to be in flight", () => box.inFlight() === 0);
  });
});

describe("a client that is slow", () => {
  /** A client that asks for this and reads nothing yet. */
  const asking = (model: string, path: string, body: object) => {
    const text = JSON.stringify({ model, ...body });
    const socket = createConnection(Number(new URL(box.url).port), "127.0.0.1");
    socket.pause();
    socket.write(`POST ${path} HTTP/1.1\r\nhost: box\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`);
    return socket;
  };
  const readOn = (socket: Socket) =>
    new Promise<number>((resolve) => {
      let got = 0;
      socket.on("data", (bytes) => {
        got += bytes.length;
      });
      socket.on("close", () => resolve(got));
      socket.resume();
    });

  test("is waited for, and its upstream read no faster", async () => {
    const size = 26_000_000;
    fake.play({ reply: { headers: { "content-type": "audio/mpeg" }, body: new Uint8Array(size) }, chunks: 65_000 });
    const socket = asking("m", "/v1/audio/speech", { input: "words" });
    const seen = await fake.request(0);
    // As much as the sockets between hold is on its way; the fake is not done, as nobody takes the rest.
    for (let time = 0; time < 10; time++) await box.post("/v1/moderations", { model: "nobody" });
    const recorded = last();
    expect(seen.ending).toBeUndefined();
    expect(await readOn(socket)).toBeGreaterThan(size);
    expect(await seen.settled).toBe("whole");
    expect((await recorded).outcome).toBe("ok");
  });

  test("is not the upstream's silence", async () => {
    const event = `data: {"type":"image_generation.partial_image","b64_json":"${"x".repeat(100_000)}"}\n\n`;
    fake.play({ reply: { headers: { "content-type": "text/event-stream" }, frames: Array.from({ length: 300 }, () => event) }, chunks: "whole" });
    const recorded = last();
    const socket = asking("patient", "/v1/images/generations", { prompt: "a", stream: true });
    await Bun.sleep(1000);
    expect(await readOn(socket)).toBeGreaterThan(300 * event.length);
    expect((await recorded).outcome).toBe("ok");
  });
});
