import { afterEach, describe, expect, test } from "bun:test";
import { type FakeEngine, startFakeEngine } from "./engine.ts";
import { type EngineOptions, type Faults, readCommandLine } from "./options.ts";

const running: FakeEngine[] = [];
afterEach(() => {
  for (const engine of running.splice(0)) engine.kill();
});

function started(options: Partial<EngineOptions> = {}) {
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  const lines: string[] = [];
  const engine = startFakeEngine({ model: "tiny", port: 0, ...options }, { log: (line) => lines.push(line), ended: resolve });
  running.push(engine);
  const call = async (path: string, body?: unknown) =>
    await fetch(`http://127.0.0.1:${await engine.listening}${path}`, body === undefined ? {} : { method: "POST", body: JSON.stringify(body) });
  /** Answered as soon as it serves. */
  const ask = async (body: object) => {
    while ((await call("/health")).status !== 200) await Bun.sleep(5);
    return await call("/v1/chat/completions", { model: "tiny", messages: [{ role: "user", content: "Hello there" }], ...body });
  };
  return { engine, ended, lines, call, ask };
}

describe("a fake engine", () => {
  test("reads vLLM's command line, whatever else is on it", () => {
    const words =
      "serve org/model --port 8001 --served-model-name a b --tensor-parallel-size 2 --max-model-len=4096 --enable-prefix-caching --max-num-seqs 3 --fake".split(
        " ",
      );
    expect(readCommandLine([...words, '{"loadingTime":5}'], { FAKE_ENGINE: '{"loadingTime":9,"answerTokens":2}', VLLM_API_KEY: "secret" })).toEqual({
      host: "0.0.0.0",
      port: 8001,
      model: "org/model",
      servedNames: ["a", "b"],
      maxModelLen: 4096,
      maxNumSeqs: 3,
      gpuMemoryUtilization: 0.92,
      apiKey: "secret",
      fake: { loadingTime: 5, answerTokens: 2 },
    });
  });

  test("is 503 while it loads, and then serves under its names", async () => {
    const { call, engine, lines } = started({ servedNames: ["tiny", "signalbox-1"], fake: { loading: "hang" } });
    expect((await call("/health")).status).toBe(503);
    engine.fault({ loading: undefined });
    while ((await call("/health")).status !== 200) await Bun.sleep(5);
    const { data } = (await (await call("/v1/models")).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(["tiny", "signalbox-1"]);
    expect(lines.join("\n")).toContain("GPU KV cache size: 42,816 tokens");
    expect(lines.join("\n")).toContain("Maximum concurrency for 32,768 tokens per request: 1.31x");
  });

  test("answers whole and as a stream, with usage", async () => {
    const { ask } = started();
    const whole = (await (await ask({ max_tokens: 3 })).json()) as { choices: { message: { content: string }; finish_reason: string }[]; usage: object };
    expect(whole.choices[0]).toMatchObject({ message: { content: "Token 1 2" }, finish_reason: "length" });
    expect(whole.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 3 });
    const text = await (await ask({ stream: true, stream_options: { include_usage: true } })).text();
    expect(text.match(/"content":" \d"/g)).toHaveLength(7);
    expect(text).toContain('"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":8');
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  test("refuses what is too long in vLLM's words", async () => {
    const { ask } = started({ maxModelLen: 10 });
    const answer = await ask({ max_tokens: 100 });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { message: string; code: number } };
    expect(error).toMatchObject({ code: 400, type: "BadRequestError" });
    expect(error.message).toStartWith("This model's maximum context length is 10 tokens. However, you requested 103 tokens");
  });

  test("runs no more at once than it was told to", async () => {
    const { ask, engine } = started({ maxNumSeqs: 2, fake: { tokenDelay: 2 } });
    await Promise.all([1, 2, 3, 4, 5].map(async () => (await ask({})).text()));
    expect(engine.tally).toMatchObject({ requests: 5, answered: 5, mostRunning: 2, running: 0, waiting: 0 });
  });

  const failedStarts: [options: Partial<EngineOptions>, says: string, code: number][] = [
    [{ fake: { loading: "memory-held" } }, "is less than desired GPU memory utilization (0.92, 21.75 GiB)", 1],
    [{ fake: { loading: "out-of-memory", exitCode: 3 } }, "CUDA out of memory. Tried to allocate", 3],
    [{ fake: { fitsModelLen: 6144 } }, "the estimated maximum model length is 6144.", 1],
    [{ fake: { fitsSequences: 8 } }, "CUDA out of memory occurred when warming up sampler with 256 dummy requests", 1],
    [{ fake: { loading: "exit" } }, "Starting to load model tiny", 1],
  ];
  for (const [options, says, code] of failedStarts) {
    test(`fails its start: ${JSON.stringify(options.fake)}`, async () => {
      const { ended, lines } = started(options);
      expect(await ended).toBe(code);
      expect(lines.join("\n")).toContain(says);
    });
  }

  test("starts with what fits", async () => {
    const { ask } = started({ maxModelLen: 6144, maxNumSeqs: 8, fake: { fitsModelLen: 6144, fitsSequences: 8 } });
    expect((await ask({})).status).toBe(200);
  });

  test("dies mid-stream", async () => {
    const { ask, ended } = started({ fake: { dieAfter: 2, tokenDelay: 5 } });
    const answer = await ask({ stream: true });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    expect(await ended).toBe(1);
  });

  test("runs out of memory while it serves: says so, fails what runs, ends", async () => {
    const { ask, ended, lines } = started({ fake: { outOfMemoryAfter: 2 } });
    expect(await (await ask({ stream: true })).text()).toContain('"error":{"message":"EngineCore encountered an issue.');
    expect(await ended).toBe(1);
    expect(lines.join("\n")).toContain("CUDA out of memory");
  });

  test("hangs with health 200, until it is let go", async () => {
    const { ask, call, engine } = started();
    expect(await (await call("/fake/fault", { hangAfter: 1 })).json()).toEqual({ hangAfter: 1 });
    const answer = ask({});
    while (engine.tally.generatedTokens < 1) await Bun.sleep(2);
    expect((await call("/health")).status).toBe(200);
    await call("/fake/fault", { hangAfter: null });
    expect((await answer).status).toBe(200);
    expect(await (await call("/fake/counts")).json()).toMatchObject({ starts: 1, requests: 1, answered: 1, running: 0 });
  });

  const ends: [faults: Faults, how: "ends" | "stays"][] = [
    [{}, "ends"],
    [{ stopDelay: 5 }, "ends"],
    [{ ignoreTerm: true }, "stays"],
  ];
  for (const [faults, how] of ends) {
    test(`asked to end, with ${JSON.stringify(faults)} it ${how}`, async () => {
      const { engine, ended, call } = started({ fake: faults });
      await engine.listening;
      engine.terminate();
      if (how === "ends") return expect(await ended).toBe(0);
      await Bun.sleep(20);
      expect((await call("/fake/counts")).status).toBe(200);
    });
  }

  for (const [names, has, hasNot] of [
    ["new", "vllm:kv_cache_usage_perc", "vllm:gpu_cache_usage_perc"],
    ["old", "vllm:gpu_cache_usage_perc", "vllm:kv_cache_usage_perc"],
  ] as const) {
    test(`has metrics of ${names} releases`, async () => {
      const { ask, call } = started({ fake: { metrics: names } });
      const content = "a".repeat(80);
      for (const _ of [1, 2]) await ask({ messages: [{ role: "user", content }] });
      const text = await (await call("/metrics")).text();
      expect(text).toContain(has);
      expect(text).not.toContain(hasNot);
      expect(text).toContain('vllm:prefix_cache_hits_total{engine="0",model_name="tiny"} 16.000000');
    });
  }

  test("asks for its key, but not for its health", async () => {
    const { ask, call } = started({ apiKey: "secret" });
    expect((await ask({})).status).toBe(401);
    expect((await call("/health")).status).toBe(200);
  });
});
