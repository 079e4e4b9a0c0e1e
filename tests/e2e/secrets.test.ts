import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { objectOf, parseJson } from "../../src/vocabulary/json.ts";
import type { Behaviour, ScriptedRequest } from "../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { runCommand } from "../harness/commands.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(60_000);

/** A gateway is used in every way that touches a key, then ended, and everything it said and wrote is searched. */
const PROVIDER = "canary-provider-secret-123456";
const HEADER = "canary-header-secret-123456";
const WEBUI = "canary-webui-secret-123456";
const OWN = "canary-own-secret-1234567890";
const UNKNOWN = "canary-unknown-secret-123456";
/** So many characters of a key are shown in lists, to recognise it by. */
const SHOWN = 7;

let fake: FakeUpstream;
let gateway: GatewayProcess;
let client = "";
let revoked = "";
/** Every answer and every command's words, by where they came from. */
const said: { readonly where: string; readonly text: string }[] = [];
/** Requests that must be found in what is searched, or nothing was. */
const ids: string[] = [];
let environment: Readonly<Record<string, string>> = {};

/** What an upstream says of credentials it refuses; some repeat what they were sent, whatever the status. */
const OURS = "up refused the gateway's own credentials";
const TELLING: Readonly<Record<string, { readonly status: number; readonly words: string; readonly told: string }>> = {
  ...Object.fromEntries([401, 403].map((status) => [`tells-${status}`, { status, words: "Refused, as sent:", told: OURS }])),
  ...Object.fromEntries([400, 422, 429, 500].map((status) => [`tells-${status}`, { status, words: "Incorrect API key provided:", told: OURS }])),
  ...Object.fromEntries(
    [400, 422, 429, 500].map((status) => [
      `echoes-${status}`,
      { status, words: "Refused, as sent:", told: "Refused, as sent: Bearer [redacted] with [redacted]." },
    ]),
  ),
};

function indiscreet({ headers, model }: ScriptedRequest): Behaviour {
  const telling = TELLING[model];
  if (telling === undefined) return {};
  const message = `${telling.words} ${headers["authorization"]} with ${headers["x-team"]}.`;
  return { reply: { status: telling.status, body: { error: { message, type: "invalid_request_error", param: null, code: null } } } };
}

async function hear(where: string, path: string, init: RequestInit = {}): Promise<string> {
  const answer = await fetch(gateway.url + path, init);
  const text = await answer.text();
  const id = answer.headers.get("x-request-id");
  if (id !== null) ids.push(id);
  said.push({ where, text: `${answer.status} ${JSON.stringify([...answer.headers])}\n${text}` });
  return text;
}
const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const asking = (model: string, more: object = {}, headers: Readonly<Record<string, string>> = bearer(client)): RequestInit => ({
  method: "POST",
  headers,
  body: JSON.stringify({ model, messages: [{ role: "user", content: "hi" }], ...more }),
});
const CHAT = "/v1/chat/completions";

function command(...words: string[]): void {
  const { stdout, stderr } = runCommand(gateway, words, { environment: { SIGNALBOX_ADMIN_KEY: gateway.key, ...environment } });
  expect(stdout + stderr).not.toBe("");
  said.push({ where: `signalbox ${words.join(" ")}`, text: stdout + stderr });
}

