import { describe, expect, test } from "bun:test";
import { readdirSync, readlinkSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { objectOf } from "../../../src/vocabulary/json.ts";
import { type Behaviour, failing, HTML_200 } from "../../fakes/upstream/behaviours.ts";
import { twoUpstreams } from "../../harness/two-upstreams.ts";
import { until } from "../../harness/until.ts";

/** What comes as a form with files: transcriptions, translations, edits of pictures. */
const CAP = 3_000_000;
const { fake, second, box } = await twoUpstreams((fake, second) => ({
  bodyCap: CAP,
  models: {
    m: [{ kind: "openai", url: fake.url, model: "whisper-1" }],
    two: [
      { kind: "openai", url: fake.url, model: "first" },
      { kind: "vllm", url: second.url, model: "a-second-with-a-longer-name" },
    ],
  },
}));
// Whatever a test did: nothing of it is left on the disk, by a name or held open.
const held = () => {
  const open = readdirSync("/proc/self/fd").flatMap((number) => {
    try {
      return [readlinkSync(`/proc/self/fd/${number}`)];
    } catch {
      return [];
    }
  });
  return open.filter((path) => path.startsWith(box.spool)).length;
};
const nothingLeft = async () => {
  await until("the request to be over", () => box.inFlight() === 0);
  await until("its files to be gone", () => held() === 0);
  expect(readdirSync(box.spool).flatMap((name) => (name.startsWith("req_") ? [name] : []))).toEqual([]);
};

const last = () => box.record(box.records.length);
const B = "----a-Boundary";
const field = (name: string, value: string) => `--${B}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
const file = (bytes: Buffer) =>
  Buffer.concat([
    Buffer.from(`--${B}\r\ncontent-disposition: form-data; filename="naïve \\"a\\".wav"; name=file\r\nX-Odd:  header \r\n\r\n`),
    bytes,
    Buffer.from("\r\n"),
  ]);
const form = (...parts: (string | Buffer)[]) => Buffer.concat([...parts.map((part) => Buffer.from(part)), Buffer.from(`--${B}--\r\n`)]);
const post = (body: Buffer | ReadableStream, path = "/v1/audio/transcriptions", more: RequestInit = {}) =>
  fetch(box.url + path, { method: "POST", body: body as BodyInit, headers: { "content-type": `multipart/form-data; boundary=${B}` }, ...more });
/** Every byte there is, over and over, and what looks like a boundary. */
const AUDIO = Buffer.concat([
  Buffer.from(Array.from({ length: 1_000_000 }, (_, at) => (at * 31 + (at >> 8)) & 255)),
  Buffer.from(`\r\n--${B.slice(0, -1)}\r\n--`),
]);

describe("a form", () => {
  test.each<[string, (model: string) => Buffer]>([
    ["with the model first", (model) => form(field("model", model), file(AUDIO), field("language", "de"))],
    ["with the model last", (model) => form(file(AUDIO), field("language", "de"), field("model", model))],
    ["with the model twice", (model) => form(field("model", model), file(AUDIO), field("model", model))],
  ])("%s reaches the upstream with another name in its place, and every other byte as it was", async (_name, made) => {
    const recorded = last();
    const response = await post(made("m"));
    expect([response.status, response.headers.get("x-signalbox-deployment")]).toEqual([200, "openai/whisper-1"]);
    const [seen] = fake.seen;
    expect(Buffer.from(seen?.body ?? []).equals(made("whisper-1"))).toBe(true);
    expect(seen).toMatchObject({
      path: "/v1/audio/transcriptions",
      headers: { "content-type": `multipart/form-data; boundary=${B}`, authorization: "Bearer upstream-key" },
    });
    expect(seen?.headers["content-length"]).toBe(String(made("whisper-1").length));
    expect(await recorded).toMatchObject({ operation: "transcriptions", dialect: "openai-audio", model: "m", outcome: "ok" });
    await nothingLeft();
  });

  test("without a length, in chunks", async () => {
    const body = form(field("model", "m"), file(AUDIO));
    const chunked = new ReadableStream({
      start(controller) {
        for (let at = 0; at < body.length; at += 65_537) controller.enqueue(body.subarray(at, at + 65_537));
        controller.close();
      },
    });
    expect((await post(chunked)).status).toBe(200);
    expect(Buffer.from(fake.seen[0]?.body ?? []).equals(form(field("model", "whisper-1"), file(AUDIO)))).toBe(true);
    await nothingLeft();
  });

  test.each(["/v1/audio/translations", "/audio/transcriptions", "/v1/images/edits"])("at %s", async (path) => {
    const response = await post(form(field("model", "m"), file(AUDIO), field("n", "1")), path);
    expect([response.status, fake.seen[0]?.path]).toEqual([200, path.startsWith("/v1") ? path : `/v1${path}`]);
    await nothingLeft();
  });

  test("as JSON, which some take instead", async () => {
    const response = await box.post("/v1/audio/transcriptions", { model: "m", input_audio: { data: "UklGRg==", format: "wav" } });
    expect([response.status, fake.seen[0]?.json]).toEqual([200, { model: "whisper-1", input_audio: { data: "UklGRg==", format: "wav" } }]);
  });
});

describe("a form that another deployment gets", () => {
  test.each<[string, Behaviour]>([
    ["refused", failing(503)],
    ["cut while it is sent", { cut: "before-headers" }],
    ["answered in HTML", HTML_200],
  ])("when the first is %s is the same, with its own name for the model", async (_name, behaviour) => {
    fake.play(() => behaviour);
    // Deployments take turns: one of two calls begins with the sick one.
    for (let time = 0; time < 2; time++) {
      const response = await post(form(file(AUDIO), field("model", "two")));
      expect([response.status, response.headers.get("x-signalbox-deployment")]).toEqual([200, "vllm-1/a-second-with-a-longer-name"]);
      expect(Buffer.from(second.seen[time]?.body ?? []).equals(form(file(AUDIO), field("model", "a-second-with-a-longer-name")))).toBe(true);
    }
    expect(Buffer.from(fake.seen[0]?.body ?? []).equals(form(file(AUDIO), field("model", "first")))).toBe(true);
    await nothingLeft();
  });

  test("is refused by all when it is, in the words of the last", async () => {
    for (const each of [fake, second]) each.play(() => failing(500));
    const response = await post(form(file(AUDIO), field("model", "two")));
    expect([response.status, response.headers.get("x-signalbox-attempts")]).toEqual([502, "3"]);
    await nothingLeft();
  });

  test("no longer when its first word has come", async () => {
    for (const each of [fake, second]) each.play(() => ({ cut: { afterFrames: 2 }, answer: { text: ["one ", "two ", "three"] } }));
    const response = await post(form(file(AUDIO), field("stream", "true"), field("model", "two")));
    const text = await response.text();
    expect(text).toContain('"delta":"one "');
    expect(text).toMatch(/data: \{"error":\{.*broke before the answer was finished.*\n\ndata: \[DONE\]\n\n$/);
    expect(fake.seen.length + second.seen.length).toBe(1);
    await nothingLeft();
  });
});

describe("a form is refused", () => {
  test.each<[string, Buffer, number, string, string]>([
    ["without a model", form(file(AUDIO)), 400, "model", "model is missing"],
    ["with a model there is not", form(field("model", "nobody"), file(AUDIO)), 404, "model", "nobody"],
    ["that ends early", form(field("model", "m"), file(AUDIO)).subarray(0, -8), 400, "", "ends before its last boundary"],
    ["with another boundary", Buffer.from(`--other${form(field("model", "m"))}`), 400, "", "does not begin with the boundary"],
    ["that is empty", Buffer.alloc(0), 400, "", "ends before its last boundary"],
    ["whose model is a file", form(`--${B}\r\nContent-Disposition: form-data; name="model"; filename="m"\r\n\r\nm\r\n`), 400, "model", "not a file"],
    ["that is too large", form(file(Buffer.alloc(CAP))), 413, "", "larger than 2 MB"],
  ])("%s, and nobody is asked", async (_name, body, status, param, says) => {
    const response = await post(body);
    const error = objectOf(objectOf(await response.json())["error"]);
    expect([response.status, error["param"] ?? ""]).toEqual([status, param]);
    expect(error["message"]).toContain(says);
    expect(fake.seen).toEqual([]);
    await nothingLeft();
  });

  test("by a wrong key before a byte of it is kept", async () => {
    const response = await post(form(file(AUDIO)), undefined, { headers: { authorization: "Bearer wrong", "content-type": "multipart/form-data" } });
    expect(response.status).toBe(401);
    await nothingLeft();
  });

  test("by the upstream, in its own words", async () => {
    const body = { error: { message: "Invalid file format.", type: "invalid_request_error", param: "file", code: null } };
    fake.play({ reply: { status: 400, body } });
    const response = await post(form(field("model", "m"), file(AUDIO)));
    expect([response.status, await response.json()]).toEqual([400, body]);
    await nothingLeft();
  });
});

describe("a client that leaves", () => {
  const open = (write: (socket: Socket) => void) => {
    const socket = createConnection(Number(new URL(box.url).port), "127.0.0.1", () => write(socket));
    socket.on("error", () => undefined);
    return socket;
  };
  const head = (length: number) =>
    `POST /v1/audio/transcriptions HTTP/1.1\r\nhost: box\r\ncontent-type: multipart/form-data; boundary=${B}\r\ncontent-length: ${length}\r\n\r\n`;

  test("in the middle of its form leaves nothing", async () => {
    const recorded = last();
    const body = form(field("model", "m"), file(AUDIO));
    const socket = open((each) => each.write(Buffer.concat([Buffer.from(head(body.length)), body.subarray(0, 500_000)])));
    await until("the file to be on the disk", () => held() > 0);
    socket.destroy();
    expect((await recorded).outcome).toBe("client-left");
    expect(fake.seen).toEqual([]);
    await nothingLeft();
  });

  test("while its form is worked on has the upstream called off", async () => {
    fake.play({ stall: "before-headers" });
    const recorded = last();
    const leave = new AbortController();
    const answer = post(form(field("model", "m"), file(AUDIO)), undefined, { signal: leave.signal }).catch(() => undefined);
    const seen = await fake.request(0);
    leave.abort();
    await answer;
    expect(await seen.settled).toBe("client-left");
    expect((await recorded).outcome).toBe("client-left");
    await nothingLeft();
  });
});

describe("what is used is written down", () => {
  const tokens = { input: 37, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 12, reasoning: 0, audioInput: 30, audioOutput: 0, imageInput: 0 };
  const none = { ...tokens, input: 0, output: 0, audioInput: 0 };
  const USED = { answer: { usage: { input: 37, output: 12, audioInput: 30 } } };
  test.each<[string, Record<string, string>, Behaviour, object]>([
    ["tokens", {}, USED, { ...tokens, evidence: "reported" }],
    ["tokens of a stream", { stream: "true" }, USED, { ...tokens, evidence: "reported" }],
    ["seconds", {}, { reply: { body: { text: "a", usage: { type: "duration", seconds: 3.7 } } } }, { ...none, milliseconds: 3700, evidence: "reported" }],
    ["the length of what was heard", { response_format: "verbose_json" }, {}, { ...none, milliseconds: 3700, evidence: "reported" }],
    ["text, counted", { response_format: "text" }, { answer: { text: "twelve bytes" } }, { ...none, output: 4, evidence: "counted" }],
    ["a stream, counted", { stream: "true" }, { answer: { text: "twelve bytes", usage: false } }, { ...none, output: 3, evidence: "counted" }],
  ])("%s", async (_name, fields, behaviour, usage) => {
    fake.play(behaviour);
    const recorded = last();
    const response = await post(form(file(AUDIO), ...Object.entries(fields).map(([name, value]) => field(name, value)), field("model", "m")));
    await response.text();
    expect((await recorded).usage).toEqual(usage as never);
    expect((await recorded).stream).toBe(fields["stream"] === "true");
    await nothingLeft();
  });
});
