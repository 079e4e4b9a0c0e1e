import { expect, test } from "bun:test";
import { emptyRoot, FAKE_ENGINE_COMMAND, startDockerEngine, whyNoDocker } from "../../../harness/docker.ts";
import { startRegistry } from "../../../harness/registry.ts";
import { clear, dockerDriver, dockerLaunch, run } from "./docker-house.ts";

const why = whyNoDocker();
test.skipIf(why !== undefined)(
  `a real Docker Engine pulls an image that is missing once for all who want it, and not again${why === undefined ? "" : `, ${why}`}`,
  async () => {
    const docker = await startDockerEngine();
    const registry = await startRegistry(emptyRoot(), FAKE_ENGINE_COMMAND);
    const driver = dockerDriver(docker, "test", { image: registry.image, pull: "missing" });
    try {
      await Promise.all(["one", "other", "third"].map((engine) => driver.create(dockerLaunch({ engine }))));
      await run(driver, dockerLaunch({ engine: "fourth" }));
      expect((await driver.list()).map(({ engine, status }) => `${engine} ${status}`).sort()).toEqual([
        "fourth running",
        "one created",
        "other created",
        "third created",
      ]);
      expect(registry.pulls()).toBe(1);
    } finally {
      await clear(driver);
      registry.close();
      await docker.remove();
    }
  },
  60_000,
);
