import { type Json, objectOf, stringOf } from "../../../../vocabulary/json.ts";

/** What all objects have. */
export interface Metadata {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly created: string;
  /** Its end has been asked for. */
  readonly ending: boolean;
}

export function readMetadata(object: Json | undefined): Metadata {
  const metadata = objectOf(objectOf(object)["metadata"]);
  const text = (field: string) => stringOf(metadata[field]) ?? "";
  return {
    name: text("name"),
    uid: text("uid"),
    resourceVersion: text("resourceVersion"),
    labels: textsOf(metadata["labels"]),
    annotations: textsOf(metadata["annotations"]),
    created: text("creationTimestamp"),
    ending: text("deletionTimestamp") !== "",
  };
}

/** The fields of an object that are text. */
export function textsOf(value: Json | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(objectOf(value)).flatMap(([name, each]) => (typeof each === "string" ? [[name, each]] : [])));
}
