import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Recording, recordings, responseBytes, syntheticErrors } from "./recordings.ts";
import { canonical, framesOf, type Replay, startReplay } from "./replay.ts";

const STREAM = 'data: {"a":1}\r\n\r\ndata: {"a":2}\r\n\r\ndata: [DONE]\r\n\r\n';
const made = (id: string, stream: Recording["stream"], text: string, body: Recording["response"]["body"]): Recording => ({
  id,
  core: false,
  provider: "openai",
  api: "chat_completions",
  model: "m",
  fidelity: "wire",
  stream,
  features: [],
  finish: [],
  usage: null,
  request: {
    method: "POST",
    path: "/v1/chat/completions",
    headers: {},
    body: { model: "m", messages: [{ role: "user", content: text }], stream: stream !== false },
  },
  response: { status: 200, headers: { "content-length": "999", "x-request-id": id }, body },
});
const HAND_MADE = [made("h/1", false, "hi", { said: "first" }), made("h/2", false, "hi", { said: "second" }), made("h/3", "sse", "hi", STREAM)];

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "recordings-"));
  mkdirSync(join(folder, "exchanges"));
  const lines = (rows: readonly object[]) => `${rows.map((row) => JSON.stringify(row)).join("\n")}\n`;
  writeFileSync(
    join(folder, "index.jsonl"),
    lines(HAND_MADE.map((one) => ({ id: one.id, core: one.id === "h/3", finish: ["stop"], usage: { prompt_tokens: 1 } }))),
  );
  writeFileSync(join(folder, "exchanges", "openai.jsonl"), lines(HAND_MADE));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("the loader", () => {
  test("joins exchanges with the index and filters", () => {
    const wanted: [object, string[]][] = [
      [{}, ["h/1", "h/2", "h/3"]],
      [{ core: true }, ["h/3"]],
      [{ stream: false }, ["h/1", "h/2"]],
      [{ provider: "gemini" }, []],
      [{ api: "chat_completions", ok: true, stream: true }, ["h/3"]],
      [{ ok: false }, []],
    ];
    for (const [filter, ids] of wanted) expect(recordings(filter, folder).map((one) => one.id)).toEqual(ids);
    expect(recordings({ core: true }, folder)[0]).toMatchObject({ finish: ["stop"], usage: { prompt_tokens: 1 } });
  });

  test("has nothing where there is no folder", () => {
    expect(recordings({}, join(folder, "absent"))).toEqual([]);
    expect(syntheticErrors(join(folder, "absent"))).toEqual([]);
  });

  test("frames of a stream keep every byte", () => {
    expect(framesOf(STREAM, false)).toHaveLength(3);
    expect(framesOf("{}\n{}\n{}", true)).toEqual(["{}\n", "{}\n", "{}"]);
    for (const recording of recordings({ core: true })) {
      if (typeof recording.response.body !== "string") continue;
      expect(framesOf(recording.response.body, recording.stream === "ndjson").join("")).toBe(recording.response.body);
    }
  });

  test("canonical JSON ignores the order of names at any depth", () => {
    expect(canonical({ b: [{ d: 1, c: 2 }], a: null })).toBe(canonical({ a: null, b: [{ c: 2, d: 1 }] }));
    expect(canonical([1, 2])).not.toBe(canonical([2, 1]));
  });
});

describe("the replay", () => {
  let replay: Replay;
  beforeAll(async () => {
    replay = await startReplay(HAND_MADE, 7);
  });
  afterAll(() => replay.stop());
  const ask = (path: string, body: object) => fetch(replay.baseUrl("openai") + path, { method: "POST", body: JSON.stringify(body) });
  const hi = { messages: [{ role: "user", content: "hi" }], model: "m" };

  test("by canonical body, equal ones in turns", async () => {
    const said = [];
    for (let index = 0; index < 3; index++) said.push(await (await ask("/v1/chat/completions", { stream: false, ...hi })).json());
    expect(said).toEqual([{ said: "first" }, { said: "second" }, { said: "first" }]);
  });

  test("by model, last user text and stream, under another base path", async () => {
    const body = { ...hi, stream: true, temperature: 1, stream_options: { include_usage: true } };
    for (const chunks of [1, 7, 64, "frame", "whole"] as const) {
      replay.cutInto(chunks);
      expect(await (await ask("/v1/chat/completions", body)).text()).toBe(STREAM);
    }
    expect(await (await ask("/compatible/v1/chat/completions", body)).text()).toBe(STREAM);
    expect(replay.played.at(-1)?.id).toBe("h/3");
  });

  test("404 for what was not recorded", async () => {
    const response = await ask("/v1/chat/completions", { ...hi, model: "other" });
    expect([response.status, replay.played.at(-1)]).toEqual([404, undefined]);
  });

  test("every core recording is found by its own request and replayed whole", async () => {
    const core = [...HAND_MADE, ...recordings({ core: true })].filter(
      (one) => one.request.method === "POST" && one.request.body !== null && one.request.body_encoding === undefined,
    );
    const whole = await startReplay(core, "whole");
    for (const recording of core) {
      const { path, query, body } = recording.request;
      if (typeof body !== "object") continue;
      const url = `${whole.baseUrl(recording.provider)}${path}?${new URLSearchParams(query)}`;
      const response = await fetch(url, { method: "POST", body: JSON.stringify(body) });
      const bytes = await response.bytes();
      const player = whole.played.at(-1);
      expect([recording.id, response.status]).toEqual([recording.id, player?.response.status ?? 0]);
      if (player) expect(Buffer.compare(bytes, responseBytes(player.response))).toBe(0);
      expect(player?.request.path).toBe(path);
    }
    await whole.stop();
  });
});
