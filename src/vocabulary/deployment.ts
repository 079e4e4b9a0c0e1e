import type { Hours } from "./hours.ts";
import type { Tariff } from "./price.ts";
import type { Profile } from "./profile.ts";
import type { Route, Service, ServiceKey } from "./service.ts";

/** What a request may need of a model besides text. */
export const ABILITIES = ["tools", "images", "audio", "files", "json_schema", "thinking"] as const;
export type Ability = (typeof ABILITIES)[number];

/** A model at a service: the thing that is called. */
export interface Deployment {
  /** `service/model`, of an engine its name; unique in its model: the second of that name is `service/model#2`. What two models share is one thing to call. */
  readonly id: string;
  readonly service: Service;
  /** The engine of ours it is: started when it is called. Absent: somebody else runs it. */
  readonly engine?: string;
  /** How many GPUs of ours it takes; absent: none. */
  readonly gpus?: number;
  /** The model as the service calls it. */
  readonly model: string;
  readonly profile: Profile;
  /** Its share of the traffic among the deployments of its tier. */
  readonly weight: number;
  /** 0 is asked first; the next only when nobody of those before can answer. */
  readonly tier: number;
  readonly tags: readonly string[];
  /** The most inputs it embeds in one call; absent: no bound. */
  readonly maxBatch?: number;
  /** Tokens of prompt and answer together; absent: not known. */
  readonly contextWindow?: number;
  /** All it can do besides text; absent: not known, so it is asked. */
  readonly abilities?: readonly Ability[];
  /** Its own, else what is built in of its provider's price for it; absent: its model's. */
  readonly price?: Tariff;
  /** When it may be called; absent: always. */
  readonly hours?: Hours;
  readonly limits: DeploymentLimits;
}

/** Does nothing that is sent there leave the operator's own machines? */
export function isLocal({ service, profile }: Deployment): boolean {
  return service.local === true && profile.remote !== true;
}

/** How much a deployment is given; absent: no bound. */
export interface DeploymentLimits {
  /** Calls at once. */
  readonly maxConcurrent?: number;
  /** Calls that may wait for their turn; 0 turns them away. */
  readonly maxQueue?: number;
  readonly requestsPerMinute?: number;
  readonly tokensPerMinute?: number;
}

/** A deployment about to be tried with one of its service's keys, and why. */
export interface Target {
  readonly deployment: Deployment;
  readonly key: ServiceKey;
  readonly route: Route;
  readonly why: string;
  /** It rests, and is asked nevertheless: too many others rest as well. */
  readonly evenResting?: boolean;
}
