import type { Tariff } from "../vocabulary/price.ts";
import type { Profile } from "../vocabulary/profile.ts";
import type { Service } from "../vocabulary/service.ts";
import type { CheckFleet } from "./fleet-check.ts";

/** What config needs to know of a kind of provider. */
export interface KindFacts {
  readonly kind: string;
  readonly title: string;
  readonly baseUrl?: string;
  readonly keyVariables: readonly string[];
  readonly baseUrlVariables: readonly string[];
  readonly keyRequired: boolean;
  /** Asked at start even when nothing in the environment speaks of it. */
  readonly probeUrl?: string;
  readonly listing?: { readonly path: string; read(json: unknown): readonly string[] };
  readonly knownModels: readonly string[];
  /** How LiteLLM's config files speak of it: what stands before its models' names, and models that stand there without. */
  readonly litellm?: { readonly names: readonly string[]; readonly bare?: RegExp };
}

/** A service as the config or the environment describes it. */
export interface ServiceRequest {
  readonly name: string;
  readonly kind: string;
  /** In the order in which they are used; absent or none where it wants none. */
  readonly keys?: readonly string[];
  readonly baseUrl?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly resource?: string;
  readonly apiVersion?: string;
  readonly deploymentPaths?: boolean;
  /** In the operator's word; absent: as its kind and address tell. */
  readonly local?: boolean;
}

/** The kinds of provider there are, engines of our own among them, handed in by main: config knows none by name. */
export interface ProviderBook {
  readonly kinds: readonly KindFacts[];
  /** A service ready to be called, or a sentence saying what it lacks. */
  serviceFor(request: ServiceRequest): Service | string;
  profileFor(kind: string, model: string, override?: Partial<Profile>): Profile;
  /** What is known of its price for a model. Absent: no prices are built in. */
  tariffFor?(kind: string, model: string): Tariff | undefined;
  /** Absent: nobody looks at schedules. */
  readonly checkFleet?: CheckFleet;
}
