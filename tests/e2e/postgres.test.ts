import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type PostgresServer, withPostgresServer } from "../../src/store/database/postgres/postgres-server.fixture.ts";
import { withRedisServer } from "../../src/store/redis/redis-server.fixture.ts";
import { listOf, objectOf, stringOf } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { until } from "../harness/until.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(90_000);

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream();
});
afterAll(() => upstream.stop());

const configOf = (more: object = {}) => ({
  database: { timeout: "500ms" },
  providers: { up: { kind: "openai-compatible", base_url: `${upstream.url}/v1`, api_key: "none" } },
  models: { m: { deployments: [{ provider: "up", model: "m" }] } },
  routing: { health_check: { mode: "off" } },
  ...more,
});
const start = (url: string, more: { readonly config?: object; readonly environment?: Readonly<Record<string, string>> } = {}) =>
  startGateway({ config: configOf(more.config), environment: { DATABASE_URL: url, ...more.environment } });

interface Answer {
  readonly status: number;
  readonly code: string | undefined;
}
async function ask({ url }: GatewayProcess, key: string): Promise<Answer> {
  const body = JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }] });
  const response = await fetch(`${url}/v1/chat/completions`, { method: "POST", headers: { authorization: `Bearer ${key}` }, body });
  return { status: response.status, code: stringOf(objectOf(objectOf(await response.json())["error"])["code"]) };
}
async function admin(gateway: GatewayProcess, method: string, path: string, body?: object) {
  const response = await fetch(gateway.url + path, { method, headers: { authorization: `Bearer ${gateway.key}` }, body: body && JSON.stringify(body) });
  return { status: response.status, json: objectOf(await response.json()) };
}
const pageOf = async ({ url }: GatewayProcess, page: "live" | "ready") => {
  const response = await fetch(`${url}/${page}`);
  return [response.status, stringOf(objectOf(await response.json())["status"])] as const;
};
/** Waits until the page says so. */
async function untilReady(gateway: GatewayProcess, wanted: string): Promise<void> {
  for (let tries = 0; (await pageOf(gateway, "ready"))[1] !== wanted; tries++) {
    if (tries > 400) throw new Error(`It is not ${wanted} but ${await pageOf(gateway, "ready")}:\n${gateway.output()}`);
    await Bun.sleep(25);
  }
}
const makeKey = async (gateway: GatewayProcess, name: string) => {
  const { json } = await admin(gateway, "POST", "/admin/keys", { name });
  return { id: stringOf(json["id"]) ?? "", key: stringOf(json["key"]) ?? "" };
};
const OK: Answer = { status: 200, code: undefined };
const AWAY: Answer = { status: 503, code: "overloaded" };
const UNKNOWN: Answer = { status: 401, code: "invalid_api_key" };

/** Runs the work with an own server; the gateways it starts are ended with it. */
function withGateways(work: (server: PostgresServer, url: string, keep: (gateway: GatewayProcess) => GatewayProcess) => Promise<void>): Promise<void> {
  return withPostgresServer(async (server) => {
    const gateways: GatewayProcess[] = [];
    const keep = (gateway: GatewayProcess) => {
      gateways.push(gateway);
      return gateway;
    };
    try {
      await work(server, server.database(), keep);
    } finally {
      for (const gateway of gateways) await gateway.stop();
    }
  });
}

