import { type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { type Metadata, readMetadata } from "./metadata.ts";

/** A pod, as far as this driver looks at it. */
export interface Pod extends Metadata {
  /** The container that is the engine: the one `kubectl logs` shows, else the first. Others are its helpers. */
  readonly container: string;
  /** The engine's container has ended at least once, and been started again. */
  readonly restarted: boolean;
  /** The engine's container runs now. */
  readonly running: boolean;
  /** All its containers have ended for good, or it was thrown off its node. */
  readonly finished: boolean;
  /** How a container ended last: the engine's, or one that was to prepare it. */
  readonly termination?: Termination;
  /** What a container, or the pod, waits for. */
  readonly waiting?: Waiting;
}

export interface Termination {
  /** Absent: no container ran, or nobody saw it end. */
  readonly code?: number;
  /** Killed for the machine's memory, or thrown off a node that was short of it. */
  readonly outOfMemory: boolean;
}

export interface Waiting {
  /** Kubernetes' word for it: `ImagePullBackOff`, `Unschedulable`, `ContainerCreating`. */
  readonly reason: string;
  readonly message: string;
}

const DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

export function readPod(object: Json): Pod {
  const metadata = readMetadata(object);
  const { spec: specJson, status: statusJson } = objectOf(object);
  const spec = objectOf(specJson);
  const status = objectOf(statusJson);
  const container = metadata.annotations[DEFAULT_CONTAINER] ?? stringOf(objectOf(listOf(spec["containers"])[0])["name"]) ?? "";
  const engine =
    listOf(status["containerStatuses"])
      .map(objectOf)
      .find((each) => each["name"] === container) ?? {};
  const preparing = preparersOf(spec, status);
  const finished = status["phase"] === "Failed" || status["phase"] === "Succeeded";
  return {
    ...metadata,
    container,
    restarted: (numberOf(engine["restartCount"]) ?? 0) > 0,
    running: objectOf(engine["state"])["running"] !== undefined,
    finished,
    termination: terminationOf(engine) ?? preparing.map(terminationOf).find((each) => each !== undefined && each.code !== 0) ?? evictionOf(finished, status),
    waiting: [engine, ...preparing].map(waitingOf).find((each) => each !== undefined && each.reason !== "PodInitializing") ?? unscheduled(status),
  };
}

/** The containers that have to end before the engine's begins. Those that are restarted always are helpers beside it. */
function preparersOf(spec: JsonObject, status: JsonObject): JsonObject[] {
  const helpers = new Set(
    listOf(spec["initContainers"])
      .map(objectOf)
      .filter((each) => each["restartPolicy"] === "Always")
      .map((each) => each["name"]),
  );
  return listOf(status["initContainerStatuses"])
    .map(objectOf)
    .filter((each) => !helpers.has(each["name"]));
}

function terminationOf(container: JsonObject): Termination | undefined {
  const states = [container["state"], container["lastState"]].map((each) => objectOf(each)["terminated"]);
  const terminated = states.find((each) => each !== undefined);
  if (terminated === undefined) return undefined;
  return { code: numberOf(objectOf(terminated)["exitCode"]), outOfMemory: objectOf(terminated)["reason"] === "OOMKilled" };
}

function evictionOf(finished: boolean, status: JsonObject): Termination | undefined {
  if (!finished) return undefined;
  return { outOfMemory: status["reason"] === "Evicted" && /\bmemory\b/.test(stringOf(status["message"]) ?? "") };
}

function waitingOf(container: JsonObject): Waiting | undefined {
  const waiting = objectOf(container["state"])["waiting"];
  return waiting === undefined ? undefined : { reason: stringOf(objectOf(waiting)["reason"]) ?? "", message: stringOf(objectOf(waiting)["message"]) ?? "" };
}

function unscheduled(status: JsonObject): Waiting | undefined {
  const scheduled = listOf(status["conditions"])
    .map(objectOf)
    .find((each) => each["type"] === "PodScheduled" && each["status"] === "False");
  return scheduled === undefined ? undefined : { reason: stringOf(scheduled["reason"]) ?? "", message: stringOf(scheduled["message"]) ?? "" };
}
