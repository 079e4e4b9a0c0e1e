import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { PROVIDERS, profileFor, serviceFor } from "../../providers/index.ts";
import { declaredKeys } from "../declared-keys.ts";
import { durationOf } from "../schema/fields.ts";
import { resolveConfig } from "../snapshot/snapshot.ts";
import { type LoadedConfig, loadConfig } from "./load.ts";
import { ConfigError, problemText } from "./problem.ts";

const KINDS = PROVIDERS.map((provider) => provider.kind);
const BOOK = { kinds: PROVIDERS, serviceFor, profileFor };
type Files = Readonly<Record<string, string>>;
type Variables = Readonly<Record<string, string>>;

function load(files: Files, variables: Variables = {}): LoadedConfig {
  const readFile = (path: string) => {
    const text = files[path];
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  };
  return loadConfig({ variables, kinds: KINDS, readFile, exists: (path) => Object.hasOwn(files, path) });
}

async function resolve(files: Files, variables: Variables = {}) {
  const probe = () => Promise.reject(new Error("no network in this test"));
  return (await resolveConfig(load(files, variables), { book: BOOK, probe })).snapshot;
}

/** Every problem of a config, as lines. */
async function problemsOf(text: string, variables: Variables = {}): Promise<string[]> {
  try {
    await resolve({ "signalbox.yaml": text }, variables);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problemText);
    throw error;
  }
}

const GOOD = "providers: { openai: { api_key: k } }\n";

