import type { Ability, Deployment } from "./deployment.ts";
import type { Hours } from "./hours.ts";
import type { Tariff } from "./price.ts";

/** How the deployments of a tier are put in order. */
export const STRATEGIES = ["round_robin", "weighted", "least_busy", "fastest", "cheapest", "prefix"] as const;
export type StrategyName = (typeof STRATEGIES)[number];

/** A public model: what clients ask for, and the deployments behind it. */
export interface Model {
  readonly name: string;
  readonly aliases: readonly string[];
  /** In the order of the config, or of the table of providers. */
  readonly deployments: readonly Deployment[];
  /** Public names of models to try when every deployment failed; aliases are followed. */
  readonly fallbacks: readonly string[];
  /** Instead of those, when the prompt is too long for it. */
  readonly contextFallbacks: readonly string[];
  /** When its provider will not answer for what the prompt says. */
  readonly contentFallbacks: readonly string[];
  /** The provider of its first deployment, for `owned_by`. */
  readonly ownedBy: string;
  /** `false`: may be asked for, but is a second name and not listed. */
  readonly listed: boolean;
  /** What its callers are charged by; absent: the price of the deployment that serves. */
  readonly price?: Tariff;
  readonly strategy: StrategyName;
  /** The first that matches counts. */
  readonly rules: readonly Rule[];
  /** A second deployment is asked when the first is silent for so long; absent: never. */
  readonly hedge?: Hedge;
  /** Are its answers kept in the cache? Absent: as the config says of all. */
  readonly cache?: boolean;
  /** What becomes of requests while none of its engines may run; absent: its fallbacks are asked. */
  readonly outsideSchedule?: "reject" | "queue" | { readonly alias: string };
}

/** Which deployments a request goes to, by what is known of it. */
export interface Rule {
  /** All of them must hold; empty: always. */
  readonly when: Conditions;
  /** A tag, a deployment's id or its provider: those come first. */
  readonly prefer?: string;
  /** Likewise: no others are asked. */
  readonly only?: string;
  readonly sticky?: Sticky;
  /** Of requests that wait the higher are served first; absent: 0. */
  readonly priority?: number;
}

export interface Conditions {
  /** Estimated. */
  readonly promptTokensOver?: number;
  readonly promptTokensUnder?: number;
  /** Any of these; so for all lists. */
  readonly source?: readonly string[];
  readonly user?: readonly string[];
  readonly tag?: readonly string[];
  readonly ability?: readonly Ability[];
  readonly hours?: Hours;
}

/** What makes requests belong together, to go to one deployment. `auto`: the conversation as its client names it, else the prompt's beginning. */
export type Sticky = "auto" | "user" | "chat" | "session" | "prefix" | { readonly header: string };

export interface Hedge {
  /** Milliseconds without content. */
  readonly after: number;
  /** Of a hundred requests so many may be asked twice. */
  readonly percent: number;
}
