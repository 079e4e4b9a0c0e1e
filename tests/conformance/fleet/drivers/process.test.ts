import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openProcessDriver } from "../../../../src/fleet/drivers/process/process-driver.ts";
import { describeDriver } from "./contract.ts";
import { fakeLaunch } from "./launches.ts";

const FAKE_ENGINE = join(import.meta.dir, "..", "..", "..", "fakes", "engine", "main.ts");

describeDriver("processes", async () => {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-engines-"));
  return {
    driver: async (install) => openProcessDriver({ folder: join(folder, "engines"), install, environment: process.env }),
    launch: (asked) => fakeLaunch(asked, { command: [process.execPath, FAKE_ENGINE] }),
    unrunnable: (asked) => fakeLaunch(asked, { command: ["/nowhere/engine"] }),
    gpus: true,
    close: async () => rmSync(folder, { recursive: true }),
  };
});
