import { describe, expect, test } from "bun:test";
import { launchOf } from "../process/launch.fixture.ts";
import { openStaticDriver } from "./static-driver.ts";

const launch = launchOf(undefined, {}, { driver: "static", url: "http://10.0.0.5:8000/v1" });

describe("the static driver", () => {
  test("tells where an engine is, and does nothing to it", async () => {
    const driver = openStaticDriver();
    await driver.create(launch);
    expect(await driver.start(launch.name)).toEqual({ baseUrl: "http://10.0.0.5:8000/v1" });
    await driver.stop(launch.name, 0);
    expect(await driver.start(launch.name)).toEqual({ baseUrl: "http://10.0.0.5:8000/v1" });
    expect(await driver.list()).toEqual([]);
    expect(await driver.logs(launch.name, 10)).toBe("");
    await driver.remove(launch.name);
    await expect(driver.start(launch.name)).rejects.toMatchObject({ reason: "failed" });
  });

  test("tells of nothing", async () => {
    const driver = openStaticDriver();
    const told: unknown[] = [];
    const end = driver.watch((event) => told.push(event));
    await driver.create(launch);
    await driver.start(launch.name);
    end();
    await driver.close();
    expect(told).toEqual([]);
  });

  test("refuses one of which nobody says where it is", async () => {
    await expect(openStaticDriver().create(launchOf(undefined))).rejects.toMatchObject({
      reason: "refused",
      message: "fleet.engines.tiny is static and has no url. Say where it runs: url: http://10.0.0.5:8000/v1.",
    });
  });
});
