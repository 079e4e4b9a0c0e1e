import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { startGateway } from "../harness/gateway.ts";
import { LAUNCHER } from "../harness/launcher.ts";
import { until } from "../harness/until.ts";

/** `npm start` as a new user meets it: what was found, what was not and why, the first key, once. */
let fake: FakeUpstream;
beforeAll(async () => {
  fake = await startFakeUpstream({}, { models: ["gpt-4o-mini", "gpt-4o"] });
});
afterAll(() => fake.stop());

/** Everything in a folder, as one text of bytes. */
function everythingIn(folder: string): string {
  return (readdirSync(folder, { recursive: true, withFileTypes: true }) as { isFile(): boolean; parentPath: string; name: string }[])
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
    .join("\n");
}

/** Waits until the start report is complete: its last lines come once the providers have answered. */
async function reported(output: () => string): Promise<string> {
  await until("the start report", () => /Models:|No model can be called/.test(output()));
  return output();
}

describe("the first start", () => {
  test("says what was found and where, what was not and why, and the names clients can use", async () => {
    const gateway = await startGateway({ environment: { OPENAI_API_KEY: "sk-real-enough", OPENAI_BASE_URL: `${fake.url}/v1` } });
    const output = await reported(gateway.output);
    expect(output).toMatch(/FOUND +MODELS +WHERE\nOpenAI +2 +OPENAI_API_KEY, OPENAI_BASE_URL/);
    expect(output).toMatch(/NOT FOUND +WHY/);
    expect(output).toMatch(/Anthropic .*ANTHROPIC_API_KEY/);
    expect(output).toMatch(/Ollama /);
    expect(output).toContain("Models: gpt-4o-mini, gpt-4o.");
    expect(output).not.toContain("sk-real-enough");
    const answer = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${gateway.key}` },
      body: JSON.stringify({ model: "gpt-4o-mini", messages: [{ role: "user", content: "hi" }] }),
    });
    expect(answer.status).toBe(200);
    await gateway.stop();
  });

  test("prints a new admin key once, keeps it hashed, and never prints a given one", async () => {
    const first = await startGateway({ environment: { SIGNALBOX_ADMIN_KEY: "" } });
    const key = /sb-[\w-]{30,}/.exec(await reported(first.output))?.[0] ?? "none";
    expect((await fetch(`${first.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200);
    await first.end();
    expect(everythingIn(join(first.folder, "data"))).not.toContain(key);

    const second = await startGateway({ environment: { SIGNALBOX_ADMIN_KEY: "" }, folder: first.folder });
    expect(await reported(second.output)).not.toMatch(/sb-[\w-]{30,}/);
    expect((await fetch(`${second.url}/v1/models`, { headers: { "x-api-key": key } })).status).toBe(200);
    await second.end();

    const given = await startGateway({ folder: first.folder });
    expect(await reported(given.output)).not.toContain(given.key);
    const status = async (credential: string) => (await fetch(`${given.url}/v1/models`, { headers: { authorization: `Bearer ${credential}` } })).status;
    expect([await status(given.key), await status(key)]).toEqual([200, 401]);
    await given.stop();
  });

  test("the sample environment of seed 004 starts unedited: placeholders are told, not used", async () => {
    const placeholders = [
      "SUPABASE_URL",
      "SUPABASE_KEY",
      "OPENAI_API_KEY",
      "ANTHROPIC_API_KEY",
      "GOOGLE_GEMINI_API_KEY",
      "JWT_SECRET_KEY",
      "SENTRY_DSN",
      "LANGFUSE_PUBLIC_KEY",
    ];
    const environment = {
      ...Object.fromEntries(placeholders.map((name) => [name, `your_${name.toLowerCase()}_here`])),
      ...{
        DEBUG: "false",
        LOG_LEVEL: "INFO",
        ENVIRONMENT: "production",
        APP_VERSION: "1.0.0",
        REDIS_URL: "redis://localhost:6379/0",
        REDIS_HOST: "localhost",
        REDIS_PORT: "6379",
      },
      ...{
        REDIS_DB: "0",
        RATE_LIMIT_STORAGE: "redis",
        RATE_LIMIT_REQUESTS_PER_MINUTE: "60",
        RETRY_ENABLED: "true",
        RETRY_MAX_ATTEMPTS: "3",
        RETRY_BASE_DELAY: "1.0",
      },
      ...{
        RETRY_MAX_DELAY: "60.0",
        CIRCUIT_BREAKER_ENABLED: "true",
        PROMETHEUS_ENABLED: "true",
        LANGFUSE_ENABLED: "false",
        BILLING_ENABLED: "true",
        BILLING_DEFAULT_BALANCE: "100.0",
      },
      ...{
        CORS_ORIGINS: '["http://localhost:3000"]',
        ALLOWED_HOSTS: '["localhost", "127.0.0.1"]',
        JWT_ALGORITHM: "HS256",
        JWT_ACCESS_TOKEN_EXPIRE_MINUTES: "30",
        BILLING_CURRENCY: "USD",
      },
    };
    const gateway = await startGateway({ environment });
    const output = await reported(gateway.output);
    expect(output).toContain("No model can be called yet");
    expect(output).toMatch(/OPENAI_API_KEY.*placeholder|placeholder.*OPENAI_API_KEY/);
    expect((await fetch(`${gateway.url}/live`)).status).toBe(200);
    await gateway.stop();
  });
});

