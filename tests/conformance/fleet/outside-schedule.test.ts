import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FakeEngine, startFakeEngine } from "../../fakes/engine/engine.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";
import { until } from "../../harness/until.ts";

/** The whole gateway over engines that run already, outside the hours of most of them. */
const HOUR = 60;
const MODEL = "org/large";

/** The clock so many minutes from now, in UTC. */
function clock(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString().slice(11, 16);
}

/** `soon`: in how many minutes that engine's window opens. */
function configOf(url: string, soon: number): object {
  const engine = { driver: "static", url: `${url}/v1`, model: MODEL };
  const of = (name: string, more: object) => ({ deployments: [{ engine: name }], fallbacks: ["open"], ...more });
  return {
    models: {
      open: { deployments: [{ engine: "open" }] },
      plain: of("late", {}),
      refusing: of("late", { outside_schedule: "reject" }),
      other: of("late", { outside_schedule: { alias: "open" }, fallbacks: [] }),
      queueing: of("late", { outside_schedule: "queue" }),
      waiting: of("soon", { outside_schedule: "queue" }),
    },
    fleet: {
      engines: { open: engine, late: engine, soon: engine },
      schedule: {
        timezone: "UTC",
        windows: [
          { name: "soon", from: clock(soon), to: clock(2 * HOUR), engines: ["soon"] },
          { name: "late", from: clock(3 * HOUR), to: clock(4 * HOUR), engines: ["late"] },
          { name: "rest", otherwise: true },
        ],
      },
    },
  };
}

describe("outside the hours of a model's engine", () => {
  let engine: FakeEngine;
  let gateway: GatewayProcess;
  let url: string;
  beforeAll(async () => {
    engine = startFakeEngine({ host: "127.0.0.1", port: 0, model: MODEL }, { log: () => undefined, ended: () => undefined });
    url = `http://127.0.0.1:${await engine.listening}`;
    gateway = await startGateway({ config: configOf(url, 10) });
  });
  afterAll(async () => {
    await gateway.stop();
    engine.kill();
  });

  const ask = (model: string, stream = false) =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}`, "content-type": "application/json" },
      body: JSON.stringify({ model, stream, max_tokens: 5, messages: [{ role: "user", content: "Hello" }] }),
    });

  const ANSWERS: readonly [model: string, deployment: string][] = [
    ["open", "open"],
    // Without a policy its fallbacks are asked.
    ["plain", "open"],
    ["other", "open"],
  ];
  test.each(ANSWERS)("%s is answered by %s", async (model, deployment) => {
    const answer = await ask(model);
    expect([answer.status, answer.headers.get("x-signalbox-deployment")]).toEqual([200, deployment]);
  });

  test.each(["refusing", "queueing"])("%s is refused with the time at which it opens, though there is a fallback", async (model) => {
    const answer = await ask(model);
    expect([answer.status, answer.headers.get("x-should-retry")]).toEqual([503, "false"]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(2 * 3600);
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    expect([error.code, error.message]).toEqual(["engine_not_scheduled", expect.stringMatching(/It can be asked from 20\d\d-\S+:00\.000Z on\./)]);
  });

  test("waiting waits for its window, and is answered when that opens", async () => {
    const answer = ask("waiting", true);
    const authorization = `Bearer ${gateway.key}`;
    const metrics = async () => (await fetch(`${gateway.url}/metrics`, { headers: { authorization } })).text();
    await until("the request is on its way", async () => /^llm_in_flight\{.*model="waiting".*\} 1$/m.test(await metrics()));
    writeFileSync(join(gateway.folder, "signalbox.yaml"), JSON.stringify(configOf(url, -10)));
    expect((await fetch(`${gateway.url}/admin/reload`, { method: "POST", headers: { authorization } })).status).toBe(200);
    const { status } = await answer;
    const text = await (await answer).text();
    expect([status, text.includes('"content"'), text.includes("[DONE]")]).toEqual([200, true, true]);
  });
});