describe("one gateway over PostgreSQL", () => {
  test("serves, remembers, and says its database's password nowhere", () =>
    withGateways(async (server, url, keep) => {
      const gateway = keep(await start(url));
      const { key } = await makeKey(gateway, "app");
      expect([await ask(gateway, key), await ask(gateway, "sb-unknown")]).toEqual([OK, UNKNOWN]);
      const { json } = await admin(gateway, "GET", "/admin/requests");
      expect(listOf(json["data"]).map((row) => objectOf(row)["model"])).toContain("m");
      expect(server.sql(url, "select count(*) from signalbox.keys where name = 'app'")).toBe("1");

      const command = (...words: string[]) => runCommand(gateway, words, { environment: { DATABASE_URL: url } });
      const shown = command("config", "show");
      expect(shown.stdout).toMatch(/database\.url +\(secret\) +environment DATABASE_URL/);
      await gateway.end();
      // Without a running gateway the command line asks the same database.
      const listed = command("keys", "list");
      expect(listed.stdout).toContain("app");
      const said = [gateway.output(), shown.stdout, listed.stdout, listed.stderr, JSON.stringify(await pageOf(gateway, "live").catch(() => ""))].join("\n");
      expect(said).not.toContain(new URL(url).password);
    }));

  test("goes on without it: known keys are served, others are told to come again, and what happened is written down when it is back", () =>
    withGateways(async (server, url, keep) => {
      const gateway = keep(await start(url));
      const [known, unseen] = [await makeKey(gateway, "known"), await makeKey(gateway, "unseen")];
      expect(await ask(gateway, known.key)).toEqual(OK);
      await server.kill();
      await untilReady(gateway, "degraded");
      expect(await pageOf(gateway, "live")).toEqual([200, "alive"]);
      expect((await pageOf(gateway, "ready"))[0]).toBe(200);
      for (let times = 0; times < 30; times++) expect(await ask(gateway, known.key)).toEqual(OK);
      expect([await ask(gateway, unseen.key), await ask(gateway, "sb-unknown")]).toEqual([AWAY, AWAY]);
      expect((await admin(gateway, "GET", "/admin/keys")).status).toBe(503);
      await until("the log to tell", () => gateway.output().includes("the database is away"));

      await server.restart();
      await untilReady(gateway, "ready");
      expect([await ask(gateway, unseen.key), await ask(gateway, "sb-unknown")]).toEqual([OK, UNKNOWN]);
      const count = () => Number(server.sql(url, `select count(*) from signalbox.requests where key_id = '${known.id}'`));
      await until("all rows to be written", () => count() === 31);
      await until("the log to tell that too", () => gateway.output().includes("the database is back"));
    }));

  test("starts without it, and takes over its keys as soon as it is there", () =>
    withGateways(async (server, url, keep) => {
      await server.kill();
      const gateway = keep(await start(url, { environment: { SIGNALBOX_ADMIN_KEY: "", WEBUI_API_KEY: "sb-webui-0123456789" } }));
      expect(gateway.output()).toContain("cannot be reached");
      expect([await pageOf(gateway, "live"), await pageOf(gateway, "ready")]).toEqual([
        [200, "alive"],
        [503, "not ready"],
      ]);
      expect([await ask(gateway, "sb-webui-0123456789"), await ask(gateway, "sb-unknown")]).toEqual([AWAY, AWAY]);

      await server.restart();
      await untilReady(gateway, "ready");
      expect([await ask(gateway, "sb-webui-0123456789"), await ask(gateway, "sb-unknown")]).toEqual([OK, UNKNOWN]);
      await until("the first admin key to be shown", () => /shown this once:\s+sb-\S+/.test(gateway.output()));
    }));

  test("is saved and brought back as its page says", () =>
    withGateways(async (server, url, keep) => {
      const first = keep(await start(url));
      const { key } = await makeKey(first, "app");
      await first.end();
      const page = readFileSync(join(import.meta.dir, "..", "..", "docs", "postgresql.md"), "utf8");
      const [save = "", bringBack = ""] = [...page.matchAll(/```sh\n(.*)\n```/g)].map((match) => match[1] ?? "");
      const run = (command: string, to: string) =>
        spawnSync("sh", ["-c", command], { cwd: first.folder, env: { PATH: `${server.programs}:${process.env["PATH"]}`, DATABASE_URL: to }, encoding: "utf8" });
      expect(run(save, url)).toMatchObject({ status: 0, stderr: "" });
      const another = server.database();
      expect(run(bringBack, another)).toMatchObject({ status: 0, stderr: "" });
      expect(await ask(keep(await start(another)), key)).toEqual(OK);
    }));

  test("does not start with a password that is wrong, and says what is, not the password", () =>
    withGateways(async (_server, url) => {
      const wrong = url.replace(/:[^:@/]*@/, ":wrong-secret-4711@");
      const said = await start(wrong).then(
        () => "It started.",
        (error: Error) => error.message,
      );
      expect(said).toContain("it refuses the user or the password");
      expect(said).not.toContain("wrong-secret-4711");
    }));
});

describe("two gateways over one PostgreSQL", () => {
  test("started together make one first admin key, and with Redis a revocation at one is felt at the other", () =>
    withRedisServer((redis) =>
      withGateways(async (_server, url, keep) => {
        const environment = { SIGNALBOX_ADMIN_KEY: "", N8N_API_KEY: "sb-n8n-0123456789", REDIS_URL: redis.url };
        const started = await Promise.all([1, 2].map(async () => keep(await start(url, { environment }))));
        const keys = started.flatMap((gateway) => /shown this once:\s+(sb-\S+)/.exec(gateway.output())?.[1] ?? []);
        expect(keys).toHaveLength(1);
        const [one, other] = started.map((gateway) => ({ ...gateway, key: keys[0] ?? "" })) as [GatewayProcess, GatewayProcess];
        expect([await ask(one, "sb-n8n-0123456789"), await ask(other, "sb-n8n-0123456789")]).toEqual([OK, OK]);

        const { id, key } = await makeKey(one, "app");
        expect(await ask(other, key)).toEqual(OK);
        // A connection to Redis that is still being made would miss it.
        for (const gateway of started) await untilReady(gateway, "ready");
        expect((await admin(one, "DELETE", `/admin/keys/${id}`)).status).toBe(200);
        let felt = await ask(other, key);
        for (let tries = 0; felt.status === 200 && tries < 40; tries++) {
          await Bun.sleep(25);
          felt = await ask(other, key);
        }
        expect(felt).toEqual(UNKNOWN);
      }),
    ));
});
