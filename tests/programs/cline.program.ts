import { afterAll, beforeAll, expect, test } from "bun:test";
import { runProgram } from "./program.ts";
import { AFTER, DONE, openWorkshop, PROMPT, type Workshop } from "./workshop.ts";

/** Cline's own command line, headless. */
let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
});
afterAll(() => workshop.stop());

/** No process of its own stays behind. */
const QUIET = { CLINE_SESSION_BACKEND_MODE: "local" };

test.each(["claude-haiku", "qwen-coder"])("reads and edits a file over %s", async (model) => {
  const { ran, content, turns, records, keys } = await workshop.edit({
    calls: (path) => [
      { name: "read_files", arguments: { files: [{ path }] } },
      { name: "editor", arguments: { path, old_text: "red", new_text: "blue" } },
    ],
    async run(folder) {
      const cline = (...words: string[]) => runProgram("cline", { arguments: words, environment: QUIET, folder });
      const known = await cline("auth", "-p", "openai-compatible", "-b", `${workshop.url}/v1`, "-k", "sb-test", "-m", model);
      return known.code === 0 ? cline("-P", "openai-compatible", "-m", model, PROMPT) : known;
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