const BAD: readonly [what: string, text: string, problems: string[]][] = [
  ["a misspelt section", "sevrer: { port: 1 }", ["signalbox.yaml:1:1 sevrer: there is no such field. Did you mean server?"]],
  ["a misspelt field", "server:\n  prot: 4000\n", ["signalbox.yaml:2:3 server.prot: there is no such field. Did you mean port?"]],
  [
    "a field of another planet",
    "database: { colour: red }",
    ["signalbox.yaml:1:13 database.colour: there is no such field. Known here: url, data_dir, timeout, known_keys."],
  ],
  [
    "a field of a later version",
    "telemetry: { log_bodies: true }",
    ["signalbox.yaml:1:14 telemetry.log_bodies: not supported by this version. Remove it for now."],
  ],
  ["LiteLLM's form", "model_list: []", ["signalbox.yaml:1:1 model_list: not supported by this version. Remove it for now."]],
  ["a port out of range", "server:\n  port: 70000", ["signalbox.yaml:2:9 server.port: expected a whole number from 0 to 65535."]],
  ["a port in words", "server: { port: four }", ["signalbox.yaml:1:17 server.port: expected a whole number from 0 to 65535."]],
  [
    "a duration without unit",
    "routing:\n  hold_status: 8",
    ["signalbox.yaml:2:16 routing.hold_status: expected a duration with its unit, such as 500ms, 8s or 10m."],
  ],
  ["waits the wrong way round", "routing: { backoff_ms: [5, 1] }", ["signalbox.yaml:1:24 routing.backoff_ms: the first wait is longer than the second."]],
  ["one wait", "routing: { backoff_ms: 5 }", ["signalbox.yaml:1:24 routing.backoff_ms: expected two waits in milliseconds, such as [200, 2000]."]],
  ["a level that is none", "telemetry: { log_level: loud }", ["signalbox.yaml:1:25 telemetry.log_level: expected one of debug, info, warn, error."]],
  ["a section that is text", "server: yes please", ["signalbox.yaml:1:9 server: expected fields below this name, as `name: value`."]],
  ["a file that is a list", "- a", ["signalbox.yaml:1:1: expected sections such as `providers:` and `models:`. See examples/signalbox.yaml."]],
  [
    "a bare reference inside { }",
    "server: {port: ${PORT:-4000}}",
    ['signalbox.yaml:1:17: unexpected flow-map-start at node end. Inside { } a value with ${...} needs quotes: {port: "${PORT}"}.'],
  ],
  ["broken YAML", "server: { port: 1\nmodels: {}", ["signalbox.yaml:2:1: flow map in block collection must be sufficiently indented and end with a }."]],
  ["a name given twice", "server: { port: 1 }\nserver: { port: 2 }", ["signalbox.yaml:2:1: map keys must be unique."]],
  [
    "an alias of what it stands in",
    "models: &all\n  a: *all",
    ["signalbox.yaml:2:6 models.a: this alias stands inside of what it names. Write out what is meant."],
  ],
  [
    "a database that is none",
    "database: { url: 'mysql://u:hunter2@h/d' }",
    ["signalbox.yaml:1:18 database.url: expected sqlite: and a folder, such as sqlite:data, or postgres://user:password@host:5432/database."],
  ],
  [
    "a variable that is not set",
    "providers:\n  openai:\n    api_key: ${OPENAI_API_KEY}\n",
    [
      "signalbox.yaml:3:14 providers.openai.api_key: the environment variable OPENAI_API_KEY is not set. Set OPENAI_API_KEY, or write ${OPENAI_API_KEY:-} to go on without it.",
    ],
  ],
  [
    "a secret file that is not there",
    "auth: { admin_key: '${file:/run/secrets/x}' }",
    ["signalbox.yaml:1:20 auth.admin_key: the file /run/secrets/x cannot be read. Create it, or check its path and permissions."],
  ],
  ["an open reference", "server: { host: 'a${B' }", ["signalbox.yaml:1:17 server.host: a ${ without its }. Close it, or write $${ for a plain ${."]],
  [
    "a reference that is none",
    "server: { host: '${1 2}' }",
    ["signalbox.yaml:1:17 server.host: ${1 2} is no reference. Write ${NAME}, ${NAME:-default} or ${file:/path}."],
  ],
  [
    "a base URL without scheme",
    "providers: { gpu: { kind: vllm, base_url: 'host:8000' } }",
    ["signalbox.yaml:1:43 providers.gpu.base_url: expected a URL that begins with http:// or https://."],
  ],
  [
    "a kind that does not exist",
    "providers: { x: { kind: opnai } }",
    [`signalbox.yaml:1:25 providers.x.kind: expected a kind of provider: ${KINDS.join(", ")}.`],
  ],
  [
    "a provider without kind",
    "providers:\n  opnai: {}\n",
    ["signalbox.yaml:2:10 providers.opnai: opnai is no kind of provider. Give it a kind, such as kind: openai."],
  ],
  [
    "a provider without key",
    "providers:\n  openai: {}\n",
    ["signalbox.yaml:2:11 providers.openai: OpenAI needs a key. Set api_key, or OPENAI_API_KEY in the environment."],
  ],
  [
    "a provider without address",
    "providers: { gpu: { kind: vllm } }",
    ["signalbox.yaml:1:19 providers.gpu: vLLM needs a base URL. Set base_url, or VLLM_API_BASE in the environment."],
  ],
  [
    "a deployment of nobody",
    `${GOOD}models:\n  m: { deployments: [{ provider: openia, model: x }] }\n`,
    ["signalbox.yaml:3:34 models.m.deployments[0].provider: there is no provider named openia. Did you mean openai?"],
  ],
  [
    "a deployment without model",
    `${GOOD}models:\n  m:\n    deployments:\n      - provider: openai\n`,
    ["signalbox.yaml:5:9 models.m.deployments[0].model: is missing. Give it the model as the provider calls it."],
  ],
  [
    "a model without deployments",
    `${GOOD}models:\n  gpt-4.1: {}\n`,
    ['signalbox.yaml:3:12 models["gpt-4.1"].deployments: is missing. Give it a list of deployments, such as [{ provider: openai, model: gpt-4o-mini }].'],
  ],
  [
    "a fallback that leads nowhere",
    `${GOOD}models:\n  m:\n    deployments: [{ provider: openai, model: m }]\n    fallbacks: [claude]\n`,
    ["signalbox.yaml:5:17 models.m.fallbacks[0]: there is no model named claude. Add it under models, or use one of m."],
  ],
  [
    "a ring of fallbacks",
    `${GOOD}models:\n  a: { deployments: [{ provider: openai, model: a }], fallbacks: [bee] }\n  b: { deployments: [{ provider: openai, model: b }], fallbacks: [c], aliases: [bee] }\n  c: { deployments: [{ provider: openai, model: c }], fallbacks: [a] }\n`,
    ["signalbox.yaml:3:67 models.a.fallbacks[0]: fallbacks go round in a ring: a → b → c → a. Remove one of these fallbacks."],
  ],
  [
    "a model that falls back to itself",
    `${GOOD}models:\n  a: { deployments: [{ provider: openai, model: a }], fallbacks: [a] }\n`,
    ["signalbox.yaml:3:67 models.a.fallbacks[0]: fallbacks go round in a ring: a → a. Remove one of these fallbacks."],
  ],
  [
    "an alias that is taken",
    `${GOOD}models:\n  a: { deployments: [{ provider: openai, model: a }], aliases: [b] }\n  b: { deployments: [{ provider: openai, model: b }] }\n`,
    ["signalbox.yaml:3:65 models.a.aliases[0]: b is already a model. Names of models and aliases must differ."],
  ],
  [
    "two keys of one name",
    "keys:\n  - { name: a, key: x }\n  - { name: a, key: y }\n",
    ["signalbox.yaml:3:13 keys[1].name: there are two keys named a. Give each its own name."],
  ],
  [
    "keys that no header can hold",
    'keys: [{ name: a, key: "two words" }]\nauth: { admin_key: "ключ" }\n',
    [
      "signalbox.yaml:2:20 auth.admin_key: may hold only visible ASCII characters and no spaces, at most 4096. Choose another, or no client could send it in a header.",
      "signalbox.yaml:1:24 keys[0].key: may hold only visible ASCII characters and no spaces, at most 4096. Choose another, or no client could send it in a header.",
    ],
  ],
  [
    "a key for a model that does not exist",
    `${GOOD}models: { llama: { deployments: [{ provider: openai, model: m }] } }\nkeys: [{ name: a, key: x, models: [lama] }]\n`,
    ["signalbox.yaml:3:36 keys[0].models[0]: there is no model named lama. Did you mean llama?"],
  ],
  [
    "a default that is no model",
    `${GOOD}routing: { default_model: bb }\nmodels:\n  b: { deployments: [{ provider: openai, model: b }] }\n`,
    ["signalbox.yaml:2:27 routing.default_model: there is no model named bb. Did you mean b?"],
  ],
  [
    "a default provider that is none",
    `${GOOD}routing: { default_provider: opnai }\n`,
    ["signalbox.yaml:2:30 routing.default_provider: there is no provider named opnai. Did you mean openai?"],
  ],
  [
    "two things at once",
    "server: { port: x }\nmodles: {}\n",
    ["signalbox.yaml:1:17 server.port: expected a whole number from 0 to 65535.", "signalbox.yaml:2:1 modles: there is no such field. Did you mean models?"],
  ],
];

