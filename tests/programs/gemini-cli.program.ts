import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { blockOf } from "../docs/blocks.ts";
import { runProgram } from "./program.ts";
import { AFTER, DONE, openWorkshop, PROMPT, type Workshop } from "./workshop.ts";

/** Google's Gemini CLI, headless, over Gemini and over others, with the settings of its page. */
let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.stop());

test.each(["gemini-flash", "claude-haiku", "qwen-coder"])("reads and edits a file over %s", async (model) => {
  const { ran, content, turns, records, keys } = await workshop.edit({
    calls: (file_path) => [
      { name: "read_file", arguments: { file_path } },
      { name: "replace", arguments: { file_path, instruction: "Make the colour blue.", old_string: "red", new_string: "blue" } },
    ],
    run(folder) {
      mkdirSync(join(folder, ".gemini"));
      writeFileSync(join(folder, ".gemini", "settings.json"), blockOf("clients/gemini.md", "json", workshop.url));
      const environment = { GOOGLE_GEMINI_BASE_URL: workshop.url, GEMINI_API_KEY: "sb-test", GEMINI_CLI_TRUST_WORKSPACE: "true" };
      return runProgram("gemini-cli", { arguments: ["-m", model, "--yolo", "-p", PROMPT], environment, folder });
    },
  });
  expect(`${ran.code} ${ran.output}${ran.errors}`).toStartWith("0 ");
  expect(ran.output).toContain(DONE);
  expect(content).toBe(AFTER);
  expect(turns.length).toBe(3);
  expect(turns[1]?.text).toContain("colour = red");
  expect(records.map(({ outcome }) => outcome)).toEqual(records.map(() => "ok"));
  expect(keys).toEqual(["sb-test"]);
});
