import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Json, JsonObject } from "../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../harness/box.ts";
import { inFolder, type Ran, runProgram } from "./program.ts";

/** n8n itself, with workflows imported and executed from its command line. */
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
const CREDENTIALS = { openAiApi: { id: "credHouse0000001", name: "house" } };
const WORKFLOW = "flowHouse0000001";

interface Node {
  readonly name: string;
  readonly type: string;
  readonly typeVersion: number;
  readonly parameters: JsonObject;
  readonly credentials?: JsonObject;
  /** The node it feeds, and as what. */
  readonly into?: readonly [name: string, as: string];
}

const START: Node = { name: "Start", type: "n8n-nodes-base.manualTrigger", typeVersion: 1, parameters: {}, into: ["Agent", "main"] };
const AGENT: Node = {
  name: "Agent",
  type: "@n8n/n8n-nodes-langchain.agent",
  typeVersion: 3,
  parameters: { promptType: "define", text: "What is six times seven?", options: {} },
};
const CALCULATOR: Node = {
  name: "Calculator",
  type: "@n8n/n8n-nodes-langchain.toolCalculator",
  typeVersion: 1,
  parameters: {},
  into: ["Agent", "ai_tool"],
};
const model = (name: string, more: JsonObject = {}): Node => ({
  name: "Model",
  type: "@n8n/n8n-nodes-langchain.lmChatOpenAi",
  typeVersion: 1.3,
  parameters: { model: { __rl: true, mode: "id", value: name }, options: {}, ...more },
  credentials: CREDENTIALS,
  into: ["Agent", "ai_languageModel"],
});

/** Imports credential and workflow into a fresh n8n and executes it. */
function execute(nodes: readonly Node[]): Promise<Ran> {
  return inFolder(async (folder) => {
    const write = (name: string, value: Json) => {
      writeFileSync(join(folder, name), JSON.stringify(value));
      return join(folder, name);
    };
    const credentials = write("credentials.json", [{ ...CREDENTIALS.openAiApi, type: "openAiApi", data: { apiKey: "sb-test", url: `${box.url}/v1` } }]);
    const connections: Record<string, JsonObject> = {};
    for (const { name, into } of nodes) if (into !== undefined) connections[name] = { [into[1]]: [[{ node: into[0], type: into[1], index: 0 }]] };
    const described = nodes.map(({ into: _into, ...node }, index) => ({ id: String(index), position: [200 * index, 0], ...node })) as unknown as Json;
    const workflow = write("workflow.json", [{ id: WORKFLOW, name: "house", active: false, settings: {}, nodes: described, connections }]);
    const n8n = (...words: string[]) => runProgram("n8n", { arguments: words, environment: { ...QUIET, N8N_USER_FOLDER: folder }, folder, patience: 120_000 });
    for (const words of [
      ["import:credentials", `--input=${credentials}`],
      ["import:workflow", `--input=${workflow}`],
    ]) {
      const ran = await n8n(...words);
      if (ran.code !== 0) return ran;
    }
    return n8n("execute", `--id=${WORKFLOW}`, "--rawOutput");
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
    const ran = await execute([START, AGENT, CALCULATOR, model(name, parameters)]);
    expect(`${ran.code} ${ran.output}${ran.errors}`).toStartWith("0 ");
    expect(ran.output).toContain("It is forty-two.");
    expect(fake.seen.length).toBe(2);
    expect(box.records.slice(before).map((record) => record.dialect)).toEqual([dialect, dialect]);
  });
});

test("a model that does not exist is told in words one can act on", async () => {
  const ran = await execute([START, AGENT, model("house-clod")]);
  expect(ran.code).not.toBe(0);
  expect(ran.output + ran.errors).toContain('Did you mean "house-claude"?');
});

test("embeddings, put into its memory of vectors", async () => {
  fake.forget();
  fake.play({});
  const store: Node = {
    name: "Store",
    type: "@n8n/n8n-nodes-langchain.vectorStoreInMemory",
    typeVersion: 1.3,
    parameters: { mode: "insert", memoryKey: { __rl: true, mode: "list", value: "house" } },
  };
  const ran = await execute([
    { ...START, into: ["Store", "main"] },
    store,
    {
      name: "Embeddings",
      type: "@n8n/n8n-nodes-langchain.embeddingsOpenAi",
      typeVersion: 1.2,
      parameters: { model: "house-embed", options: {} },
      credentials: CREDENTIALS,
      into: ["Store", "ai_embedding"],
    },
    {
      name: "Loader",
      type: "@n8n/n8n-nodes-langchain.documentDefaultDataLoader",
      typeVersion: 1.1,
      parameters: { jsonMode: "expressionData", jsonData: "The house is warm.", options: {} },
      into: ["Store", "ai_document"],
    },
  ]);
  expect(`${ran.code} ${ran.output}${ran.errors}`).toStartWith("0 ");
  expect(fake.seen.map((seen) => seen.path)).toEqual(["/api/embed"]);
  expect(fake.seen[0]?.text).toContain("The house is warm.");
});