test.each(BAD)("%s is told with place and fix", async (_what, text, problems) => {
  expect(await problemsOf(text)).toEqual(problems);
});

test("an error never holds a secret", async () => {
  const problems = await problemsOf("database: { url: '${URL}' }\nproviders: { gpu: { kind: vllm, base_url: '${PW}' } }", {
    URL: "mysql://u:hunter2@h/d",
    PW: "hunter2",
  });
  expect(problems).toHaveLength(2);
  expect(problems.join()).not.toContain("hunter2");
});

test("a value of the environment that does not fit is told by its name", async () => {
  expect(await problemsOf("", { PORT: "four" })).toEqual(["environment PORT server.port: expected a whole number from 0 to 65535."]);
});

test("a config file that was named and is not there is an error", () => {
  expect(() => load({}, { SIGNALBOX_CONFIG: "other.yaml" })).toThrow(
    "other.yaml: the file cannot be read. Check its path and permissions, or start without --config to discover providers.",
  );
});

test("an empty or absent file is all defaults", () => {
  for (const files of [{}, { "signalbox.yaml": "" }, { "signalbox.yaml": "# nothing\n" }] as Files[]) {
    const { settings } = load(files);
    expect(settings.server.port).toBe(4000);
    expect(settings.routing).toMatchObject({
      attempts: 3,
      backoff_ms: [200, 2000],
      hold_status: 8000,
      deadlines: { connect: 5000, first_token: 60_000, idle: 60_000, total: 600_000, queue: 30_000 },
    });
    expect(settings.database.url).toBe("sqlite:data");
  }
});

test("references are filled in: from the environment, its files, secret files and defaults", () => {
  const { settings } = load(
    {
      "signalbox.yaml":
        "server: { port: '${PORT_NUMBER}', host: '${NOWHERE:-127.0.0.1}', public_url: 'http://${NAME}.x', app_version: '$${x}', private_mode: '${OFF}' }\n" +
        "auth: { admin_key: '${file:/run/secrets/admin}' }\nproviders: { openai: { api_key: '${TOKEN}', base_url: '${NOTHING:-}' } }\n",
      "/run/secrets/admin": "sb-admin\n",
      "/run/token": "sk-from-file\n",
    },
    { PORT_NUMBER: "80", NAME: "box", OFF: "false", TOKEN_FILE: "/run/token" },
  );
  expect(settings.server).toMatchObject({ port: 80, host: "127.0.0.1", public_url: "http://box.x", app_version: "${x}", private_mode: false });
  expect(settings.auth.admin_key).toBe("sb-admin");
  expect(settings.providers["openai"]).toEqual({ api_key: "sk-from-file" });
});

