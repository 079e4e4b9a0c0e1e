import { openInProcessWorld } from "../../../fakes/engine/in-process-driver.ts";
import { describeDriver } from "./contract.ts";
import { fakeLaunch } from "./launches.ts";

describeDriver("in process", async () => {
  const world = openInProcessWorld();
  return {
    driver: async (install) => world.driver(install),
    launch: (asked) => fakeLaunch(asked),
    unrunnable: (asked) => fakeLaunch(asked, { command: ["nowhere"] }),
    gpus: true,
    close: async () => world.close(),
  };
});
