import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import type { DriverEvent, EngineDriver } from "../../src/fleet/drivers/driver.ts";
import { launchOf } from "../../src/fleet/drivers/process/launch.fixture.ts";
import { openProcessDriver } from "../../src/fleet/drivers/process/process-driver.ts";
import { until } from "../harness/until.ts";
import { describeLlama, LLAMA_COMMAND, writeTinyModel } from "./llama-server.ts";

/** Longer than it takes to end when nobody asks it anything. Milliseconds. */
const GRACE = 15_000;

/** The real llama.cpp as the fleet runs it on this machine. */
describeLlama("behind the process driver", () => {
  let folder: string;
  let driver: EngineDriver;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "signalbox-llama-"));
    driver = openProcessDriver({ folder: join(folder, "engines"), install: "test", environment: process.env });
  });
  afterAll(async () => {
    for (const { name } of await driver.list()) await driver.stop(name, 0);
    await driver.close();
    rmSync(folder, { recursive: true });
  });

  const launch = (name: string, model: string) => launchOf(LLAMA_COMMAND, { name }, { kind: "llama.cpp", model });
  const isHealthy = async (baseUrl: string) => (await fetch(new URL("../health", `${baseUrl}/`)).catch(() => undefined))?.ok === true;

  test("comes when called, streams, and leaves when told", async () => {
    const one = launch("signalbox-test-tiny-1", writeTinyModel(folder));
    await driver.create(one);
    const { baseUrl, pid } = await driver.start(one.name);
    await until("the engine to be healthy", () => isHealthy(baseUrl));
    expect(await driver.list()).toMatchObject([{ name: one.name, status: "running", baseUrl, pid }]);
    const client = new OpenAI({ baseURL: baseUrl, apiKey: "none", maxRetries: 0 });
    // Its start's name, by which a gateway knows that it is this start and no other that answers.
    expect((await client.models.list()).data).toMatchObject([{ aliases: [one.name] }]);
    let text = "";
    const asked = { model: one.name, messages: [{ role: "user" as const, content: "hi" }], max_tokens: 24, temperature: 0 };
    for await (const { choices } of await client.chat.completions.create({ ...asked, stream: true })) text += choices[0]?.delta.content ?? "";
    expect(text.length).toBe(24);
    await driver.stop(one.name, GRACE);
    expect(await driver.list()).toMatchObject([{ name: one.name, status: "exited", exit: { code: 0 } }]);
    expect(await driver.logs(one.name, 20)).toContain("cleaning up before exit");
    await driver.remove(one.name);
    expect(await driver.list()).toEqual([]);
  });

  test("one that cannot load its model says so, and how it ended is told", async () => {
    const told: DriverEvent[] = [];
    const unwatch = driver.watch((event) => told.push(event));
    const one = launch("signalbox-test-tiny-2", join(folder, "nowhere.gguf"));
    await driver.create(one);
    await driver.start(one.name);
    await until("its end to be told", () => told.length > 0);
    unwatch();
    expect(told).toEqual([{ type: "exited", name: one.name, exit: { code: 1, outOfMemory: false } }]);
    expect(await driver.logs(one.name, 20)).toContain("nowhere.gguf");
    await driver.remove(one.name);
  });
});
