import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";
import { describeLlama, LLAMA_COMMAND, writeTinyModel } from "./llama-server.ts";

/** A real engine, and a gateway as users start it: nothing between them but the config. */
describeLlama("started by the first who asks", () => {
  let folder: string;
  let gateway: GatewayProcess;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "signalbox-llama-"));
    const tiny = { kind: "llama.cpp", driver: "process", model: writeTinyModel(folder), command: LLAMA_COMMAND, idle_timeout: "1s" };
    gateway = await startGateway({ config: { models: { tiny: { deployments: [{ engine: "tiny_cpu" }] } }, fleet: { engines: { tiny_cpu: tiny } } } });
  });
  afterAll(async () => {
    await gateway.end();
    await gateway.stop();
    rmSync(folder, { recursive: true });
  });

  /** The engine's states, as the log tells of them. */
  const states = () => [...gateway.output().matchAll(/fleet: tiny_cpu \w+ → (\w+)/g)].map(([, state]) => state);

  test("it comes, streams with usage, leaves when nobody asks, and comes again", async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.key, maxRetries: 0 });
    expect(states()).toEqual([]);
    const ask = async () => {
      const stream = await client.chat.completions.create({
        model: "tiny",
        messages: [{ role: "user", content: "Hello" }],
        max_tokens: 16,
        stream: true,
        stream_options: { include_usage: true },
      });
      let pieces = 0;
      let usage: OpenAI.CompletionUsage | null | undefined;
      for await (const chunk of stream) {
        pieces += chunk.choices[0]?.delta.content ? 1 : 0;
        usage = chunk.usage ?? usage;
      }
      return { pieces, usage };
    };
    const { pieces, usage } = await ask();
    expect(pieces).toBeGreaterThan(0);
    expect(usage?.completion_tokens).toBe(16);
    // The log is written now and then.
    await until("the first start to be told", () => states().includes("ready"));
    expect(states().slice(0, 4)).toEqual(["creating", "loading", "warming", "ready"]);
    await until("the engine to be gone", () => states().at(-1) === "absent");
    expect(
      (await client.chat.completions.create({ model: "tiny", messages: [{ role: "user", content: "Hello" }], max_tokens: 4 })).usage?.completion_tokens,
    ).toBe(4);
    await until("the second start to be told", () => states().filter((state) => state === "ready").length === 2);
  });
});