test("the overlay of the environment is laid over the file: fields merge, lists are replaced", () => {
  const files = {
    "signalbox.yaml": "server: { port: 1, host: 127.0.0.1, cors_origins: [a, b] }\n",
    "signalbox.production.yaml": "server:\n  port: 2\n  cors_origins: [c]\n",
  };
  const loaded = load(files, { ENVIRONMENT: "production" });
  expect(loaded.settings.server).toMatchObject({ port: 2, host: "127.0.0.1", cors_origins: ["c"], environment: "production" });
  expect(loaded.files).toEqual(["signalbox.yaml", "signalbox.production.yaml"]);
  expect(loaded.origins.get("server.port")).toMatchObject({ file: "signalbox.production.yaml", value: { line: 2, column: 9 } });
  expect(loaded.origins.get("server.host")).toMatchObject({ file: "signalbox.yaml" });
  expect(loaded.origins.has("server.cors_origins[1]")).toBe(false);
  expect(load(files, { ENVIRONMENT: "staging" }).settings.server.port).toBe(1);
});

test("an error in the overlay names the overlay", () => {
  const files = { "signalbox.yaml": "server: { port: 1 }", "signalbox.x.yaml": "server:\n  port: far" };
  expect(() => load(files, { ENVIRONMENT: "x" })).toThrow("signalbox.x.yaml:2:9 server.port: expected a whole number from 0 to 65535.");
});

test("environment beats file, command line beats both", () => {
  const loaded = loadConfig({
    variables: { PORT: "2", HOST: "::1" },
    kinds: KINDS,
    readFile: () => "server: { port: 1, host: h }",
    exists: (path) => path === "signalbox.yaml",
    overrides: [{ path: ["server", "port"], value: 3, name: "--port" }],
  });
  expect(loaded.settings.server).toMatchObject({ port: 3, host: "::1" });
});

test("anchors and merges of YAML work", () => {
  const { settings } = load({ "signalbox.yaml": "providers:\n  a: &a { kind: vllm, base_url: http://a }\n  b: { <<: *a, base_url: http://b }\n  c: *a\n" });
  expect(settings.providers).toEqual({
    a: { kind: "vllm", base_url: "http://a" },
    b: { kind: "vllm", base_url: "http://b" },
    c: { kind: "vllm", base_url: "http://a" },
  });
});

test("declared keys say where they were declared", () => {
  const loaded = load({ "signalbox.yaml": "keys: [{ name: ci, key: c, models: [m] }]", "/run/n8n": "n" }, { WEBUI_API_KEY: "w", N8N_API_KEY_FILE: "/run/n8n" });
  const usual = { role: "member", localOnly: false, strict: false } as const;
  expect(declaredKeys(loaded)).toEqual([
    { ...usual, origin: "file:ci", name: "ci", key: "c", models: ["m"], vouches: false },
    { ...usual, origin: "environment:WEBUI_API_KEY", name: "webui", key: "w", source: "webui", vouches: true },
    { ...usual, origin: "environment:N8N_API_KEY", name: "n8n", key: "n", source: "n8n", vouches: true },
  ]);
});

test("a declared key says all that there is to say of one", () => {
  const yaml = `keys:
  - name: ci
    key: c
    description: for the pipeline
    role: operator
    user_id: ann
    team_id: team_1
    routes: [chat, embeddings]
    limits: { requests_per_minute: 60, max_parallel: "4" }
    budgets: [{ amount: 0.000000001, window: day }, { amount: "100.5", window: month }]
    local_only: true
    expires_at: 2027-01-31
`;
  expect(declaredKeys(load({ "signalbox.yaml": yaml }))[0]).toEqual({
    origin: "file:ci",
    name: "ci",
    key: "c",
    description: "for the pipeline",
    role: "operator",
    userId: "ann",
    teamId: "team_1",
    routes: ["chat", "embeddings"],
    limits: { requestsPerMinute: 60, maxParallel: 4 },
    budgets: [
      { amount: 1n, window: "day" },
      { amount: 100_500_000_000n, window: "month" },
    ],
    localOnly: true,
    expiresAt: Date.UTC(2027, 0, 31),
    vouches: false,
    strict: false,
  });
});

