import { openProcessDriver } from "../../../../src/fleet/drivers/process/process-driver.ts";
import { processesOf } from "../../../../src/fleet/drivers/process/processes.ts";
import { fakeLaunch } from "./launches.ts";

/**
 * Stands for a gateway that is killed while it starts and stops engines: `bun dying-gateway.ts FOLDER [HELD]`. With the second word it ends
 * itself, as `kill -9` does, when that many processes stand at the gate and none of them is written down.
 */
const [folder = "", held] = process.argv.slice(2);
const here = processesOf(process.platform);
let asked = 0;
const driver = openProcessDriver({
  folder,
  install: "dying",
  environment: process.env,
  processes: {
    ...here,
    birthOf: async (pid) => {
      if (held !== undefined && ++asked === Number(held)) process.kill(process.pid, "SIGKILL");
      return held === undefined ? await here.birthOf(pid) : await new Promise(() => {});
    },
  },
});

process.stdout.write("ready\n");
for (let generation = 1; ; generation++) {
  await Promise.all(
    ["one", "other"].map(async (engine) => {
      const launch = fakeLaunch({ install: "dying", engine, generation }, { command: ["sh", "-c", "sleep 300 & exec sleep 300"] });
      await driver.create(launch);
      await driver.start(launch.name);
      // Some are stopped and others stay: it dies in the middle of anything.
      if (generation % 3 !== 0) return;
      await driver.stop(launch.name, 1000);
      await driver.remove(launch.name);
    }),
  );
}