beforeAll(async () => {
  fake = await startFakeUpstream(indiscreet);
  environment = { WEBUI_API_KEY: WEBUI, TEAM_SECRET: HEADER };
  gateway = await startGateway({
    environment,
    config: {
      providers: { up: { kind: "openai-compatible", base_url: `${fake.url}/v1`, api_key: PROVIDER, headers: { "x-team": "${TEAM_SECRET}" } } },
      models: Object.fromEntries(["m", ...Object.keys(TELLING)].map((name) => [name, { deployments: [{ provider: "up", model: name }] }])),
      routing: { backoff_ms: [1, 5] },
      telemetry: { log_level: "debug" },
    },
  });
  const make = async (body: object) => {
    const answer = await fetch(`${gateway.url}/admin/keys`, { method: "POST", headers: bearer(gateway.key), body: JSON.stringify(body) });
    return objectOf(await answer.json());
  };
  await fetch(`${gateway.url}/admin/users`, { method: "POST", headers: bearer(gateway.key), body: JSON.stringify({ id: "user-1" }) });
  // The one place where a key's plain text belongs is the answer that made it.
  client = String((await make({ name: "client", user_id: "user-1" }))["key"]);
  await make({ name: "own", key: OWN });
  const former = await make({ name: "former" });
  revoked = String(former["key"]);
  await fetch(`${gateway.url}/admin/keys/${former["id"]}`, { method: "DELETE", headers: bearer(gateway.key) });
});
afterAll(async () => {
  await gateway.stop();
  await fake.stop();
});

const secrets = () => ({
  "the client's key": client,
  "the client's own key": OWN,
  "the revoked key": revoked,
  "the key nobody knows": UNKNOWN,
  "the admin key": gateway.key,
  "the declared key": WEBUI,
  "the provider's key": PROVIDER,
  "the provider's header": HEADER,
});
/** Which secrets are in this text, as they are or as base64. */
const found = (text: string) =>
  Object.entries(secrets()).flatMap(([name, secret]) =>
    text.includes(secret) || text.includes(Buffer.from(secret).toString("base64").slice(0, -4)) ? [name] : [],
  );

describe("no answer gives a secret away", () => {
  const nothingFoundSince = (begin: number) => {
    expect(said.length).toBeGreaterThan(begin);
    expect(said.slice(begin).flatMap(({ where, text }) => found(text).map((name) => `${name} in ${where}`))).toEqual([]);
  };

  test("whole, streamed, and by every way a key is given", async () => {
    const begin = said.length;
    expect(await hear("an answer", CHAT, asking("m"))).toContain("You said: hi");
    expect(await hear("a stream", CHAT, asking("m", { stream: true }))).toContain("[DONE]");
    for (const header of ["x-api-key", "api-key", "x-goog-api-key"])
      expect(await hear(header, CHAT, asking("m", {}, { [header]: OWN }))).toContain("You said: hi");
    const generate: RequestInit = { method: "POST", body: JSON.stringify({ contents: [{ parts: [{ text: "hi" }] }] }) };
    for (const verb of ["generateContent?", "streamGenerateContent?alt=sse&"])
      expect(await hear("a key in the query", `/v1beta/models/m:${verb}key=${client}`, generate)).toContain("hi");
    expect(await hear("models", `/v1beta/models?key=${client}`)).toContain('"models/m"');
    nothingFoundSince(begin);
  });

  test("in its errors", async () => {
    const begin = said.length;
    for (const key of [UNKNOWN, revoked]) {
      expect(await hear("a wrong key", CHAT, asking("m", {}, bearer(key)))).toContain("invalid_api_key");
      expect(await hear("a wrong key in the query", `/v1beta/models?key=${key}`)).toContain("UNAUTHENTICATED");
    }
    expect(await hear("a key in the query where none is taken", `/v1/models?key=${client}`)).toContain("No API key was given");
    expect(await hear("and nobody asks there for two", `${CHAT}?key=${OWN}&x=1`, asking("m"))).toContain("You said: hi");
    expect(await hear("two keys", CHAT, asking("m", {}, { ...bearer(client), "x-api-key": OWN }))).toContain("invalid_api_key");
    expect(await hear("no such model", CHAT, asking("nobody"))).toContain("model_not_found");
    expect(await hear("no such route", `/v1/nothing?key=${client}`)).toContain("not_found");
    expect(await hear("no such method", `/v1/models?key=${client}`, { method: "DELETE" })).toContain("method_not_allowed");
    expect(await hear("no JSON", CHAT, { method: "POST", headers: bearer(client), body: "{" })).toContain("invalid_request_error");
    expect(await hear("no admin", "/admin/keys", { headers: bearer(client) })).toContain("permission_denied");
    expect(
      await hear("a key taken", "/admin/keys", { method: "POST", headers: bearer(gateway.key), body: JSON.stringify({ name: "twice", key: OWN }) }),
    ).toContain("in use");
    nothingFoundSince(begin);
  });

  for (const [model, { status, words, told }] of Object.entries(TELLING)) {
    test(`when the upstream repeats its key in a ${status}: ${words}`, async () => {
      const begin = said.length;
      for (const stream of [false, true]) {
        const text = await hear(`an upstream's ${status}`, CHAT, asking(model, { stream }));
        expect(objectOf(objectOf(parseJson(text))["error"])["message"]).toContain(told);
      }
      expect(fake.seen.findLast((request) => request.model === model)?.headers["authorization"]).toContain(PROVIDER);
      nothingFoundSince(begin);
    });
  }

  test("on the pages of operators and probes", async () => {
    const begin = said.length;
    const pages = ["/health", "/ready", "/live", "/metrics", "/admin/config", "/admin/keys", "/admin/models", "/admin/requests?limit=1000"];
    for (const page of pages) for (const headers of [bearer(gateway.key), {}]) await hear(page, page, { headers });
    for (const page of ["/health", "/metrics"])
      await hear(`${page} with a key in the query`, `${page}?key=${client}`, { headers: { "x-forwarded-for": "203.0.113.9" } });
    for (const id of ids.slice()) await hear(`the trace of ${id}`, `/admin/requests/${id}`, { headers: bearer(gateway.key) });
    expect(await hear("reload", "/admin/reload", { method: "POST", headers: bearer(gateway.key) })).toContain('"models"');
    nothingFoundSince(begin);
  });

  test("at the command line", () => {
    const begin = said.length;
    const file = join(gateway.folder, "signalbox.yaml");
    for (const words of ["config show", "config check"]) command(...words.split(" "), file);
    command("config", "show", file, "--json");
    for (const words of ["keys list", "keys list --json", "models", "reload"]) command(...words.split(" "));
    nothingFoundSince(begin);
  });

  test("and no caller's key reaches an upstream", () => {
    const received = fake.seen.map(({ path, headers, text }) => `${path}\n${JSON.stringify(headers)}\n${text}`).join("\n");
    expect(found(received).toSorted()).toEqual(["the provider's header", "the provider's key"]);
  });
});