const DURATIONS: readonly [text: string, milliseconds: number | undefined][] = [
  ["500ms", 500],
  ["8s", 8000],
  ["1.5s", 1500],
  ["10m", 600_000],
  ["2h", 7_200_000],
  ["1d", 86_400_000],
  ["8", undefined],
  ["8 parsecs", undefined],
  ["-1s", undefined],
];

test.each(DURATIONS)("%s is %p ms", (text, milliseconds) => {
  expect(durationOf(text)).toBe(milliseconds);
});

test("the example is valid, and says what its comments say", async () => {
  const text = readFileSync(new URL("../../../examples/signalbox.yaml", import.meta.url), "utf8");
  const snapshot = await resolve({ "signalbox.yaml": text });
  expect([...snapshot.models.keys()]).toEqual(["gpt-4o-mini", "claude-haiku", "llama"]);
  expect(Object.fromEntries(snapshot.aliases)).toEqual({ haiku: "claude-haiku", llama3: "llama" });
  const llama = snapshot.models.get("llama");
  expect(llama?.deployments.map(({ id, tier, tags, contextWindow, profile }) => [id, tier, tags.join(), contextWindow, profile.maxOutput])).toEqual([
    ["gpu-box/meta-llama/Llama-3.1-8B-Instruct", 0, "long-context", 32_768, undefined],
    ["gpu-spare/meta-llama/Llama-3.1-8B-Instruct", 0, "throughput", 8192, undefined],
    ["openai/gpt-4o-mini", 1, "", undefined, 4096],
  ]);
  expect([llama?.strategy, llama?.rules.length, snapshot.wildcards.map(({ pattern }) => pattern)]).toEqual(["least_busy", 3, ["claude-*"]]);
  expect(snapshot.models.get("llama")?.price?.prices).toMatchObject([{ input: 0, output: 0 }]);
  expect(snapshot.models.get("gpt-4o-mini")?.fallbacks).toEqual(["claude-haiku"]);
  expect(snapshot.defaultModel).toBe("gpt-4o-mini");
  expect(snapshot.services.get("gpu-box")?.baseUrl).toBe("http://10.0.0.5:8000/v1");
});

test("a fallback named by its alias is followed", async () => {
  const snapshot = await resolve({
    "signalbox.yaml": `${GOOD}models:\n  a: { deployments: [{ provider: openai, model: a }], fallbacks: [bee] }\n  b: { deployments: [{ provider: openai, model: b }], aliases: [bee] }\n`,
  });
  expect(snapshot.models.get("a")?.fallbacks).toEqual(["b"]);
});

test("an operator's profile goes over provider and family", async () => {
  const snapshot = await resolve({
    "signalbox.yaml":
      "providers: { openai: { api_key: k, profile: { drop: [metadata], deadlines: { idle: 1s } } } }\n" +
      "models: { m: { deployments: [{ provider: openai, model: o4-mini, profile: { dialect: openai-responses, sampling: free, drop: [user], deadlines: { total: 2s } } }] } }\n",
  });
  const profile = snapshot.models.get("m")?.deployments[0]?.profile;
  expect(profile).toMatchObject({
    dialect: "openai-responses",
    sampling: "free",
    thinking: "effort",
    deadlines: { firstToken: 300_000, idle: 1000, total: 2000 },
  });
  expect(profile?.drop).toEqual(expect.arrayContaining(["temperature", "metadata", "user"]));
});

test("a kind's usual key is used when the file leaves it out, but never sent to an address only the file names", async () => {
  const variables = { OPENAI_API_KEY: "sk-usual" };
  const model = "models: { m: { deployments: [{ provider: openai, model: m }] } }\n";
  const snapshot = await resolve({ "signalbox.yaml": `providers: { openai: {} }\n${model}` }, variables);
  expect(snapshot.services.get("openai")?.keys[0].headers).toEqual({ authorization: "Bearer sk-usual" });
  expect(await problemsOf(`providers: { openai: { base_url: 'http://elsewhere' } }\n${model}`, variables)).toEqual([
    "signalbox.yaml:1:22 providers.openai: OpenAI needs a key. Set api_key, or OPENAI_API_KEY in the environment.",
  ]);
});
