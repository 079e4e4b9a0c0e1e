import { isObject, type JsonObject, listOf, objectOf } from "../../../vocabulary/json.ts";
import { DriverFailure, type EngineDriver, type FoundEngine } from "../driver.ts";
import { DEPLOYMENTS, POD_LOGS, PODS } from "./api/call.ts";
import { apiClient } from "./api/client.ts";
import { ApiRefusal, failureOf } from "./api/refusal.ts";
import { type Claim, claimOf, claimPatch, ENGINE_LABEL, GIVING_BACK, STARTING, STOPPING } from "./claim.ts";
import type { Cluster } from "./cluster.ts";
import { endingOf } from "./ending.ts";
import { type Deployment, readDeployment } from "./objects/deployment.ts";
import { type Pod, readPod } from "./objects/pod.ts";
import { addressOf, deploymentOf } from "./operators-manifests.ts";
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

/** Somebody else has changed a Deployment meanwhile: it is read and decided upon anew so often. */
const CHANGES = 20;

/** Engines that are the operator's Deployments: scaled to 1 and to 0, and otherwise left as they are. */
export function kubernetesDriver({ cluster, install, patience = 30_000 }: KubernetesDriverOptions): EngineDriver {
  const client = apiClient(cluster);
  const ends = watchman(client, install);
  const closing = new AbortController();
  /** Starts under way, each to be ended by its stop. */
  const starting = new Map<string, AbortController>();

  /** Our Deployments, each with what it is to us. */
  async function claimed(): Promise<readonly { readonly deployment: Deployment; readonly claim: Claim }[]> {
    const list = objectOf(await client.send({ verb: "list", resource: DEPLOYMENTS, query: { labelSelector: ENGINE_LABEL } }));
    return listOf(list["items"])
      .filter(isObject)
      .map(readDeployment)
      .flatMap((deployment) => {
        const claim = claimOf(deployment);
        return claim?.install === install ? [{ deployment, claim }] : [];
      });
  }

  async function find(name: string): Promise<Deployment | undefined> {
    return (await claimed()).find(({ claim }) => claim.name === name)?.deployment;
  }

  /** Changes a Deployment as it was when it was looked at: whoever else changes it meanwhile, it is looked at again. Gives it as it is then; `undefined`: there is none. */
  async function change(look: () => Promise<Deployment | undefined>, patchFor: (now: Deployment) => JsonObject | undefined): Promise<Deployment | undefined> {
    for (let tries = 1; ; tries++) {
      const now = await look();
      const patch = now === undefined ? undefined : patchFor(now);
      if (now === undefined || patch === undefined) return now;
      const body = { ...patch, metadata: { ...objectOf(patch["metadata"]), resourceVersion: now.resourceVersion } };
      try {
        return readDeployment((await client.send({ verb: "patch", resource: DEPLOYMENTS, name: now.name, body })) ?? {});
      } catch (error) {
        if (!(error instanceof ApiRefusal && error.status === 409) || tries === CHANGES) throw error;
      }
    }
  }

  async function podsOf({ podSelector }: Deployment): Promise<Pod[]> {
    const list = objectOf(await client.send({ verb: "list", resource: PODS, query: { labelSelector: podSelector } }));
    return listOf(list["items"]).filter(isObject).map(readPod);
  }

  async function scaleDown(name: string, grace: number): Promise<void> {
    const deployment = await change(
      () => find(name),
      ({ replicas }) => (replicas === 0 ? undefined : STOPPING),
    );
    if (deployment === undefined) return;
    const exit = await untilGone({ client, deployment, signal: closing.signal }, grace);
    if (exit !== undefined) ends.ended(name, exit);
  }

  async function found({ deployment, claim }: { readonly deployment: Deployment; readonly claim: Claim }): Promise<FoundEngine> {
    const { name, engine, generation, hash, gpus, url } = claim;
    const base = { name, engine, generation, hash, gpus };
    if (!claim.started) return { ...base, status: "created" };
    const pods = await podsOf(deployment);
    const exit = ends.exitOf(name) ?? endingOf([], pods);
    if (exit !== undefined) return { ...base, status: "exited", exit };
    return deployment.replicas === 0 && pods.length === 0
      ? { ...base, status: "exited", exit: { outOfMemory: false } }
      : { ...base, status: "running", baseUrl: url };
  }

  async function begin(name: string): Promise<string> {
    const ended = new AbortController();
    starting.set(name, ended);
    ends.forget(name);
    try {
      const before = await find(name);
      if (before === undefined) throw notCreated(name);
      // What is left of an earlier start would be taken for an end of this one.
      for (const pod of await podsOf(before)) if (pod.finished) await deletePod(client, pod, 0);
      const deployment = await change(
        () => find(name),
        (now) => (now.replicas === 1 && claimOf(now)?.started ? undefined : STARTING),
      );
      if (deployment === undefined) throw new DriverFailure("failed", `Somebody else has taken the Deployment ${before.name} from ${name}.`);
      await untilBegun({ client, deployment, signal: AbortSignal.any([ended.signal, closing.signal]) }, patience, () => find(name));
      return claimOf(deployment)?.url ?? "";
    } finally {
      if (starting.get(name) === ended) starting.delete(name);
    }
  }

  return {
    name: "kubernetes",
    create: (launch) =>
      saying(async () => {
        const url = launch.spec.url ?? (await addressOf(client, launch.spec));
        await change(
          () => deploymentOf(client, launch.spec),
          (now) => claimPatch(now, launch, url),
        );
      }),
    start: (name) =>
      saying(async () => {
        try {
          return { baseUrl: await begin(name) };
        } catch (error) {
          // A start that was given up must not come true later, when a GPU is free. Where even this fails, its stop will be asked for.
          if (!closing.signal.aborted) await scaleDown(name, 0).catch(() => undefined);
          throw error;
        }
      }),
    stop: (name, grace) =>
      saying(async () => {
        starting.get(name)?.abort(new DriverFailure("failed", `${name} was stopped before it ran.`));
        await scaleDown(name, grace);
      }),
    remove: (name) =>
      saying(async () => {
        const ours = (await claimed()).find(({ claim }) => claim.name === name);
        if (ours === undefined) return;
        if ((await found(ours)).status === "running") throw new DriverFailure("failed", `${name} still runs: stop it first.`);
        // One that has ended by itself is started again by Kubernetes for as long as it is scaled up.
        await scaleDown(name, 0);
        await change(
          () => find(name),
          () => GIVING_BACK,
        );
        ends.forget(name);
      }),
    list: () => saying(async () => Promise.all((await claimed()).map(found))),
    logs: (name, lines) =>
      saying(async () => {
        const deployment = await find(name);
        if (deployment === undefined) throw notCreated(name);
        const pod = newestOf(await podsOf(deployment));
        if (pod === undefined) return "";
        const query = { container: pod.container, tailLines: String(lines), ...(pod.restarted ? { previous: "true" } : {}) };
        const said = await client.text({ verb: "get", resource: POD_LOGS, name: pod.name, query }).catch((error) => {
          // 400: its container has not begun; 404: it is gone by now.
          if (error instanceof ApiRefusal && (error.status === 400 || error.status === 404)) return "";
          throw error;
        });
        return said.trimEnd();
      }),
    watch: ends.watch,
    async close() {
      closing.abort(new DriverFailure("driver-gone", "The Kubernetes driver was closed."));
      ends.close();
      client.close();
    },
  };
}

function notCreated(name: string): DriverFailure {
  return new DriverFailure("failed", `No Deployment is claimed as ${name}: it must be created first.`);
}

async function saying<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw failureOf(error);
  }
}
