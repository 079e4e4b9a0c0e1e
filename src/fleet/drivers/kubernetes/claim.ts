import type { JsonObject } from "../../../vocabulary/json.ts";
import { DriverFailure, type Launch } from "../driver.ts";
import type { Deployment } from "./objects/deployment.ts";

/** On a Deployment, its Service: which engine it is. */
export const ENGINE_LABEL = "signalbox.io/engine";

/** Annotations of a Deployment: which start of which installation's engine it is at present. */
const INSTALL = "signalbox.io/install";
const NAME = "signalbox.io/name";
const GENERATION = "signalbox.io/generation";
const HASH = "signalbox.io/hash";
const GPUS = "signalbox.io/gpus";
const URL = "signalbox.io/url";
const STARTED = "signalbox.io/started";

/** A Deployment as one start of an engine. */
export interface Claim {
  readonly install: string;
  readonly name: string;
  readonly engine: string;
  readonly generation: number;
  readonly hash: string;
  readonly gpus: readonly string[];
  /** Where it is called. */
  readonly url: string;
  /** It was scaled up since it was claimed. */
  readonly started: boolean;
}

/** Whose a Deployment is; `undefined`: nobody's. */
export function claimOf({ annotations, labels }: Deployment): Claim | undefined {
  const name = annotations[NAME];
  if (name === undefined) return undefined;
  return {
    install: annotations[INSTALL] ?? "",
    name,
    engine: labels[ENGINE_LABEL] ?? "",
    generation: Number(annotations[GENERATION]),
    hash: annotations[HASH] ?? "",
    gpus: (annotations[GPUS] ?? "").split(",").filter((each) => each !== ""),
    url: annotations[URL] ?? "",
    started: annotations[STARTED] !== undefined,
  };
}

/**
 * What makes a Deployment this start; `undefined`: it is already. One that rests is taken from whoever had it last.
 * Throws `DriverFailure` when it runs for somebody else, or is another engine.
 */
export function claimPatch(deployment: Deployment, launch: Launch, url: string): JsonObject | undefined {
  const claim = claimOf(deployment);
  if (claim?.name === launch.name && claim.install === launch.install) return undefined;
  const engine = deployment.labels[ENGINE_LABEL] ?? launch.spec.name;
  if (engine !== launch.spec.name) throw taken(deployment, `is labelled as another engine, ${engine}`);
  if (deployment.replicas > 0) {
    if (claim === undefined) throw taken(deployment, `runs already, and nobody's Signalbox has started it: scale it to 0, or use the driver static`);
    throw taken(deployment, claim.install === launch.install ? `still runs as ${claim.name}` : `runs for another installation, ${claim.install}`);
  }
  return {
    metadata: {
      labels: { [ENGINE_LABEL]: launch.spec.name },
      annotations: {
        [INSTALL]: launch.install,
        [NAME]: launch.name,
        [GENERATION]: String(launch.generation),
        [HASH]: launch.spec.hash,
        [GPUS]: launch.gpus.map(({ id }) => id).join(","),
        [URL]: url,
        [STARTED]: null,
      },
    },
  };
}

export const STARTING: JsonObject = { metadata: { annotations: { [STARTED]: "true" } }, spec: { replicas: 1 } };
export const STOPPING: JsonObject = { spec: { replicas: 0 } };
/** What gives a Deployment back. Its label stays: the engine it is for, it still is. */
export const GIVING_BACK: JsonObject = {
  metadata: { annotations: Object.fromEntries([INSTALL, NAME, GENERATION, HASH, GPUS, URL, STARTED].map((each) => [each, null])) },
};

function taken({ name }: Deployment, why: string): DriverFailure {
  return new DriverFailure("name-taken", `The Deployment ${name} ${why}.`);
}
