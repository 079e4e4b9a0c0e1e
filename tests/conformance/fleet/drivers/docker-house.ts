import { createDockerDriver } from "../../../../src/fleet/drivers/docker/docker-driver.ts";
import type { DockerOptions } from "../../../../src/fleet/drivers/docker/docker-options.ts";
import { DriverFailure, type DriverReason, type EngineDriver, type Launch } from "../../../../src/fleet/drivers/driver.ts";
import type { EngineSpec } from "../../../../src/vocabulary/engine.ts";
import type { DockerEngine } from "../../../harness/docker.ts";
import { type AskedLaunch, fakeLaunch } from "./launches.ts";

/** Patience with a Docker that does not answer is short here: a test's comes back at once. */
const TIMING = { retry: [20, 200], pulse: 15_000, stall: 60_000 } as const;

/** A driver over a test's Docker Engine. */
export function dockerDriver({ host, image, binds }: DockerEngine, install: string, different: Partial<DockerOptions> = {}): EngineDriver {
  const usual = { host, install, image, binds, pull: "never", publishAt: "127.0.0.1", containerPort: 8000, sharedMemory: 2 ** 26 } as const;
  return createDockerDriver({ ...usual, ...different }, TIMING);
}

/** A start of the fake engine: its image's own command, unless the spec says otherwise. */
export const dockerLaunch = (asked: AskedLaunch, changes: Partial<EngineSpec> = {}): Launch => fakeLaunch(asked, { driver: "docker", ...changes });

/** A start of some other program of this machine. */
export const programLaunch = (asked: AskedLaunch, ...command: readonly string[]): Launch => ({ ...dockerLaunch(asked, { command }), args: [] });

/** Makes it and starts it; where it is then called. */
export async function run(driver: EngineDriver, launch: Launch): Promise<string> {
  await driver.create(launch);
  return (await driver.start(launch.name)).baseUrl;
}

/** Ends all that a driver's installation has, and lets go of it. */
export async function clear(driver: EngineDriver): Promise<void> {
  for (const { name } of await driver.list()) {
    await driver.stop(name, 0);
    await driver.remove(name);
  }
  await driver.close();
}

/** Why a driver could not do it. */
export async function failureOf(work: Promise<unknown>): Promise<{ readonly reason: DriverReason; readonly message: string }> {
  const failure = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof DriverFailure)) throw new Error(`This is no driver's failure: ${failure}`);
  return failure;
}
