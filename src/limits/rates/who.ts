import type { BoundScope, Bounds, RateLimits } from "../../vocabulary/bounds.ts";
import { type Behalf, type Caller, hasRole } from "../../vocabulary/caller.ts";
import { type Limited, type RateScope, type Rule, requestRules, tokenRules } from "./rule.ts";

/** The limits in force, by whom they are for. Replaced whole when the config changes. */
export interface RateSettings {
  readonly limits: Readonly<Record<RateScope, RateLimits>>;
  /** How many gateways share the limits between them, when they cannot count together. */
  readonly gateways: number;
}

/** Who asks. */
export interface Asking {
  readonly caller: Caller;
  readonly behalf?: Behalf;
  /** Where its client is: an address, or a network of them; empty where that is nowhere. */
  network(): string;
}

/** What limits a caller: what is checked before its request is read, and what is once it is known how long it is. */
export interface Bound {
  readonly requests: readonly Limited[];
  readonly tokens: readonly Limited[];
}

/** Nothing limits it. */
const NOBODY: Bound = { requests: [], tokens: [] };

/** Whom the limits in force are about, for every caller and model; what does not change from request to request is worked out once. */
export class WhoIsLimited {
  readonly #limits: RateSettings["limits"];
  readonly #global: Bound;
  readonly #known = new WeakMap<Caller, Bound>();
  readonly #rules = new Map<RateScope, { readonly requests: readonly Rule[]; readonly tokens: readonly Rule[] }>();

  constructor({ limits }: RateSettings) {
    this.#limits = limits;
    this.#global = bound("global", "", limits.global);
  }

  /** By its key, its user and its team, and with all others. Those who run the gateway are not limited. */
  caller({ caller, behalf }: Pick<Asking, "caller" | "behalf">): Bound {
    if (hasRole(caller, "admin")) return NOBODY;
    if (caller.vouches && behalf?.endUser !== undefined) return this.#worked(caller, behalf.endUser);
    let known = this.#known.get(caller);
    if (known === undefined) this.#known.set(caller, (known = this.#worked(caller, undefined)));
    return known;
  }

  /** By where it comes from: not for callers that ask for people elsewhere, nor for those who run the gateway. */
  network({ caller, behalf, network }: Asking): Bound {
    if (hasRole(caller, "admin") || (caller.vouches && behalf?.endUser !== undefined)) return NOBODY;
    return this.stranger(network);
  }

  /** By where it comes from, whoever it is. */
  stranger(network: () => string): Bound {
    const { requests, tokens } = this.#of("ip");
    if (requests.length + tokens.length === 0) return NOBODY;
    const id = network();
    return id === "" ? NOBODY : { requests: limited("ip", id, requests), tokens: limited("ip", id, tokens) };
  }

  /** By which model it asks for. */
  model({ caller }: Pick<Asking, "caller">, name: string): Bound {
    const { requests, tokens } = this.#of("model");
    if (hasRole(caller, "admin") || requests.length + tokens.length === 0) return NOBODY;
    return { requests: limited("model", name, requests), tokens: limited("model", name, tokens) };
  }

  /** Who changes how the gateway is run, by key or by network. */
  manager(id: string): readonly Limited[] {
    return limited("settings", id, this.#of("settings").requests);
  }

  #of(scope: RateScope) {
    let rules = this.#rules.get(scope);
    if (rules === undefined) this.#rules.set(scope, (rules = { requests: requestRules(this.#limits[scope]), tokens: tokenRules(this.#limits[scope]) }));
    return rules;
  }

  #worked(caller: Caller, endUser: string | undefined): Bound {
    const { keyId, userId, teamId, bounds } = caller;
    const over = (scope: BoundScope, defaults: RateLimits) => overridden(defaults, boundsOf(scope, bounds));
    const all = [
      // One key stands for all of an interface's users: only what was said of this very key binds it.
      bound("key", keyId, over("key", endUser === undefined ? this.#limits.key : {})),
      // A key without a user is a user of its own.
      endUser === undefined
        ? bound("user", userId ?? `key ${keyId}`, over("user", this.#limits.user))
        : bound("user", `${keyId} ${endUser}`, this.#limits.user),
      ...(teamId === undefined ? [] : [bound("team", teamId, over("team", this.#limits.team))]),
      this.#global,
    ];
    return { requests: all.flatMap(({ requests }) => requests), tokens: all.flatMap(({ tokens }) => tokens) };
  }
}

function bound(scope: RateScope, id: string, limits: RateLimits): Bound {
  return { requests: limited(scope, id, requestRules(limits)), tokens: limited(scope, id, tokenRules(limits)) };
}

function limited(scope: RateScope, id: string, rules: readonly Rule[]): readonly Limited[] {
  return rules.length === 0 ? [] : [{ scope, id, rules }];
}

function boundsOf(scope: BoundScope, bounds: readonly Bounds[] | undefined): RateLimits | undefined {
  return bounds?.find((each) => each.scope === scope)?.limits;
}

/** The defaults, each field in the place of which something is said by what is said. */
function overridden(defaults: RateLimits, said: RateLimits | undefined): RateLimits {
  if (said === undefined) return defaults;
  return { ...defaults, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
}
