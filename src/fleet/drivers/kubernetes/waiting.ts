import { isObject, listOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { DriverFailure, type Exit } from "../driver.ts";
import { EVENTS, PODS } from "./api/call.ts";
import type { ApiClient } from "./api/client.ts";
import { follow } from "./api/follow.ts";
import { ApiRefusal, failureOf } from "./api/refusal.ts";
import { endingOf } from "./ending.ts";
import type { Deployment } from "./objects/deployment.ts";
import { type Pod, readPod } from "./objects/pod.ts";
import { type Standing, standingOf } from "./standing.ts";

/** An engine's Deployment, and who waits for its pods, how long. */
export interface Wait {
  readonly client: ApiClient;
  readonly deployment: Deployment;
  /** Ends the wait; its reason is what the wait rejects with. */
  readonly signal: AbortSignal;
}

/** Warnings about a pod that is being prepared which say that it is in vain; everything else comes by itself. */
const IN_VAIN = new Set(["FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"]);

/**
 * Resolves once the engine's container has begun. Rejects with `DriverFailure` when it has been kept from it for `patience` milliseconds on end; an
 * image may be fetched for as long as it takes.
 */
export async function untilBegun(wait: Wait, patience: number, current: () => Promise<Deployment | undefined>): Promise<void> {
  const givenUp = new AbortController();
  let standing: Standing = { type: "absent" };
  let timer = setTimeout(judge, patience);
  async function judge() {
    const failure = await verdictOn(standing, wait, current).catch(failureOf);
    if (failure !== undefined) givenUp.abort(failure);
    else if (!givenUp.signal.aborted) timer = setTimeout(judge, patience);
  }
  try {
    await podsUntil({ ...wait, signal: AbortSignal.any([wait.signal, givenUp.signal]) }, (pods) => {
      const next = standingOf(pods);
      if (next.type !== standing.type) {
        clearTimeout(timer);
        timer = setTimeout(judge, patience);
      }
      standing = next;
      return next.type === "begun";
    });
  } finally {
    givenUp.abort();
    clearTimeout(timer);
  }
}

/** Why waiting any longer is in vain; `undefined`: it is not. */
async function verdictOn(standing: Standing, wait: Wait, current: () => Promise<Deployment | undefined>): Promise<DriverFailure | undefined> {
  switch (standing.type) {
    case "begun":
      return undefined;
    case "hindered":
      return new DriverFailure(standing.reason, standing.why);
    case "absent": {
      const deployment = await current();
      const name = wait.deployment.name;
      if (deployment === undefined || deployment.replicas === 0) return new DriverFailure("failed", `Somebody else has scaled the Deployment ${name} down.`);
      if (deployment.replicaFailure !== undefined) return new DriverFailure("refused", `Kubernetes makes no pod of ${name}: ${deployment.replicaFailure}`);
      return new DriverFailure("failed", `Kubernetes has made no pod of the Deployment ${name}; its kube-controller-manager may be down.`);
    }
    case "preparing": {
      const warning = await lastWarning(wait.client, standing.pod);
      return warning === undefined || !IN_VAIN.has(warning.reason)
        ? undefined
        : new DriverFailure("refused", `Pod ${standing.pod.name} cannot be started (${warning.reason}): ${warning.message}`);
    }
    default:
      return standing satisfies never;
  }
}

async function lastWarning(client: ApiClient, { uid }: Pod): Promise<{ readonly reason: string; readonly message: string } | undefined> {
  const list = objectOf(await client.send({ verb: "list", resource: EVENTS, query: { fieldSelector: `involvedObject.uid=${uid},type=Warning` } }));
  const events = listOf(list["items"]).filter(isObject);
  const when = (event: (typeof events)[number]) => stringOf(event["lastTimestamp"]) ?? stringOf(event["eventTime"]) ?? "";
  const last = events.toSorted((one, other) => (when(one) < when(other) ? -1 : 1)).at(-1);
  return last === undefined ? undefined : { reason: stringOf(last["reason"]) ?? "", message: stringOf(last["message"]) ?? "" };
}

/** Milliseconds. */
export interface Graces {
  /** For the engine to end by itself. */
  readonly grace: number;
  /** After its pod was told to end at once, for its node to say that it has (30,000). */
  readonly silence?: number;
}

/**
 * Resolves once all the pods have ended, with how; `undefined`: there were none. After `grace` milliseconds they are told to end at once, which their node confirms; where a node says nothing
 * for `silence` more, as one that is lost does, the pods are struck off, which confirms nothing.
 */
export async function untilGone(wait: Wait, { grace, silence = 30_000 }: Graces): Promise<Exit | undefined> {
  const over = new AbortController();
  let seen: readonly Pod[] = [];
  let left: readonly Pod[] = [];
  let exit: Exit | undefined;
  const hurry = (seconds: number) => () =>
    void Promise.all(left.map((pod) => deletePod(wait.client, pod, seconds))).catch((error) => over.abort(failureOf(error)));
  const timers = [setTimeout(hurry(1), grace), setTimeout(hurry(0), grace + silence)];
  try {
    await podsUntil({ ...wait, signal: AbortSignal.any([wait.signal, over.signal]) }, (pods) => {
      exit ??= endingOf(seen, pods);
      seen = pods;
      left = pods.filter(({ finished }) => !finished);
      return left.length === 0;
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
  return exit;
}

/** Asks for the end of a pod within so many seconds. One that is gone is success. */
export async function deletePod(client: ApiClient, pod: Pod, seconds: number): Promise<void> {
  const body = { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds: seconds, preconditions: { uid: pod.uid } };
  await client.send({ verb: "delete", resource: PODS, name: pod.name, body }).catch((error) => {
    // 409: it is another pod by now.
    if (!(error instanceof ApiRefusal && (error.status === 404 || error.status === 409))) throw error;
  });
}

/** Follows pods until `seen` has seen enough. Rejects with `DriverFailure` when they cannot be followed any more. */
async function podsUntil({ client, deployment, signal }: Wait, seen: (pods: readonly Pod[]) => boolean): Promise<void> {
  const ended = new AbortController();
  let failure: unknown;
  const selection = { resource: PODS, labelSelector: deployment.podSelector };
  await follow(
    client,
    { selection, signal: AbortSignal.any([signal, ended.signal]) },
    {
      changed: (objects) => {
        if (seen(objects.map(readPod))) ended.abort();
      },
      troubled: (error) => {
        failure = error;
        ended.abort();
      },
      well: () => {},
    },
  );
  if (failure !== undefined) throw failureOf(failure);
  if (!ended.signal.aborted) throw failureOf(signal.reason);
}
