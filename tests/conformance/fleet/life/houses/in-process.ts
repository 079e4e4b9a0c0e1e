import { join } from "node:path";
import { assemble } from "../../../../../src/assembly/assemble.ts";
import { DriverFailure, type EngineDriver } from "../../../../../src/fleet/drivers/driver.ts";
import { openInProcessWorld, PROGRAM } from "../../../../fakes/engine/in-process-driver.ts";
import { fakeLaunch } from "../../drivers/launches.ts";
import type { LifeGateway, LifeHouse } from "../house.ts";
import { readName } from "../house.ts";
import { ADMIN_KEY } from "../scene.ts";

/** Gateways and engines live in this process, on real sockets. Engines that do not want to end are given a twentieth of the patience. */
export function inProcessHouse(): LifeHouse {
  const world = openInProcessWorld();
  return {
    fleet: { driver: "process" },
    engine: { command: [PROGRAM] },
    unrunnable: { command: ["nowhere"] },
    unrunnableSays: /nowhere is not there/,
    open: (folder) => gatewayInProcess(folder, (install) => world.driver(install)),
    running: async () =>
      world.running().flatMap(({ name, baseUrl = "" }) => {
        const known = readName(name);
        return known === undefined ? [] : [{ name, ...known, url: baseUrl.replace(/\/v1$/, "") }];
      }),
    left: async (install) => (await world.driver(install).list()).map(({ name }) => name),
    async kill({ name }) {
      world.engine(name).kill();
    },
    occupy: (name) => world.driver("somebody").create({ ...fakeLaunch({ install: "somebody" }), name }),
    leaveCreated: (start) => world.driver(start.install).create(fakeLaunch(start)),
    creations: async (install) => world.calls.filter((call) => call.startsWith(`create signalbox-${install}-`)).map((call) => call.slice("create ".length)),
    close: async () => world.close(),
  };
}

/** The whole gateway, whose engines are run by that driver. */
async function gatewayInProcess(folder: string, driverOf: (install: string) => EngineDriver): Promise<LifeGateway> {
  const drivers: { kill(): void }[] = [];
  const running = await assemble({
    file: join(folder, "signalbox.yaml"),
    variables: { HOST: "127.0.0.1", HOME: folder, SIGNALBOX_ADMIN_KEY: ADMIN_KEY, OLLAMA_BASE_URL: "http://127.0.0.1:9" },
    overrides: [
      { path: ["server", "port"], value: 0, name: "the test" },
      { path: ["database", "data_dir"], value: join(folder, "data"), name: "the test" },
      { path: ["telemetry", "log_level"], value: "error", name: "the test" },
    ],
    version: "0.0.0",
    pretty: false,
    fleet: (parts) => {
      const { driver, kill } = mortal(driverOf(parts.memory.now.install));
      drivers.push({ kill });
      return { ...parts, drivers: new Map([["process", driver]]) };
    },
  });
  let ended: Promise<void> | undefined;
  const end = () => (ended ??= running.stop());
  return {
    url: `http://127.0.0.1:${running.port}`,
    end,
    // What is left of it may do what it likes: nothing of it reaches an engine or a client any more.
    async kill() {
      for (const { kill } of drivers) kill();
      await end();
    },
  };
}

/** A driver whose gateway can be killed: from then on it does nothing and tells nothing. */
function mortal(driver: EngineDriver): { readonly driver: EngineDriver; kill(): void } {
  let dead = false;
  const alive = async <T>(work: () => Promise<T>): Promise<T> => {
    if (dead) throw new DriverFailure("driver-gone", "This gateway was killed.");
    const done = await work();
    if (dead) throw new DriverFailure("driver-gone", "This gateway was killed.");
    return done;
  };
  return {
    kill: () => {
      dead = true;
    },
    driver: {
      name: driver.name,
      create: (launch) => alive(() => driver.create(launch)),
      start: (name) => alive(() => driver.start(name)),
      stop: (name, grace) => alive(() => driver.stop(name, grace / 20)),
      remove: (name) => alive(() => driver.remove(name)),
      list: () => alive(() => driver.list()),
      logs: (name, lines) => alive(() => driver.logs(name, lines)),
      watch: (listener) => driver.watch((event) => void (dead || listener(event))),
      close: () => driver.close(),
    },
  };
}
