import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Json, type JsonObject, listOf, objectOf, parseJson } from "../../src/vocabulary/json.ts";
import { blockOf } from "../docs/blocks.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../harness/box.ts";
import { inFolder, type Ran, runProgram } from "./program.ts";

/** n8n itself, with the credential of its page and the workflow of its example imported and executed from its command line. */
let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({
    models: {
      "house-claude": [{ kind: "anthropic", url: fake.url, model: "claude-sonnet-4-5" }],
      "house-gemini": [{ kind: "gemini", url: fake.url, model: "gemini-2.5-pro" }],
      "house-embed": [{ kind: "ollama", url: fake.url, model: "bge-m3" }],
    },
  });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const QUIET = {
  N8N_DIAGNOSTICS_ENABLED: "false",
  N8N_VERSION_NOTIFICATIONS_ENABLED: "false",
  N8N_TEMPLATES_ENABLED: "false",
  N8N_RUNNERS_ENABLED: "false",
  N8N_LOG_LEVEL: "info",
  N8N_ENCRYPTION_KEY: "of this test",
};
const WORKFLOW = parseJson(readFileSync(join(import.meta.dir, "..", "..", "examples", "n8n", "agent.json"), "utf8"));
const { id: ID, nodes: NODES, connections: CONNECTIONS } = objectOf(WORKFLOW);
const [START, AGENT, MODEL, CALCULATOR] = listOf(NODES).map(objectOf) as [JsonObject, JsonObject, JsonObject, JsonObject];
const CREDENTIALS = MODEL["credentials"] as Json;

/** The example's agent, with this model and perhaps other settings of it. */
const agentWith = (name: string, more: JsonObject = {}): JsonObject => {
  const chosen = { ...objectOf(MODEL["parameters"]), model: { __rl: true, mode: "id", value: name }, ...more };
  return { nodes: [START, AGENT, { ...MODEL, parameters: chosen }, CALCULATOR], connections: CONNECTIONS as Json };
};

/** Imports the credential of the page and a workflow into a fresh n8n, and executes it. */
function execute(flow: JsonObject): Promise<Ran> {
  return inFolder(async (folder) => {
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const credentials = write("credentials.json", blockOf("clients/n8n.md", "json", box.url).replace("sb-…", "sb-test"));
    const workflow = write("workflow.json", JSON.stringify([{ ...objectOf(WORKFLOW), ...flow }]));
    const n8n = (...words: string[]) => runProgram("n8n", { arguments: words, environment: { ...QUIET, N8N_USER_FOLDER: folder }, folder, patience: 120_000 });
    for (const words of [
      ["import:credentials", `--input=${credentials}`],
      ["import:workflow", `--input=${workflow}`],
    ]) {
      const ran = await n8n(...words);
      if (ran.code !== 0) return ran;
    }
    return n8n("execute", `--id=${ID}`, "--rawOutput");
  });
}

describe.each([
  ["by Responses, as the node comes", {}, "openai-responses"],
  ["by Chat Completions", { responsesApiEnabled: false }, "openai-chat"],
])("an agent with a tool, %s", (_name, parameters, dialect) => {
  test.each(["house-claude", "house-gemini"])("over %s", async (name) => {
    fake.forget();
    fake.play([{ answer: { toolCalls: [{ name: "Calculator", arguments: { input: "6*7" } }] } }, { answer: { text: "It is forty-two." } }]);
    const before = box.records.length;
    const ran = await execute(agentWith(name, parameters));
    expect(`${ran.code} ${ran.output}${ran.errors}`).toStartWith("0 ");
    expect(ran.output).toContain("It is forty-two.");
    expect(fake.seen.length).toBe(2);
    expect(box.records.slice(before).map((record) => record.dialect)).toEqual([dialect, dialect]);
  });
});

test("a model that does not exist is told in words one can act on", async () => {
  const ran = await execute(agentWith("house-clod"));
  expect(ran.code).not.toBe(0);
  expect(ran.output + ran.errors).toContain('Did you mean "house-claude"?');
});

test("embeddings, put into its memory of vectors", async () => {
  fake.forget();
  fake.play({});
  const node = (name: string, type: string, typeVersion: number, parameters: JsonObject, more: JsonObject = {}): JsonObject => {
    return { id: name, name, type: `@n8n/n8n-nodes-langchain.${type}`, typeVersion, position: [0, 0], parameters, ...more };
  };
  const into = (type: string): JsonObject => ({ [type]: [[{ node: "Store", type, index: 0 }]] });
  const ran = await execute({
    nodes: [
      START,
      node("Store", "vectorStoreInMemory", 1.3, { mode: "insert", memoryKey: { __rl: true, mode: "list", value: "house" } }),
      node("Embeddings", "embeddingsOpenAi", 1.2, { model: "house-embed", options: {} }, { credentials: CREDENTIALS }),
      node("Loader", "documentDefaultDataLoader", 1.1, { jsonMode: "expressionData", jsonData: "The house is warm.", options: {} }),
    ],
    connections: { Start: into("main"), Embeddings: into("ai_embedding"), Loader: into("ai_document") },
  });
  expect(`${ran.code} ${ran.output}${ran.errors}`).toStartWith("0 ");
  expect(fake.seen.map((seen) => seen.path)).toEqual(["/api/embed"]);
  expect(fake.seen[0]?.text).toContain("The house is warm.");
});
