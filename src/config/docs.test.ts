import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { PROVIDERS, profileFor, serviceFor } from "../providers/index.ts";
import { loadConfig } from "./file/load.ts";
import { readTree } from "./file/tree.ts";
import { fromLiteLLM } from "./litellm/convert.ts";
import { configText } from "./litellm/write.ts";
import { fieldTable } from "./schema/field-table.ts";
import { resolveConfig } from "./snapshot/snapshot.ts";

const KINDS = PROVIDERS.map((provider) => provider.kind);
const pageOf = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), "utf8");
const examplesOf = (page: string) => [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
const PAGE = pageOf("configuration");
const EXAMPLES = [
  ...examplesOf(PAGE),
  ...["models", "prices", "login", "billing", "batches", "engines-in-docker", "engines-as-processes", "engines-in-kubernetes", "schedule", "gpus"].flatMap(
    (page) => examplesOf(pageOf(page)),
  ),
];

test("the page holds every field of the schema", () => {
  const generated = PAGE.split(/<!-- generated[^>]*-->\n/)[1]?.split("\n<!-- /generated -->")[0];
  expect(generated).toBe(fieldTable(KINDS));
});

test("the pages have examples", () => {
  expect(EXAMPLES.length).toBeGreaterThan(2);
});

test.each(EXAMPLES)("this example is valid and nothing is told of it:\n%s", async (example) => {
  const loaded = loadConfig({ variables: {}, kinds: KINDS, readFile: () => example, exists: (path) => path === "signalbox.yaml" });
  const probe = () => Promise.reject(new Error("no network in this test"));
  const { snapshot } = await resolveConfig(loaded, { book: { kinds: PROVIDERS, serviceFor, profileFor }, probe });
  expect(snapshot.settings).toBe(loaded.settings);
  expect(snapshot.notices).toEqual([]);
});

test("what the page says a LiteLLM config becomes is what it becomes", () => {
  const [theirs = "", ours = ""] = examplesOf(pageOf("from-litellm"));
  const { tree, notices } = fromLiteLLM(readTree({ file: "config.yaml", text: theirs }), PROVIDERS);
  expect(configText(tree.value, "").replace(/^#.*\n\n/, "")).toBe(ours);
  expect(notices).toEqual([]);
});
