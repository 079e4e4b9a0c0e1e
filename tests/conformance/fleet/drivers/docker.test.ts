import { describe } from "bun:test";
import { startDockerEngine, whyNoDocker } from "../../../harness/docker.ts";
import { describeDriver } from "./contract.ts";
import { dockerDriver, dockerLaunch } from "./docker-house.ts";

/** The contract, over a Docker Engine that this test starts. */
const why = whyNoDocker();
describe.skipIf(why !== undefined)(`a real Docker Engine${why === undefined ? "" : `, ${why}`}`, () => {
  describeDriver("docker", async () => {
    const docker = await startDockerEngine();
    return {
      driver: async (install) => dockerDriver(docker, install),
      launch: (asked) => dockerLaunch(asked),
      unrunnable: (asked) => dockerLaunch(asked, { command: ["/nowhere/engine"] }),
      gpus: true,
      close: () => docker.remove(),
    };
  });
});
