import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { blockOf } from "../docs/blocks.ts";
import { runProgram } from "./program.ts";
import { AFTER, DONE, openWorkshop, PROMPT, type Workshop } from "./workshop.ts";

/** opencode itself, headless, with the settings of its page. */
let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.stop());

/** Nothing of its own from the network. */
const QUIET = { OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_MODELS_FETCH: "1", OPENCODE_DISABLE_LSP_DOWNLOAD: "1" };

test.each(["claude-haiku", "qwen-coder"])("reads and edits a file over %s, and its session is in the book", async (model) => {
  const { ran, content, turns, records, keys } = await workshop.edit({
    calls: (filePath) => [
      { name: "read", arguments: { filePath } },
      { name: "edit", arguments: { filePath, oldString: "red", newString: "blue" } },
    ],
    run(folder) {
      writeFileSync(join(folder, "opencode.json"), blockOf("clients/opencode.md", "json", workshop.url));
      const words = ["run", "-m", `signalbox/${model}`, PROMPT];
      return runProgram("opencode", { arguments: words, environment: { ...QUIET, SIGNALBOX_KEY: "sb-test" }, folder });
    },
  });
  expect(`${ran.code} ${ran.output}${ran.errors}`).toStartWith("0 ");
  expect(ran.output).toContain(DONE);
  expect(content).toBe(AFTER);
  expect(turns.length).toBe(3);
  expect(turns[1]?.text).toContain("colour = red");
  expect(records.map(({ outcome }) => outcome)).toEqual(records.map(() => "ok"));
  expect(keys).toEqual(["Bearer sb-test"]);
  const sessions = new Set(records.map(({ session }) => session));
  expect([...sessions]).toEqual([expect.stringMatching(/^ses_./)]);
});