test("the installation's own labels are in its health and in its log", async () => {
  const gateway = await startGateway({ environment: { ENVIRONMENT: "staging", APP_VERSION: "2026.11" } });
  const labels = { environment: "staging", app_version: "2026.11" };
  expect(await (await fetch(`${gateway.url}/health`)).json()).toMatchObject(labels);
  await gateway.end();
  expect(gateway.output()).toMatch(/"message":"started".*"environment":"staging","app_version":"2026.11"/);
  await gateway.stop();
});

describe("a start that cannot be", () => {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-bad-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const serve = (...more: string[]) =>
    spawnSync(LAUNCHER, ["serve", "--port", "0", "--data-dir", join(folder, "data"), ...more], { cwd: folder, encoding: "utf8", timeout: 20_000 });

  test("a bad config ends with file, line, column, path and remedy", () => {
    writeFileSync(join(folder, "bad.yaml"), "server:\n  prot: 80\nmodels:\n  m:\n    deployments: [{ provider: nobody, model: x }]\n");
    const { status, stderr } = serve("--config", join(folder, "bad.yaml"));
    expect(status).toBe(1);
    expect(stderr).toMatch(/bad\.yaml:2:3 server\.prot: .*port/);
    const check = spawnSync(LAUNCHER, ["config", "check", join(folder, "bad.yaml")], { cwd: folder, encoding: "utf8" });
    expect([check.status, check.stderr.includes("bad.yaml:2:3")]).toEqual([1, true]);
  });

  test("a key that no client could send is refused with its place", () => {
    writeFileSync(join(folder, "key.yaml"), 'keys:\n  - name: k\n    key: "two words"\nauth: { admin_key: "ключ" }\n');
    const { status, stderr } = serve("--config", join(folder, "key.yaml"));
    expect([status, stderr.includes("two words")]).toEqual([1, false]);
    expect(stderr).toMatch(/key\.yaml:4:20 auth\.admin_key: .*ASCII.*\n.*key\.yaml:3:10 keys\[0\]\.key: .*ASCII/);
  });

  test("a taken port is one sentence, and the first admin key is told by the start that succeeds", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => other.once("listening", resolve));
    const { port } = other.address() as AddressInfo;
    const own = mkdtempSync(join(tmpdir(), "signalbox-port-"));
    const child = spawnSync(LAUNCHER, ["serve", "--demo", "--port", String(port), "--data-dir", join(own, "data")], { encoding: "utf8", timeout: 20_000 });
    other.close();
    expect([child.status, child.stderr.trim()]).toEqual([1, `Port ${port} of 127.0.0.1 is taken by another program. Choose another with --port or PORT.`]);
    const gateway = await startGateway({ folder: own, arguments: ["--demo"], environment: { SIGNALBOX_ADMIN_KEY: "" } });
    expect(await reported(gateway.output)).toContain("Config: none; the demo's simulated provider answers.");
    expect(await reported(gateway.output)).toMatch(/The first admin key, shown this once:\s+sb-\w{43}/);
    await gateway.stop();
  });

  test.each([
    [["sevre"], "There is no command sevre. signalbox --help lists them all."],
    [["keys", "crate"], "error: unknown command 'crate'\n(Did you mean create?)\nAdd --help to see what it takes."],
    [["config", "check", "--config", "x"], "error: unknown option '--config'\nAdd --help to see what it takes."],
  ])("%p is answered with what to do", (words, said) => {
    const { status, stderr } = spawnSync(LAUNCHER, words, { cwd: folder, encoding: "utf8", timeout: 20_000 });
    expect([status, stderr.trim()]).toEqual([1, said]);
  });

  test("a second gateway over the same folder is refused, and the first one lives", async () => {
    const first = await startGateway();
    const second = spawnSync(LAUNCHER, ["serve", "--port", "0", "--data-dir", join(first.folder, "data")], { cwd: folder, encoding: "utf8", timeout: 20_000 });
    expect(second.status).toBe(1);
    expect(second.stderr).toMatch(/another|already|running/i);
    expect(second.stderr).not.toContain("at ");
    expect((await fetch(`${first.url}/live`)).status).toBe(200);
    await first.stop();
  });
});
