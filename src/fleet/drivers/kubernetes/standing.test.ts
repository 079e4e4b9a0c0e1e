import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { endingOf } from "./ending.ts";
import { selectorText } from "./objects/deployment.ts";
import { readPod } from "./objects/pod.ts";
import { standingOf } from "./standing.ts";

/** A pod of one container, as Kubernetes tells of it. */
interface Told {
  readonly uid?: string;
  readonly created?: string;
  readonly ending?: boolean;
  readonly status?: JsonObject;
  readonly spec?: JsonObject;
  readonly annotations?: JsonObject;
}

const pod = ({ uid = "u1", created = "2026-11-22T10:00:00Z", ending = false, status = {}, spec = {}, annotations = {} }: Told = {}) =>
  readPod({
    metadata: { name: "llama-1", uid, creationTimestamp: created, annotations, ...(ending ? { deletionTimestamp: "2026-11-22T10:01:00Z" } : {}) },
    spec: { containers: [{ name: "vllm" }, { name: "istio-proxy" }], ...spec },
    status: { phase: "Running", ...status },
  });
const container = (state: JsonObject, more: JsonObject = {}): JsonObject => ({ name: "vllm", restartCount: 0, state, lastState: {}, ...more });
const of = (...statuses: JsonObject[]): Told => ({ status: { containerStatuses: statuses } });
const RUNNING = container({ running: { startedAt: "x" } });
const waiting = (reason: string, message = "") => container({ waiting: { reason, message } });
const prepared = (state: JsonObject, restartPolicy?: string): Told => ({
  spec: { initContainers: [{ name: "fetch", ...(restartPolicy === undefined ? {} : { restartPolicy }) }] },
  status: { phase: "Pending", initContainerStatuses: [{ name: "fetch", state }], containerStatuses: [waiting("PodInitializing")] },
});

describe("how far a start has come", () => {
  test.each<[string, Told[], string]>([
    ["no pod", [], "absent"],
    ["only one that ends", [{ ...of(RUNNING), ending: true }], "absent"],
    ["no node yet, and nobody has looked for one", [{ status: { phase: "Pending" } }], "preparing"],
    [
      "no node has room",
      [{ status: { conditions: [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes are available" }] } }],
      "failed: Pod llama-1 waits (Unschedulable): 0/1 nodes are available",
    ],
    ["being made", [of(waiting("ContainerCreating"))], "preparing"],
    ["being prepared", [prepared({ running: {} })], "preparing"],
    ["the image cannot be pulled", [of(waiting("ErrImagePull", "not found"))], "image-missing: Pod llama-1 waits (ErrImagePull): not found"],
    [
      "the image of what prepares it cannot be pulled",
      [prepared({ waiting: { reason: "ImagePullBackOff" } })],
      "image-missing: Pod llama-1 waits (ImagePullBackOff)",
    ],
    [
      "a secret is not there",
      [of(waiting("CreateContainerConfigError", 'secret "x" not found'))],
      'refused: Pod llama-1 waits (CreateContainerConfigError): secret "x" not found',
    ],
    ["it runs, ready or not", [of(RUNNING)], "begun"],
    ["it has crashed already", [of(container({ waiting: { reason: "CrashLoopBackOff" } }, { restartCount: 2 }))], "begun"],
    ["its node would not have it", [{ status: { phase: "Failed", reason: "UnexpectedAdmissionError" } }], "begun"],
    ["an older pod hinders nobody", [of(waiting("ErrImagePull")), { uid: "u2", created: "2026-11-22T10:00:05Z", ...of(RUNNING) }], "begun"],
  ])("%s", (_name, pods, expected) => {
    const standing = standingOf(pods.map(pod));
    expect(standing.type === "hindered" ? `${standing.reason}: ${standing.why}` : standing.type).toBe(expected);
  });
});

describe("how a start has ended", () => {
  const terminated = (exitCode: number, reason = "Error") => ({ terminated: { exitCode, reason } });
  const goes: Told = of(RUNNING);
  test.each<[string, Told[], Told[], string]>([
    ["nothing was there", [], [], "it has not"],
    ["it runs", [goes], [goes], "it has not"],
    ["it has ended this moment", [goes], [of(container(terminated(1)))], '{"code":1,"outOfMemory":false}'],
    ["it was started again", [], [of({ ...RUNNING, restartCount: 1, lastState: terminated(137, "OOMKilled") })], '{"code":137,"outOfMemory":true}'],
    ["it was started again, and how it ended is forgotten", [], [of({ ...RUNNING, restartCount: 1 })], '{"outOfMemory":false}'],
    ["it is gone", [goes], [], '{"outOfMemory":false}'],
    ["another is in its place", [goes], [{ ...goes, uid: "u2" }], '{"outOfMemory":false}'],
    ["one that never ran was made anew", [of(waiting("ContainerCreating"))], [{ ...goes, uid: "u2" }], "it has not"],
    ["its helper was started again", [goes], [of(RUNNING, { name: "istio-proxy", restartCount: 3, state: terminated(1), lastState: {} })], "it has not"],
    ["what prepares it has done so", [], [prepared(terminated(0, "Completed"))], "it has not"],
    ["what prepares it has failed", [], [prepared(terminated(2))], '{"code":2,"outOfMemory":false}'],
    ["a helper from the beginning has failed", [], [prepared(terminated(2), "Always")], "it has not"],
    [
      "thrown off for memory",
      [goes],
      [{ status: { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." } }],
      '{"outOfMemory":true}',
    ],
    [
      "thrown off for disk",
      [goes],
      [{ status: { phase: "Failed", reason: "Evicted", message: "The node was low on resource: ephemeral-storage." } }],
      '{"outOfMemory":false}',
    ],
  ])("%s", (_name, before, now, expected) => {
    expect(JSON.stringify(endingOf(before.map(pod), now.map(pod))) ?? "it has not").toBe(expected);
  });

  test("the container that is the engine may be named", () => {
    const named: Told = {
      annotations: { "kubectl.kubernetes.io/default-container": "istio-proxy" },
      ...of({ ...RUNNING, name: "istio-proxy", restartCount: 1 }),
    };
    expect(endingOf([], [pod(named)])).toEqual({ code: undefined, outOfMemory: false });
  });
});

describe("a Deployment's selector in a query", () => {
  test.each<[JsonObject, string]>([
    [{ matchLabels: { app: "llama", tier: "gpu" } }, "app=llama,tier=gpu"],
    [
      {
        matchLabels: { app: "llama" },
        matchExpressions: [
          { key: "tier", operator: "In", values: ["a", "b"] },
          { key: "zone", operator: "NotIn", values: ["c"] },
          { key: "gpu", operator: "Exists" },
          { key: "canary", operator: "DoesNotExist" },
        ],
      },
      "app=llama,tier in (a,b),zone notin (c),gpu,!canary",
    ],
  ])("%j", (selector, text) => {
    expect(selectorText(selector)).toBe(text);
  });
});
