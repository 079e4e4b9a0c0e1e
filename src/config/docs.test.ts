import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { PROVIDERS, profileFor, serviceFor } from "../providers/index.ts";
import { loadConfig } from "./file/load.ts";
import { fieldTable } from "./schema/field-table.ts";
import { resolveConfig } from "./snapshot/snapshot.ts";

const KINDS = PROVIDERS.map((provider) => provider.kind);
const PAGE = readFileSync(new URL("../../docs/configuration.md", import.meta.url), "utf8");
const EXAMPLES = [...PAGE.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");

test("the page holds every field of the schema", () => {
  const generated = PAGE.split(/<!-- generated[^>]*-->\n/)[1]?.split("\n<!-- /generated -->")[0];
  expect(generated).toBe(fieldTable(KINDS));
});

test("the page has examples", () => {
  expect(EXAMPLES.length).toBeGreaterThan(2);
});

test.each(EXAMPLES)("this example of the page is valid:\n%s", async (example) => {
  const loaded = loadConfig({ variables: {}, kinds: KINDS, readFile: () => example, exists: (path) => path === "signalbox.yaml" });
  const probe = () => Promise.reject(new Error("no network in this test"));
  const { snapshot } = await resolveConfig(loaded, { book: { kinds: PROVIDERS, serviceFor, profileFor }, probe });
  expect(snapshot.settings).toBe(loaded.settings);
});
