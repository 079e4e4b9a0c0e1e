import { rateLimitsOf } from "../config/bounds.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { Exchange } from "../gateway/visit/exchange.ts";
import { clientNetwork, type InNetworks, networks } from "../http/networks.ts";
import { createLimiter, type RateLimiter } from "../limits/rates/limiter.ts";
import { MemoryCounter } from "../limits/rates/memory-counter.ts";
import { SharedCounter, type SharedScripts } from "../limits/rates/shared/shared-counter.ts";
import type { RateSettings } from "../limits/rates/who.ts";
import { systemClock } from "../vocabulary/clock.ts";
import { systemTimer } from "../vocabulary/timer.ts";

/** Limits that are running. */
export interface OpenLimits {
  readonly limiter: RateLimiter;
  /** Why gateways do not count together, for the operator; `undefined` while they do, or need not. */
  trouble(): string | undefined;
  close(): void;
}

interface LimitsParts {
  readonly settings: () => Settings;
  /** Redis, where there is one. */
  readonly shared: SharedScripts | undefined;
  /** No two gateways have the same. */
  readonly self: string;
}

/** Limits as the config wants them. Where they are counted is settled at the start; the rest is read anew each time. */
export function openLimits({ settings, shared, self }: LimitsParts): OpenLimits {
  const inForce = ofLimits(settings);
  if (shared === undefined || settings().limits.store === "memory")
    return {
      limiter: createLimiter({ counter: new MemoryCounter({ clock: systemClock }), settings: inForce }),
      trouble: () => undefined,
      close: () => undefined,
    };
  const counter = new SharedCounter({
    redis: shared,
    clock: systemClock,
    timer: systemTimer,
    self,
    deadline: () => settings().limits.timeout,
    gateways: () => inForce().gateways,
  });
  return { limiter: createLimiter({ counter, settings: inForce }), trouble: () => counter.trouble(), close: () => counter.close() };
}

/** The limits that settings make; the same object as long as they are the same. */
function ofLimits(settings: () => Settings): () => RateSettings {
  let last: { readonly limits: Settings["limits"]; readonly made: RateSettings } | undefined;
  return () => {
    const { limits } = settings();
    if (last?.limits !== limits) last = { limits, made: settingsOf(limits) };
    return last.made;
  };
}

function settingsOf({ per_ip, per_key, per_user, per_team, per_model, global, settings, replicas }: Settings["limits"]): RateSettings {
  return {
    limits: {
      ip: rateLimitsOf(per_ip),
      key: rateLimitsOf(per_key),
      user: rateLimitsOf(per_user),
      team: rateLimitsOf(per_team),
      model: rateLimitsOf(per_model),
      global: rateLimitsOf(global),
      settings: rateLimitsOf(settings),
    },
    gateways: replicas,
  };
}

/** Where clients are, by the proxies that are trusted now. */
export function networkFinder(settings: () => Settings): (exchange: Pick<Exchange, "address" | "headers">) => string {
  let last: { readonly list: readonly string[]; readonly proxies: InNetworks } | undefined;
  return (exchange) => {
    const { trusted_proxies: list } = settings().server;
    if (last?.list !== list) last = { list, proxies: networks(list) };
    return clientNetwork(exchange.address(), exchange.headers.get("x-forwarded-for"), last.proxies);
  };
}
