import { type JsonObject, numberOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { gpusOf, matchesLabels, type ObjectStore, selectorOf } from "./object-store.ts";

export interface ControllersOptions {
  /** GPUs of the one node there is. */
  gpus: number;
  /** Why no pod may be made, as a quota or a policy has it. */
  forbids?: string;
}

/**
 * What makes a Deployment's pods and gives them a node, after every change, as kube-controller-manager and kube-scheduler do. Pods belong to the
 * Deployment at once: there are no ReplicaSets in between, and no roll-outs. Gives a function that ends it.
 */
export function runControllers(store: ObjectStore, options: ControllersOptions): () => void {
  let queued = false;
  const reconcile = () => {
    queued = false;
    for (const deployment of store.list("deployments")) scale(store, deployment, options.forbids);
    schedule(store, options.gpus);
  };
  return store.onChange(() => {
    if (queued) return;
    queued = true;
    setTimeout(reconcile, 1);
  });
}

const isActive = (pod: JsonObject) => {
  const { phase } = objectOf(pod["status"]);
  return phase !== "Failed" && phase !== "Succeeded" && objectOf(pod["metadata"])["deletionTimestamp"] === undefined;
};

function scale(store: ObjectStore, deployment: JsonObject, forbids: string | undefined): void {
  const selector = selectorOf(deployment);
  const name = stringOf(objectOf(deployment["metadata"])["name"]) ?? "";
  const spec = objectOf(deployment["spec"]);
  const wanted = numberOf(spec["replicas"]) ?? 1;
  const active = store.list("pods").filter((pod) => matchesLabels(selector, pod) && isActive(pod));
  for (const pod of active.slice(wanted)) endPod(store, pod);
  for (let missing = wanted - active.length; missing > 0 && forbids === undefined; missing--) {
    const template = objectOf(spec["template"]);
    const metadata = { ...objectOf(template["metadata"]), name: `${name}-5d9c7b6f4-${Math.random().toString(36).slice(2, 7).padEnd(5, "x")}` };
    store.write("pods", { apiVersion: "v1", kind: "Pod", metadata, spec: template["spec"], status: { phase: "Pending", qosClass: "BestEffort" } });
  }
  const replicas = store.list("pods").filter((pod) => matchesLabels(selector, pod) && isActive(pod)).length;
  const failure = { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message: forbids ?? "" };
  const status = { replicas, conditions: forbids === undefined || wanted === 0 ? [] : [failure] };
  const now = store.find("deployments", name);
  if (now !== undefined) store.write("deployments", { ...now, status });
}

/** Asks for the end of a pod; one that has no node is gone at once. */
function endPod(store: ObjectStore, pod: JsonObject): void {
  const metadata = objectOf(pod["metadata"]);
  const spec = objectOf(pod["spec"]);
  if (spec["nodeName"] === undefined) return void store.remove("pods", stringOf(metadata["name"]) ?? "");
  const seconds = numberOf(spec["terminationGracePeriodSeconds"]) ?? 30;
  const deletionTimestamp = new Date(Date.now() + seconds * 1000).toISOString();
  store.write("pods", { ...pod, metadata: { ...metadata, deletionTimestamp, deletionGracePeriodSeconds: seconds } });
}

function schedule(store: ObjectStore, gpus: number): void {
  for (const pod of store.list("pods")) {
    const spec = objectOf(pod["spec"]);
    if (spec["nodeName"] !== undefined) continue;
    const used = store
      .list("pods")
      .filter((each) => objectOf(each["spec"])["nodeName"] !== undefined && !/Failed|Succeeded/.test(String(objectOf(each["status"])["phase"])))
      .reduce((sum, each) => sum + gpusOf(each), 0);
    const fits = used + gpusOf(pod) <= gpus;
    const message =
      "0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";
    const condition = fits ? { type: "PodScheduled", status: "True" } : { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
    const status = { ...objectOf(pod["status"]), conditions: [condition] };
    store.write("pods", { ...pod, spec: fits ? { ...spec, nodeName: "node-a" } : spec, status });
  }
}
