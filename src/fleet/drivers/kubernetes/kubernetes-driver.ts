import { DriverFailure, type EngineDriver, type FoundEngine } from "../driver.ts";
import { POD_LOGS } from "./api/call.ts";
import { type ApiClient, apiClient } from "./api/client.ts";
import { ApiRefusal, failureOf } from "./api/refusal.ts";
import { claimPatch, GIVING_BACK, STARTING, STOPPING } from "./claim.ts";
import type { Cluster } from "./cluster.ts";
import { endingOf } from "./ending.ts";
import type { Pod } from "./objects/pod.ts";
import { addressOf, deploymentOf } from "./operators-manifests.ts";
import { changed, type OurDeployment, ourDeployments } from "./our-deployments.ts";
import { newestOf } from "./standing.ts";
import { deletePod, untilBegun, untilGone } from "./waiting.ts";
import { watchman } from "./watchman.ts";

export interface KubernetesDriverOptions {
  readonly cluster: Cluster;
  /** Whose engines are ours. */
  readonly install: string;
  /** So long may a pod have no node, no image or no volume before its start is given up, in milliseconds (30,000): a cluster that adds nodes needs minutes. */
  readonly patience?: number;
}

/** Engines that are the operator's Deployments: scaled to 1 and to 0, and otherwise left as they are. */
export function kubernetesDriver({ cluster, install, patience = 30_000 }: KubernetesDriverOptions): EngineDriver {
  const client = apiClient(cluster);
  const ours = ourDeployments(client, install);
  const ends = watchman(client, install);
  const closing = new AbortController();
  /** Starts under way, to be ended by a stop. */
  const starting = new Set<{ readonly name: string; readonly stopped: AbortController }>();

  async function scaleUp(name: string): Promise<string> {
    const start = { name, stopped: new AbortController() };
    starting.add(start);
    ends.forget(name);
    try {
      const { deployment: before, claim } = (await ours.find(name)) ?? notCreated(name);
      // What is left of an earlier start would be taken for an end of this one.
      for (const pod of await ours.podsOf(before)) if (pod.finished) await deletePod(client, pod, 0);
      const deployment = await ours.change(name, (now) => (now.deployment.replicas === 1 && now.claim.started ? undefined : STARTING));
      if (deployment === undefined) throw new DriverFailure("failed", `Somebody else has taken the Deployment ${before.name} from ${name}.`);
      const current = async () => (await ours.find(name))?.deployment;
      await untilBegun({ client, deployment, signal: AbortSignal.any([start.stopped.signal, closing.signal]) }, patience, current);
      return claim.url;
    } finally {
      starting.delete(start);
    }
  }

  async function scaleDown(name: string, grace: number): Promise<void> {
    const deployment = await ours.change(name, (now) => (now.deployment.replicas === 0 ? undefined : STOPPING));
    if (deployment === undefined) return;
    const exit = await untilGone({ client, deployment, signal: closing.signal }, { grace });
    if (exit !== undefined) ends.ended(name, exit);
  }

  async function found({ deployment, claim }: OurDeployment): Promise<FoundEngine> {
    const { name, engine, generation, hash, gpus, url, started } = claim;
    const facts = { name, engine, generation, hash, gpus };
    if (!started) return { ...facts, status: "created" };
    const pods = await ours.podsOf(deployment);
    const exit = ends.exitOf(name) ?? endingOf([], pods);
    if (exit !== undefined) return { ...facts, status: "exited", exit };
    if (deployment.replicas === 0 && pods.length === 0) return { ...facts, status: "exited", exit: { outOfMemory: false } };
    return { ...facts, status: "running", baseUrl: url };
  }

  return {
    name: "kubernetes",
    create: (launch) =>
      saying(async () => {
        const url = launch.spec.url ?? (await addressOf(client, launch.spec));
        await changed(client, async () => {
          const deployment = await deploymentOf(client, launch.spec);
          return { deployment, patch: claimPatch(deployment, launch, url) };
        });
      }),
    start: (name) =>
      saying(async () => {
        try {
          return { baseUrl: await scaleUp(name) };
        } catch (error) {
          // A start that was given up must not come true later, when a GPU is free. Where even this fails, its stop will be asked for.
          if (!closing.signal.aborted) await scaleDown(name, 0).catch(() => undefined);
          throw error;
        }
      }),
    stop: (name, grace) =>
      saying(async () => {
        for (const start of starting) if (start.name === name) start.stopped.abort(new DriverFailure("failed", `${name} was stopped before it ran.`));
        await scaleDown(name, grace);
      }),
    remove: (name) =>
      saying(async () => {
        const one = await ours.find(name);
        if (one === undefined) return;
        if ((await found(one)).status === "running") throw new DriverFailure("failed", `${name} still runs: stop it first.`);
        // One that has ended by itself is started again by Kubernetes for as long as it is scaled up.
        await scaleDown(name, 0);
        await ours.change(name, () => GIVING_BACK);
        ends.forget(name);
      }),
    list: () => saying(async () => Promise.all((await ours.all()).map(found))),
    logs: (name, lines) =>
      saying(async () => {
        const { deployment } = (await ours.find(name)) ?? notCreated(name);
        const pod = newestOf(await ours.podsOf(deployment));
        return pod === undefined ? "" : await lastWords(client, pod, lines);
      }),
    watch: ends.watch,
    async close() {
      closing.abort(new DriverFailure("driver-gone", "The Kubernetes driver was closed."));
      ends.close();
      client.close();
    },
  };
}

/** The last of what the engine's container said; after a crash, of the container that crashed. */
async function lastWords(client: ApiClient, pod: Pod, lines: number): Promise<string> {
  const query = { container: pod.container, tailLines: String(lines), ...(pod.restarted ? { previous: "true" } : {}) };
  try {
    return (await client.text({ verb: "get", resource: POD_LOGS, name: pod.name, query })).trimEnd();
  } catch (error) {
    // 400: its container has not begun; 404: it is gone by now.
    if (error instanceof ApiRefusal && (error.status === 400 || error.status === 404)) return "";
    throw error;
  }
}

function notCreated(name: string): never {
  throw new DriverFailure("failed", `No Deployment is claimed as ${name}: it must be created first.`);
}

/** Whatever goes wrong, in the driver's words. */
async function saying<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}
