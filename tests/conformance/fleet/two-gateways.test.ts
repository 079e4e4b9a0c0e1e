import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { sharedPostgres } from "../../../src/store/database/postgres/postgres-server.fixture.ts";
import { listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { type DockerEngine, startDockerEngine, whyNoDocker } from "../../harness/docker.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";
import { until } from "../../harness/until.ts";

/** Two gateways over one PostgreSQL and one Docker: one looks after the engines, the other takes over when it is gone. */
const why = whyNoDocker();
describe.skipIf(why !== undefined)(`two gateways over one database${why === undefined ? "" : `, ${why}`}`, () => {
  const postgres = sharedPostgres();
  let docker: DockerEngine;
  let environment: Record<string, string>;
  let config: object;
  let one: GatewayProcess;
  let two: GatewayProcess;
  beforeAll(async () => {
    docker = await startDockerEngine();
    environment = { DATABASE_URL: (await postgres()).database() };
    const { host, image, binds } = docker;
    config = { fleet: { docker: { host, image, binds, pull: "never" }, on_exit: "keep", engines: { tiny: { model: "tiny" } } } };
    one = await startGateway({ config, environment });
    two = await startGateway({ config, environment });
  }, 60_000);
  afterAll(async () => {
    await Promise.all([one?.stop(), two?.stop()]);
    await docker?.remove();
  }, 60_000);

  const ask = async ({ url, key }: GatewayProcess) => {
    const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
    const body = JSON.stringify({ model: "tiny", messages: [{ role: "user", content: "hi" }] });
    const reply = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body });
    return { status: reply.status, retryAfter: reply.headers.get("retry-after"), text: await reply.text() };
  };
  /** Containers by their names, running or not. */
  const containers = async () => listOf((await docker.ask("GET", "/containers/json?all=1")).body).map((each) => stringOf(listOf(objectOf(each)["Names"])[0]));

  test("the first looks after the engines; the second asks it for a stay, and then the engine itself", async () => {
    // Its port is any that is free: told once it listens.
    await until("the second to know where the first is", async () => (await ask(two)).status === 200);
    expect(await ask(one)).toMatchObject({ status: 200 });
    expect((await containers()).length).toBe(1);
    expect(one.output()).toContain("fleet: tiny absent → creating");
    expect(two.output()).not.toContain("fleet: tiny absent → creating");
  }, 60_000);

  test("orders and overrides are refused where they would do nothing, with the place that takes them", async () => {
    const post = async (path: string, body: object) => {
      const headers = { authorization: `Bearer ${two.key}`, "content-type": "application/json" };
      const reply = await fetch(`${two.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
      return [reply.status, await reply.text()];
    };
    const elsewhere = [400, expect.stringContaining(`looked after by another gateway, at ${one.url}: say it there`)];
    expect(await post("/admin/engines/tiny/pin", {})).toEqual(elsewhere);
    expect(await post("/admin/schedule/override", { window: "night", until: "2h" })).toEqual(elsewhere);
    const headers = { authorization: `Bearer ${two.key}` };
    expect(await (await fetch(`${two.url}/admin/engines`, { headers })).text()).toContain("it is looked after by another gateway");
  });

  test("nobody else is given a stay", async () => {
    const reply = await fetch(`${one.url}/fleet/stays/tiny`, { method: "POST", headers: { authorization: `Bearer ${one.key}` } });
    expect(reply.status).toBe(404);
  });

  test("the first killed, the second takes over what runs, and starts nothing", async () => {
    const before = await containers();
    await one.end("SIGKILL");
    await until("the second to answer", async () => (await ask(two)).status === 200);
    expect(await containers()).toEqual(before);
  }, 60_000);

  test("the first back, it stands by, and asks the second", async () => {
    one = await startGateway({ folder: one.folder, config, environment });
    expect([(await ask(one)).status, (await ask(two)).status]).toEqual([200, 200]);
    expect((await containers()).length).toBe(1);
  }, 60_000);
});
