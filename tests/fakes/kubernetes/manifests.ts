import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { type JsonObject, objectOf } from "../../../src/vocabulary/json.ts";
import { type Rule, rulesOf } from "./roles.ts";

const EXAMPLE = join(import.meta.dir, "..", "..", "..", "examples", "kubernetes-engine.yaml");

/** The manifests that the docs give to readers. */
export function exampleManifests(): JsonObject[] {
  return parseAllDocuments(readFileSync(EXAMPLE, "utf8")).map((document) => objectOf(document.toJS()));
}

/** What the example's Role allows. */
export function exampleRules(): readonly Rule[] {
  return rulesOf(exampleManifests().find(({ kind }) => kind === "Role") ?? {});
}

export interface EngineManifests {
  /** Of the Deployment and the Service. */
  readonly name: string;
  /** Their label; absent: they have none. */
  readonly engine?: string;
  readonly gpus?: number;
  /** Seconds its pods are given to end (30). */
  readonly grace?: number;
  /** Of its container. */
  readonly args?: readonly string[];
}

/** A Deployment that rests and its Service. */
export function engineManifests({ name, engine, gpus = 1, grace = 30, args = [] }: EngineManifests): JsonObject[] {
  const labels: JsonObject = engine === undefined ? {} : { "signalbox.io/engine": engine };
  const container = { name: "engine", image: "fake/engine:1", args: [...args], resources: { limits: { "nvidia.com/gpu": gpus } } };
  const template = { metadata: { labels: { app: name } }, spec: { terminationGracePeriodSeconds: grace, containers: [container] } };
  const selector = { app: name };
  return [
    { kind: "Deployment", metadata: { name, labels }, spec: { replicas: 0, selector: { matchLabels: selector }, template } },
    {
      kind: "Service",
      metadata: { name, labels },
      spec: {
        selector,
        ports: [
          { name: "metrics", port: 9000 },
          { name: "http", port: 8000 },
        ],
      },
    },
  ];
}

/** A Role that allows what the example's does, for Deployments of any name. */
export function rulesForAll(): readonly Rule[] {
  return exampleRules().map(({ resourceNames: _, ...rule }) => rule);
}