describe("once all is written down", () => {
  /** Everything in a folder, file by file, bytes as they are. */
  const filesOf = (folder: string) =>
    (readdirSync(folder, { recursive: true, withFileTypes: true }) as { isFile(): boolean; parentPath: string; name: string }[])
      .filter((entry) => entry.isFile())
      .map((entry) => ({ name: entry.name, text: readFileSync(join(entry.parentPath, entry.name), "latin1") }));

  beforeAll(async () => {
    expect(await gateway.end()).toBe(0);
  });

  test("no file of the data folder holds a secret, though it holds their hashes and every request", () => {
    const files = filesOf(join(gateway.folder, "data"));
    const all = files.map(({ text }) => text).join("\n");
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(["ledger.db", "requests.db"]));
    for (const key of [client, OWN, gateway.key, WEBUI, revoked]) expect(all).toContain(createHash("sha256").update(key).digest("hex"));
    expect(all).toContain(client.slice(0, SHOWN));
    expect(ids.filter((id) => all.includes(id)).length).toBeGreaterThan(20);
    expect(files.flatMap(({ name, text }) => found(text).map((secret) => `${secret} in ${name}`))).toEqual([]);
  });

  test("nor does the log, start report included, though it has the requests' lines", () => {
    const log = gateway.output();
    expect(log).toContain('"message":"request"');
    expect(log).toContain('"user_id":"user-1"');
    expect(ids.filter((id) => log.includes(id)).length).toBeGreaterThan(20);
    expect(found(log)).toEqual([]);
  });
});
