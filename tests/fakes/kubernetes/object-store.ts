import { randomUUID } from "node:crypto";
import { isObject, type JsonObject, listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";

export type Plural = "deployments" | "pods" | "services" | "events";

/** A change to an object, as watches tell it. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly plural: Plural;
  readonly version: number;
  readonly object: JsonObject;
  /** What it was before: a watch by selector is told that an object has left what it selects. */
  readonly before?: JsonObject;
}

/** A fake etcd: objects, one version counter for all of them, and the last changes, older ones of which may be forgotten. */
export interface ObjectStore {
  version(): number;
  list(plural: Plural): readonly JsonObject[];
  find(plural: Plural, name: string): JsonObject | undefined;
  /** Writes it, whatever it was, with a new version. An equal object is no change. */
  write(plural: Plural, object: JsonObject): JsonObject;
  remove(plural: Plural, name: string): void;
  /** Changes after this version; `undefined`: some of them are forgotten. */
  since(version: number): readonly Change[] | undefined;
  /** Forgets all changes so far, as an API server does after some minutes. */
  compact(): void;
  onChange(listener: (change: Change) => void): () => void;
}

export function objectStore(namespace: string): ObjectStore {
  const objects = new Map<string, JsonObject>();
  const listeners = new Set<(change: Change) => void>();
  let changes: Change[] = [];
  let version = 1000;
  let oldest = version;

  function tell(change: Change): void {
    changes.push(change);
    for (const listener of [...listeners]) listener(change);
  }

  return {
    version: () => version,
    list: (plural) => [...objects.entries()].filter(([key]) => key.startsWith(`${plural}/`)).map(([, object]) => object),
    find: (plural, name) => objects.get(`${plural}/${name}`),
    write(plural, object) {
      const metadata = objectOf(object["metadata"]);
      const key = `${plural}/${metadata["name"]}`;
      const before = objects.get(key);
      if (before !== undefined && JSON.stringify(before) === JSON.stringify(object)) return before;
      version += 1;
      const { uid, creationTimestamp } = before === undefined ? newborn() : objectOf(before["metadata"]);
      const written = { ...object, metadata: { namespace, ...metadata, uid, creationTimestamp, resourceVersion: String(version) } };
      objects.set(key, written);
      tell({ type: before === undefined ? "ADDED" : "MODIFIED", plural, version, object: written, before });
      return written;
    },
    remove(plural, name) {
      const before = objects.get(`${plural}/${name}`);
      if (before === undefined) return;
      version += 1;
      objects.delete(`${plural}/${name}`);
      const object = { ...before, metadata: { ...objectOf(before["metadata"]), resourceVersion: String(version) } };
      tell({ type: "DELETED", plural, version, object, before });
    },
    since: (wanted) => (wanted < oldest ? undefined : changes.filter((change) => change.version > wanted)),
    compact() {
      oldest = version;
      changes = [];
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function newborn() {
  return { uid: randomUUID(), creationTimestamp: new Date().toISOString().replace(/\.\d+Z$/, "Z") };
}

/** RFC 7386: null takes a field away, objects are merged, all else is put in place. */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = { ...target };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else merged[name] = isObject(value) ? mergePatch(objectOf(merged[name]), value) : value;
  }
  return merged;
}

/** Does this object bear what a label selector in text asks for: `a=b,c in (d,e),f,!g`. */
export function matchesLabels(selector: string, object: JsonObject): boolean {
  const labels = objectOf(objectOf(object["metadata"])["labels"]);
  return selector
    .split(/,(?![^(]*\))/)
    .filter((each) => each !== "")
    .every((requirement) => {
      const set = /^(\S+) (in|notin) \((.*)\)$/.exec(requirement);
      if (set !== null) return (set[3] ?? "").split(",").includes(stringOf(labels[set[1] ?? ""]) ?? "") === (set[2] === "in");
      const [key = "", value] = requirement.split("=");
      if (value !== undefined) return labels[key] === value;
      return key.startsWith("!") ? labels[key.slice(1)] === undefined : labels[key] !== undefined;
    });
}

/** The same of a field selector: `metadata.name=a,type=Warning`. */
export function matchesFields(selector: string, object: JsonObject): boolean {
  return selector
    .split(",")
    .filter((each) => each !== "")
    .every((requirement) => {
      const [path = "", value] = requirement.split("=");
      return path.split(".").reduce<unknown>((at, field) => objectOf(at)[field], object) === value;
    });
}

/** The labels a Deployment's pods are found by. */
export function selectorOf(deployment: JsonObject): string {
  const labels = objectOf(objectOf(objectOf(deployment["spec"])["selector"])["matchLabels"]);
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
}

/** GPUs that a pod asks for. */
export function gpusOf(pod: JsonObject): number {
  const wanted = listOf(objectOf(pod["spec"])["containers"]).map((each) => objectOf(objectOf(objectOf(each)["resources"])["limits"])["nvidia.com/gpu"]);
  return wanted.reduce<number>((sum, each) => sum + Number(each ?? 0), 0);
}
