import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Hours } from "../../vocabulary/hours.ts";
import type { Tariff } from "../../vocabulary/price.ts";
import type { Profile } from "../../vocabulary/profile.ts";
import type { Service } from "../../vocabulary/service.ts";
import type { ProviderBook } from "../provider-book.ts";
import { DAYS } from "../schema/fields.ts";
import { profileOf } from "../schema/profile-settings.ts";
import type { ModelSettings, Settings } from "../schema/schema.ts";
import type { EngineService } from "./engines.ts";
import { tariffOf } from "./prices.ts";

export type DeploymentSettings = ModelSettings["deployments"][number];

/** One at a provider, by the provider's name for its model. */
export type ProviderDeployment = DeploymentSettings & { readonly provider: string; readonly model: string };

export function isAtProvider(wanted: DeploymentSettings): wanted is ProviderDeployment {
  return wanted.provider !== undefined && wanted.model !== undefined && wanted.engine === undefined;
}

interface Wanted {
  readonly service: Service;
  readonly wanted: ProviderDeployment;
  /** The how manieth of its model at this provider with this name, from 1. */
  readonly number: number;
}

/** A deployment as the config describes it. */
export function configuredDeployment({ service, wanted, number }: Wanted, settings: Settings, book: ProviderBook): Deployment {
  const { max_concurrent, max_queue, requests_per_minute, tokens_per_minute } = wanted;
  return {
    id: `${service.name}/${wanted.model}${number === 1 ? "" : `#${number}`}`,
    service,
    model: wanted.model,
    profile: book.profileFor(service.kind, wanted.model, overrides(settings, service.name, profileOf(wanted.profile))),
    weight: wanted.weight,
    tier: wanted.priority,
    tags: wanted.tags,
    maxBatch: wanted.max_batch,
    contextWindow: wanted.context_window,
    abilities: wanted.abilities,
    price: tariffOf(wanted.price) ?? builtIn(service, wanted.model, book),
    hours: hoursOf(wanted.hours),
    limits: { maxConcurrent: max_concurrent, maxQueue: max_queue, requestsPerMinute: requests_per_minute, tokensPerMinute: tokens_per_minute },
  };
}

/** An engine as a deployment: how many it takes at once, and how long prompts may be, is the engine's own. */
export function engineDeployment(engine: EngineService, settings: Settings, book: ProviderBook, wanted?: DeploymentSettings): Deployment {
  const { service, name, settings: own } = engine;
  return {
    id: name,
    engine: name,
    gpus: own.gpus.length,
    service,
    model: own.model,
    profile: book.profileFor(service.kind, own.model, overrides(settings, name, profileOf(wanted?.profile))),
    weight: wanted?.weight ?? 1,
    tier: wanted?.priority ?? 0,
    tags: wanted?.tags ?? [],
    maxBatch: wanted?.max_batch,
    contextWindow: wanted?.context_window ?? own.max_model_len,
    abilities: wanted?.abilities,
    price: tariffOf(wanted?.price),
    hours: hoursOf(wanted?.hours),
    limits: {
      maxConcurrent: own.max_concurrent,
      maxQueue: own.max_queue,
      requestsPerMinute: wanted?.requests_per_minute,
      tokensPerMinute: wanted?.tokens_per_minute,
    },
  };
}

/** A deployment of a model that its provider lists, about which the config says nothing. */
export function listedDeployment(service: Service, model: string, settings: Settings, book: ProviderBook): Deployment {
  const profile = book.profileFor(service.kind, model, overrides(settings, service.name));
  const price = builtIn(service, model, book);
  return { id: `${service.name}/${model}`, service, model, profile, weight: 1, tier: 0, tags: [], limits: {}, price };
}

/** What is known of a provider's price; a wildcard's models each have their own. */
function builtIn({ kind }: Service, model: string, book: ProviderBook): Tariff | undefined {
  return model.includes("*") ? undefined : book.tariffFor?.(kind, model);
}

/** Hours in the gateway's own words. */
export function hoursOf(hours: DeploymentSettings["hours"]): Hours | undefined {
  if (hours === undefined) return undefined;
  return { from: hours.from, to: hours.to, days: hours.days?.map((day) => DAYS.indexOf(day)), timeZone: hours.timezone };
}

function overrides(settings: Settings, provider: string, own: Partial<Profile> = {}): Partial<Profile> {
  const general = profileOf(settings.providers[provider]?.profile);
  return {
    ...general,
    ...own,
    drop: [...(general.drop ?? []), ...(own.drop ?? [])],
    rename: { ...general.rename, ...own.rename },
    deadlines: { ...general.deadlines, ...own.deadlines },
  };
}
