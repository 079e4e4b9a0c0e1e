import { expect, test } from "bun:test";
import { PROVIDERS } from "../providers/index.ts";
import { loadConfig } from "./file/load.ts";
import { configJsonSchema } from "./schema/json-schema.ts";
import { checkText, shownConfig, shownText } from "./show.ts";

const KINDS = PROVIDERS.map((provider) => provider.kind);

const CONFIG = `
server:
  port: 4001
  cors_origins: [http://a]
providers:
  openai: { api_key: "\${OPENAI_API_KEY}", headers: { x-team: hunter2-header } }
  gpt: { kind: openai, api_key: hunter2-plain }
  file: { kind: openai, api_key: "\${file:/run/secrets/k}" }
  spare: { kind: openai, api_key: "\${NOT_SET:-hunter2-default}" }
  gpu: { kind: vllm, base_url: "http://me:hunter2-url@gpu:8000" }
  odd: { kind: vllm, base_url: "\${SECRET_URL}" }
keys:
  - { name: app, key: "sb-hunter2-key" }
auth: { admin_key: sb-hunter2-admin }
routing: { hold_status: 4s }
database: { url: "postgres://user:hunter2-password@db/signalbox?sslpassword=hunter2" }
`;

const loaded = loadConfig({
  variables: { OPENAI_API_KEY: "hunter2-env", WEBUI_API_KEY: "hunter2-webui", SECRET_URL: "http://hunter2-host", HOST: "127.0.0.1" },
  kinds: KINDS,
  readFile: (path) => (path.startsWith("/run") ? "hunter2-file" : CONFIG),
  exists: (path) => path === "signalbox.yaml",
  overrides: [{ path: ["telemetry", "log_level"], value: "debug", name: "--verbose" }],
});
const shown = shownConfig(loaded);

const SHOWN: readonly [path: string, value: string, source: string][] = [
  ["server.port", "4001", "signalbox.yaml:3"],
  ["server.host", '"127.0.0.1"', "environment HOST"],
  ["server.cors_origins", '["http://a"]', "signalbox.yaml:4"],
  ["server.max_body_mb", "32", "default"],
  ["telemetry.log_level", '"debug"', "command line --verbose"],
  ["routing.hold_status", "4000", "signalbox.yaml:15"],
  ["providers.openai.api_key", "${OPENAI_API_KEY}", "signalbox.yaml:6"],
  ["providers.openai.headers.x-team", "(secret)", "signalbox.yaml:6"],
  ["providers.gpt.api_key", "(secret)", "signalbox.yaml:7"],
  ["providers.file.api_key", "${file:/run/secrets/k}", "signalbox.yaml:8"],
  ["providers.spare.api_key", "(secret)", "signalbox.yaml:9"],
  ["providers.gpu.base_url", '"http://…@gpu:8000"', "signalbox.yaml:10"],
  ["providers.odd.base_url", "${SECRET_URL}", "signalbox.yaml:11"],
  ["keys[0].name", '"app"', "signalbox.yaml:13"],
  ["keys[0].key", "(secret)", "signalbox.yaml:13"],
  ["keys[1].key", "(secret)", "environment WEBUI_API_KEY"],
  ["auth.admin_key", "(secret)", "signalbox.yaml:14"],
  ["database.url", "(secret)", "signalbox.yaml:16"],
];

test.each(SHOWN)("%s is shown as %s from %s", (path, value, source) => {
  expect(shown.find((one) => one.path === path)).toEqual({ path, value, source });
});

test("no secret is ever shown", () => {
  expect(shownText(shown)).not.toContain("hunter2");
  expect(JSON.stringify(shown)).not.toContain("hunter2");
});

test("a database that is a folder is no secret", () => {
  const folder = shownConfig(loadConfig({ variables: { DATABASE_URL: "sqlite:/srv/keys" }, kinds: KINDS, exists: () => false }));
  expect(folder.find(({ path }) => path === "database.url")?.value).toBe('"sqlite:/srv/keys"');
});

test("lines are aligned", () => {
  expect(
    shownText([
      { path: "a", value: "1", source: "default" },
      { path: "long.name", value: '"x"', source: "environment X" },
    ]),
  ).toBe('a          1    default\nlong.name  "x"  environment X');
});

test("a check says how many problems there are", () => {
  expect(checkText([], ["signalbox.yaml"])).toBe("signalbox.yaml is valid.");
  expect(checkText([], [])).toBe("The environment is valid.");
  const problem = { file: "signalbox.yaml", line: 2, column: 3, path: "server.prot", message: "there is no such field.", fix: "Did you mean port?" };
  expect(checkText([problem], ["signalbox.yaml"])).toBe("signalbox.yaml:2:3 server.prot: there is no such field. Did you mean port?\n1 problem.");
});

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode | boolean;
}

/** Paths of fields that say nothing about themselves. */
function undescribed(node: SchemaNode, path: string): string[] {
  const fields = Object.entries(node.properties ?? {}).flatMap(([name, field]) => [
    ...(field.description === undefined ? [`${path}.${name}`] : []),
    ...undescribed(field, `${path}.${name}`),
  ]);
  const below = [node.additionalProperties, node.items].filter((one) => typeof one === "object");
  return [...fields, ...below.flatMap((one) => undescribed(one, `${path}.*`))];
}

test("the JSON Schema describes every field, names every kind and refuses unknown ones", () => {
  const schema = configJsonSchema(KINDS) as SchemaNode;
  expect(Object.keys(schema.properties ?? {})).toEqual([
    "server",
    "database",
    "redis",
    "providers",
    "models",
    "routing",
    "fleet",
    "billing",
    "cache",
    "limits",
    "responses",
    "batches",
    "keys",
    "auth",
    "telemetry",
  ]);
  expect(undescribed(schema, "")).toEqual([]);
  expect(schema).toMatchObject({
    $schema: "https://json-schema.org/draft/2020-12/schema",
    additionalProperties: false,
    properties: { providers: { additionalProperties: { properties: { kind: { enum: KINDS } } } }, routing: { properties: { hold_status: { default: "8s" } } } },
  });
});
