import { join } from "node:path";
import type { FleetSettings } from "../../config/schema/schema.ts";
import { createDockerDriver } from "../../fleet/drivers/docker/docker-driver.ts";
import type { DockerOptions } from "../../fleet/drivers/docker/docker-options.ts";
import type { EngineDriver } from "../../fleet/drivers/driver.ts";
import { type Cluster, clusterAt, ownCluster } from "../../fleet/drivers/kubernetes/cluster.ts";
import { kubernetesDriver } from "../../fleet/drivers/kubernetes/kubernetes-driver.ts";
import { openProcessDriver } from "../../fleet/drivers/process/process-driver.ts";
import { openStaticDriver } from "../../fleet/drivers/static/static-driver.ts";
import type { SimulatedGpus } from "../../fleet/gpus/simulated.ts";
import type { DriverName, EngineSpec } from "../../vocabulary/engine.ts";
import { enginesInstead } from "./simulated-engines.ts";

/** What drivers are opened with. */
export interface DriversRequest {
  readonly settings: FleetSettings;
  readonly specs: readonly EngineSpec[];
  readonly install: string;
  readonly dataDir: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** What simulated engines run on. */
  readonly simulated: SimulatedGpus;
}

/** Those that the engines of the config are run by, by what the engines call them. */
export function openDrivers(request: DriversRequest): ReadonlyMap<string, EngineDriver> {
  const runners = new Map(request.specs.map(({ runner, driver }) => [runner, driver]));
  return new Map([...runners].map(([runner, driver]) => [runner, openDriver(runner, driver, request)]));
}

function openDriver(runner: string, driver: DriverName, { settings, install, dataDir, variables, simulated }: DriversRequest): EngineDriver {
  switch (driver) {
    case "process":
      return openProcessDriver({ folder: join(dataDir, "engines"), install, environment: variables });
    case "static":
      return openStaticDriver();
    case "docker": {
      const node = settings.nodes.find(({ name }) => runner === `docker on ${name}`);
      return createDockerDriver(dockerOptions({ ...settings.docker, ...node }, install));
    }
    case "kubernetes":
      return kubernetesDriver({ cluster: clusterOf(settings.kubernetes, variables), install, patience: settings.kubernetes.patience });
    case "simulated":
      return enginesInstead(simulated);
    default:
      return driver satisfies never;
  }
}

/** Where vLLM's images listen. */
const CONTAINER_PORT = 8000;

function dockerOptions({ publish_at, shared_memory, ...others }: FleetSettings["docker"], install: string): DockerOptions {
  const { host, image, network, runtime, pull, binds, memory, user } = others;
  return {
    host,
    image,
    network,
    runtime,
    pull,
    binds,
    memory,
    user,
    install,
    publishAt: publish_at,
    containerPort: CONTAINER_PORT,
    sharedMemory: shared_memory ?? "host",
  };
}

/** The cluster of the config, else the one we are in. */
function clusterOf({ url, namespace, token }: FleetSettings["kubernetes"], variables: DriversRequest["variables"]): Cluster {
  return url === undefined ? ownCluster(variables) : clusterAt({ url, namespace: namespace ?? "default", token });
}
