import { DriverFailure, type EngineDriver, type FoundEngine } from "../driver.ts";
import type { Container } from "./container.ts";
import { createContainerMaker } from "./container-maker.ts";
import { portOf } from "./container-request.ts";
import { readDockerAddress } from "./docker-address.ts";
import { createDockerApi } from "./docker-api.ts";
import { driverFailureOf, notOurs, saysBeingRemoved } from "./docker-failure.ts";
import type { DockerOptions } from "./docker-options.ts";
import { isOf, labelOf, readLabels } from "./labels.ts";
import { patiently } from "./patiently.ts";
import { type DockerTiming, type Watch, watchContainers } from "./watch-containers.ts";

const TIMING: DockerTiming = { retry: [200, 5_000], pulse: 15_000, stall: 300_000 };

/** Runs engines as containers of a Docker daemon, or of a Podman that speaks like one. Throws `DriverFailure` when its address cannot be read. */
export function createDockerDriver(options: DockerOptions, timing: DockerTiming = TIMING): EngineDriver {
  const { install } = options;
  const address = readDockerAddress(options.host);
  const api = createDockerApi(address);
  const maker = createContainerMaker(api, options, timing.stall);
  const watches = new Set<Watch>();

  const inspect = (name: string) => explained(api.inspectContainer(name), `The container ${name} could not be looked at`);

  /** Our container of that name. `undefined`: there is none, or it is somebody else's and none of our business. */
  async function find(name: string): Promise<Container | undefined> {
    const container = await inspect(name);
    return container !== undefined && isOf(install, container) ? container : undefined;
  }

  async function findThere(name: string): Promise<Container> {
    const container = await inspect(name);
    if (container !== undefined && !isOf(install, container)) throw notOurs(name);
    if (container === undefined) throw new DriverFailure("failed", `There is no container ${name}: somebody has taken it away, or it was never made.`);
    return container;
  }

  function baseUrlOf({ name, ports }: Container): string {
    if (options.network !== undefined) return `http://${name}:${options.containerPort}/v1`;
    const host = options.publishAt.includes(":") ? `[${options.publishAt}]` : options.publishAt;
    return `http://${host}:${ports[portOf(options)] ?? NO_PORT}/v1`;
  }

  const whereOf = (container: Container) => ({
    baseUrl: baseUrlOf(container),
    ...(address.local && container.pid !== undefined && { pid: container.pid }),
  });

  function show(container: Container): FoundEngine | undefined {
    const { name, status, exit } = container;
    for (const watch of watches) watch.shown(container);
    const labels = readLabels(container);
    if (labels === undefined) return undefined;
    return { name, ...labels, status, ...(status === "running" && whereOf(container)), ...(exit !== undefined && { exit: exitOf(exit) }) };
  }

  return {
    name: "docker",
    create: maker.make,
    async start(name) {
      const { id } = await findThere(name);
      await explained(api.startContainer(id), `The container ${name} could not be started`);
      const container = await findThere(name);
      for (const watch of watches) watch.shown(container);
      return whereOf(container);
    },
    async stop(name, grace) {
      const container = await find(name);
      if (container?.status !== "running") return;
      try {
        await api.stopContainer(container.id, Math.ceil(grace / 1000));
      } catch (error) {
        // Podman refuses to stop what has ended meanwhile.
        if ((await find(name))?.status === "running") throw driverFailureOf(error, `The container ${name} could not be stopped`);
      }
    },
    async remove(name) {
      const container = await find(name);
      if (container === undefined) return;
      try {
        await api.removeContainer(container.id);
      } catch (error) {
        if (!saysBeingRemoved(error)) throw driverFailureOf(error, `The container ${name} could not be taken away`);
        await patiently(async () => (await find(name)) === undefined, `The container ${name} is being taken away and does not go.`);
      }
    },
    async list() {
      const containers = await explained(api.listContainers(labelOf(install)), "Containers could not be listed");
      return containers.map(show).filter((engine) => engine !== undefined);
    },
    async logs(name, lines) {
      const pulling = maker.progress(name);
      if (pulling !== undefined) return pulling;
      const { id } = await findThere(name);
      const said = await explained(api.readLogs(id, lines), `The log of the container ${name} could not be read`);
      return said.replace(/\n$/, "");
    },
    watch(listener) {
      const watch = watchContainers({ api, install, timing }, listener);
      watches.add(watch);
      return () => {
        watches.delete(watch);
        watch.end();
      };
    },
    async close() {
      for (const watch of watches) watch.end();
      api.close();
    },
  };
}

/** Where nobody ever listens: of one that ended before anybody could look. Its end is told by whoever watches. */
const NO_PORT = 0;

const exitOf = ({ code, outOfMemory }: NonNullable<Container["exit"]>) => ({ ...(code !== undefined && { code }), outOfMemory });

async function explained<Answer>(answer: Promise<Answer>, what: string): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw driverFailureOf(error, what);
  }
}
