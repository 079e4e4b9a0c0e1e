import { type JsonObject, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { type ApiServer, startApiServer } from "./api-server.ts";
import { type ControllersOptions, runControllers } from "./controllers.ts";
import { type Kubelet, type NodeApi, startKubelet } from "./kubelet.ts";
import { mergePatch, type ObjectStore, objectStore, type Plural } from "./object-store.ts";
import type { Rule } from "./roles.ts";

export interface FakeCluster {
  readonly server: ApiServer;
  readonly store: ObjectStore;
  readonly kubelet: Kubelet;
  readonly namespace: string;
  /** What its controllers go by. */
  readonly controllers: ControllersOptions;
  /** Puts manifests in force, as `kubectl apply` does. */
  apply(...manifests: readonly JsonObject[]): void;
  stop(): Promise<void>;
}

export const NAMESPACE = "llm";
/** Whom the driver's token names, until a test changes it. */
export const TOKEN = "token-of-signalbox";
export const SERVICE_ACCOUNT = `system:serviceaccount:${NAMESPACE}:signalbox`;

export interface ClusterSettings {
  /** GPUs of its one node (2). */
  readonly gpus?: number;
  readonly rules: readonly Rule[];
  readonly tls?: { readonly cert: string; readonly key: string };
}

/**
 * A fake of a Kubernetes cluster of one node: no cluster can be had in the tests. Fake is all of it: the API server (`api-server.ts`), what makes pods of
 * Deployments and gives them a node (`controllers.ts`), and the node (`kubelet.ts`).
 */
export async function startFakeCluster({ gpus = 2, rules, tls }: ClusterSettings): Promise<FakeCluster> {
  const store = objectStore(NAMESPACE);
  const controllers: ControllersOptions = { gpus };
  const kubelet = startKubelet(nodeApi(store));
  const server = await startApiServer({ namespace: NAMESPACE, store, logs: kubelet.logs, tls });
  server.users.set(TOKEN, { name: SERVICE_ACCOUNT, rules });
  const endControllers = runControllers(store, controllers);
  const endKubelet = store.onChange(({ plural }) => {
    if (plural === "pods") setTimeout(() => kubelet.see(store.list("pods").filter((pod) => objectOf(pod["spec"])["nodeName"] !== undefined)), 1);
  });
  return {
    server,
    store,
    kubelet,
    namespace: NAMESPACE,
    controllers,
    apply(...manifests) {
      for (const manifest of manifests) {
        const plural = PLURALS[stringOf(manifest["kind"]) ?? ""];
        if (plural !== undefined) store.write(plural, mergePatch(store.find(plural, stringOf(objectOf(manifest["metadata"])["name"]) ?? "") ?? {}, manifest));
      }
    },
    async stop() {
      endControllers();
      endKubelet();
      kubelet.stop();
      await server.stop();
    },
  };
}

const PLURALS: Readonly<Record<string, Plural>> = { Deployment: "deployments", Service: "services" };

function nodeApi(store: ObjectStore): NodeApi {
  return {
    async status(name, status) {
      const pod = store.find("pods", name);
      if (pod !== undefined) store.write("pods", mergePatch(pod, { status }));
    },
    async gone(name, uid) {
      if (objectOf(store.find("pods", name)?.["metadata"])["uid"] === uid) store.remove("pods", name);
    },
    async warn(pod, reason, message) {
      const { name, uid } = objectOf(pod["metadata"]);
      store.write("events", {
        metadata: { name: `${name}.${reason}` },
        involvedObject: { kind: "Pod", name, uid },
        type: "Warning",
        reason,
        message,
        lastTimestamp: new Date().toISOString(),
      });
    },
  };
}
