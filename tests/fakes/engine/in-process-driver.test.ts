import { afterEach, describe, expect, test } from "bun:test";
import type { DriverEvent, DriverReason } from "../../../src/fleet/drivers/driver.ts";
import { fakeLaunch } from "../../conformance/fleet/drivers/launches.ts";
import { failing, holding, type InProcessWorld, openInProcessWorld } from "./in-process-driver.ts";

const worlds: InProcessWorld[] = [];
afterEach(() => {
  for (const world of worlds.splice(0)) world.close();
});

function setting() {
  const world = openInProcessWorld();
  worlds.push(world);
  const driver = world.driver("test");
  const told: DriverEvent[] = [];
  driver.watch((event) => told.push(event));
  return { world, driver, told, launch: fakeLaunch({}) };
}

// What it does as any driver does is in tests/conformance/fleet/drivers; here is what its caller can do to it.
describe("a driver in process", () => {
  for (const reason of ["image-missing", "name-taken", "port-taken", "driver-gone", "refused", "failed"] satisfies DriverReason[]) {
    test(`fails the next call as it is told: ${reason}`, async () => {
      const { world, driver, launch } = setting();
      world.hinder("create", failing(reason));
      await expect(driver.create(launch)).rejects.toMatchObject({ name: "DriverFailure", reason });
      await driver.create(launch);
      expect(world.calls).toEqual([`create ${launch.name}`, `create ${launch.name}`]);
    });
  }

  test("holds a call until it is released", async () => {
    const { world, driver, launch } = setting();
    const { hindrance, release } = holding();
    world.hinder("create", hindrance);
    const created = driver.create(launch);
    expect(await driver.list()).toEqual([]);
    release();
    await created;
    expect(await driver.list()).toHaveLength(1);
  });

  test("ends an engine as it is told", async () => {
    const { world, driver, launch, told } = setting();
    await driver.create(launch);
    const { baseUrl } = await driver.start(launch.name);
    await world.engine(launch.name).listening;
    world.exit(launch.name, { code: 137, outOfMemory: true });
    expect(told).toEqual([{ type: "exited", name: launch.name, exit: { code: 137, outOfMemory: true } }]);
    await expect(fetch(`${baseUrl}/models`)).rejects.toThrow();
    expect(() => world.engine(launch.name)).toThrow(`No engine called ${launch.name} runs.`);
  });

  test("is lost and back, while its engines go on", async () => {
    const { world, driver, launch, told } = setting();
    await driver.create(launch);
    const { baseUrl } = await driver.start(launch.name);
    await world.engine(launch.name).listening;
    world.lose("Nobody listens there.");
    await expect(driver.list()).rejects.toMatchObject({ reason: "driver-gone", message: "Nobody listens there." });
    expect((await fetch(baseUrl.replace("/v1", "/fake/counts"))).status).toBe(200);
    world.back();
    expect(await driver.list()).toMatchObject([{ status: "running" }]);
    expect(told).toEqual([{ type: "lost", why: "Nobody listens there." }, { type: "back" }]);
  });
});
