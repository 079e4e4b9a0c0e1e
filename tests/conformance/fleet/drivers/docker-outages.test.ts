import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { DriverEvent, EngineDriver } from "../../../../src/fleet/drivers/driver.ts";
import { type DockerEngine, startDockerEngine, whyNoDocker } from "../../../harness/docker.ts";
import { until } from "../../../harness/until.ts";
import { clear, dockerDriver, dockerLaunch, failureOf, run } from "./docker-house.ts";

/** A Docker Engine is killed under running engines, and started again. */
const why = whyNoDocker();
describe.skipIf(why !== undefined)(`a real Docker Engine that goes away${why === undefined ? "" : `, ${why}`}`, () => {
  const PATIENCE = 60_000;
  let docker: DockerEngine;
  beforeAll(async () => {
    docker = await startDockerEngine();
  }, PATIENCE);
  afterAll(() => docker.remove(), PATIENCE);

  interface Scene {
    readonly driver: EngineDriver;
    /** What it told, once `watch` was called. */
    readonly told: DriverEvent[];
    watch(): void;
    /** Until the latest that was told is of this type. */
    tells(type: DriverEvent["type"]): Promise<void>;
  }
  /** A test over a Docker Engine that was started with these flags; it runs when the test ends. */
  const scene = (what: string, flags: readonly string[], work: (scene: Scene) => Promise<void>) =>
    test(
      what,
      async () => {
        await docker.kill();
        await docker.start(...flags);
        const driver = dockerDriver(docker, "test");
        const told: DriverEvent[] = [];
        const watch = () => void driver.watch((event) => told.push(event));
        try {
          await work({ driver, told, watch, tells: (type) => until(`"${type}" to be told`, () => told.at(-1)?.type === type) });
        } finally {
          await clear(driver);
        }
      },
      PATIENCE,
    );
  const answers = (baseUrl: string) =>
    fetch(`${baseUrl}/models`).then(
      ({ ok }) => ok,
      () => false,
    );

  scene("engines go on where Docker lets them, and are found again", ["--live-restore"], async ({ driver, told, watch, tells }) => {
    watch();
    const { name } = dockerLaunch({});
    const baseUrl = await run(driver, dockerLaunch({}));
    await until("it to answer", () => answers(baseUrl));
    await docker.kill();
    await tells("lost");
    expect((await failureOf(driver.list())).reason).toBe("driver-gone");
    expect((await failureOf(driver.stop(name, 0))).reason).toBe("driver-gone");
    await docker.start("--live-restore");
    await tells("back");
    expect(told.map(({ type }) => type)).toEqual(["lost", "back"]);
    expect(await driver.list()).toMatchObject([{ name, status: "running", baseUrl }]);
    await until("it to answer", () => answers(baseUrl));
  });

  scene("engines that end with it are told as ended, before it is told as back", [], async ({ driver, told, watch, tells }) => {
    watch();
    const { name } = dockerLaunch({});
    await run(driver, dockerLaunch({}));
    await docker.kill();
    await tells("lost");
    await docker.start();
    await tells("back");
    expect(told).toEqual([
      { type: "lost", why: expect.stringContaining(docker.host) },
      { type: "exited", name, exit: { code: expect.any(Number), outOfMemory: false } },
      { type: "back" },
    ]);
  });

  scene("who begins to watch without it is told when it is there", [], async ({ told, watch, tells }) => {
    await docker.kill();
    watch();
    await tells("lost");
    await docker.start();
    await tells("back");
    expect(told.map(({ type }) => type)).toEqual(["lost", "back"]);
  });
});
