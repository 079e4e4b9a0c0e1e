import { type Json, listOf, numberOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { type Metadata, readMetadata, textsOf } from "./metadata.ts";

/** A Deployment, as far as this driver looks at it. */
export interface Deployment extends Metadata {
  /** How many pods are wanted. */
  readonly replicas: number;
  /** Finds its pods. */
  readonly podSelector: string;
  /** Why no pod can be made at all, in Kubernetes' words: a quota, a policy. */
  readonly replicaFailure?: string;
}

export function readDeployment(object: Json): Deployment {
  const spec = objectOf(objectOf(object)["spec"]);
  const conditions = listOf(objectOf(objectOf(object)["status"])["conditions"]).map(objectOf);
  const failure = conditions.find((each) => each["type"] === "ReplicaFailure" && each["status"] === "True");
  return {
    ...readMetadata(object),
    replicas: numberOf(spec["replicas"]) ?? 1,
    podSelector: selectorText(spec["selector"]),
    replicaFailure: failure === undefined ? undefined : (stringOf(failure["message"]) ?? stringOf(failure["reason"])),
  };
}

/** A `LabelSelector` as queries have it: `app=llama,tier in (gpu,cpu),!canary`. */
export function selectorText(selector: Json | undefined): string {
  const labels = Object.entries(textsOf(objectOf(selector)["matchLabels"])).map(([key, value]) => `${key}=${value}`);
  const expressions = listOf(objectOf(selector)["matchExpressions"]).map((each) => {
    const { key, operator, values } = objectOf(each);
    const words = `(${listOf(values).join(",")})`;
    if (operator === "Exists") return `${key}`;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} ${words}`;
  });
  return [...labels, ...expressions].join(",");
}
