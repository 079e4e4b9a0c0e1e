import { afterAll, beforeAll, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { blockOf } from "../docs/blocks.ts";
import { runProgram } from "./program.ts";
import { AFTER, DONE, openWorkshop, PROMPT, type Workshop } from "./workshop.ts";

/** Continue's command line, headless, with the settings of its page. */
let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.stop());

const QUIET = { CONTINUE_CLI_ENABLE_TELEMETRY: "0", CONTINUE_METRICS_ENABLED: "0" };

test.each(["claude-haiku", "qwen-coder"])("reads and edits a file over %s", async (model) => {
  const { ran, content, turns, records, keys } = await workshop.edit({
    calls: (file) => [
      { name: "Read", arguments: { filepath: file } },
      { name: "MultiEdit", arguments: { file_path: file, edits: [{ old_string: "red", new_string: "blue" }] } },
    ],
    run(folder) {
      const config = join(folder, "config.yaml");
      writeFileSync(config, blockOf("clients/opencode.md", "yaml", workshop.url).replace("model: claude-haiku", `model: ${model}`));
      const words = ["-p", "--auto", PROMPT, "--config", config];
      return runProgram("continue", { arguments: words, environment: { ...QUIET, SIGNALBOX_KEY: "sb-test" }, folder });
    },
  });
  expect(`${ran.code} ${ran.output}${ran.errors}`).toStartWith("0 ");
  expect(ran.output).toContain(DONE);
  expect(content).toBe(AFTER);
  expect(turns.length).toBe(3);
  expect(turns[1]?.text).toContain("colour = red");
  expect(records.map(({ outcome }) => outcome)).toEqual(records.map(() => "ok"));
  expect(keys).toEqual(["Bearer sb-test"]);
});
