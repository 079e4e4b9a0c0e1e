import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";

/** Whose turn it is decides who is to blame for a silence, and which connections are kept. */
let fake: FakeUpstream;
let box: TestBox;

/** More than all the buffers between a fast upstream and a client that does not read. */
const FRAMES = 300;
const frame = (index: number) =>
  `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta: { content: `${index} `.padEnd(100_000, ".") } }] })}\n\n`;

beforeAll(async () => {
  fake = await startFakeUpstream({
    chunks: "whole",
    reply: { headers: { "content-type": "text/event-stream" }, frames: [...Array.from({ length: FRAMES }, (_, index) => frame(index)), "data: [DONE]\n\n"] },
  });
});
afterEach(() => box.stop());
afterAll(() => fake.stop());

const BODY = JSON.stringify({ model: "m", stream: true, messages: [{ role: "user", content: "hello" }] });
const HEAD = `POST /v1/chat/completions HTTP/1.1\r\nhost: box\r\nauthorization: Bearer sb-test\r\ncontent-length: ${BODY.length}\r\nconnection: close\r\n\r\n`;

/** A connection over which this was sent and of which nothing is read yet. */
const sent = (text: string) =>
  new Promise<Socket>((resolve) => {
    const socket = connect(Number(new URL(box.url).port), "127.0.0.1", () => {
      socket.write(text);
      resolve(socket);
    });
    socket.pause();
  });

/** Everything that is still to be read. */
const restOf = (socket: Socket) =>
  new Promise<string>((resolve) => {
    const heard: Buffer[] = [];
    socket.on("data", (data) => heard.push(Buffer.from(data)));
    socket.on("close", () => resolve(Buffer.concat(heard).toString("latin1")));
    socket.on("error", () => socket.destroy());
    socket.resume();
  });

const model = (profile: object) => ({ models: { m: [{ kind: "openai", url: fake.url, profile }] } });

describe("a client that takes its time", () => {
  test("is not the upstream's silence: everything arrives once it reads on", async () => {
    box = startBox(model({ deadlines: { idle: 1000 } }));
    const socket = await sent(HEAD + BODY);
    await Bun.sleep(2500);
    const heard = await restOf(socket);
    expect([heard.includes(`"${FRAMES - 1} .`), heard.includes("data: [DONE]"), heard.includes("error")]).toEqual([true, true, false]);
    expect(await box.record(0)).toMatchObject({ outcome: "ok" });
  });

  test("has not left the upstream to blame when its time is over", async () => {
    // Long enough for all the buffers to fill, however busy the machine; over long before anything is read.
    box = startBox(model({ deadlines: { total: 2000 } }));
    const socket = await sent(HEAD + BODY);
    await Bun.sleep(4000);
    await restOf(socket);
    expect(await box.record(0)).toMatchObject({ outcome: "client-left", failure: "client-left", message: expect.stringMatching(/had not taken its answer/) });
  });
});

describe("a client that stops", () => {
  test.each([
    ["reading its answer", HEAD + BODY, { outcome: "client-left", status: 200 }],
    ["sending its request", HEAD + BODY.slice(0, 20), { outcome: "client-left", failure: "client-left" }],
  ])(
    "%s is let go, and its request settled",
    async (_name, text, ending) => {
      box = startBox({ ...model({}), idleSeconds: 1 });
      const socket = await sent(text);
      await until("the request to be over", () => box.records.length > 0);
      expect([box.records.length, box.inFlight()]).toEqual([1, 0]);
      expect(box.records[0]).toMatchObject(ending);
      socket.destroy();
    },
    25_000,
  );
});

test("an upstream that takes its time is waited for, however quiet the socket", async () => {
  box = startBox({ ...model({ deadlines: { firstToken: 20_000 } }), idleSeconds: 1, policy: { holdStatus: 50 } });
  fake.play({ delayFirst: 6_000 });
  const response = await box.post("/v1/chat/completions", BODY);
  expect((await response.text()).endsWith("data: [DONE]\n\n")).toBe(true);
  expect(box.records[0]?.outcome).toBe("ok");
}, 20_000);
