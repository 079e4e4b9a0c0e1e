import { LRUCache } from "lru-cache";
import type { Holder } from "../store/keys/holder.ts";
import type { UserRow } from "../store/users/user-row.ts";
import type { Behalf, Caller } from "../vocabulary/caller.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { Failure } from "../vocabulary/failure.ts";
import { allowedByBoth } from "../vocabulary/wildcard.ts";
import { boundsOf, lesserRole, refusalOfHolder } from "./caller-of.ts";
import { LOCAL, type Users } from "./users.ts";

/** Finds our user for those on whose behalf a caller asks. */
export interface Attribution {
  /**
   * Who asks: the user the caller vouches for where that is one of ours, with what binds the key and that user; else the caller as it is. At once
   * for whom was seen lately. Rejects with `invalid-key` for a user who is blocked, and with `overloaded` when nobody can say who it is.
   */
  attributed(caller: Caller, behalf: Behalf): Caller | Promise<Caller>;
  /** A key, a user or a team was made or changed. */
  forget(id: string): void;
  forgetAll(): void;
}

export interface AttributionParts {
  readonly users: Pick<Users, "find" | "findBySubject" | "findByEmail" | "create">;
  readonly holder: (user: UserRow) => Promise<Holder>;
  readonly settings: () => AttributionSettings;
  readonly clock?: Clock;
  /** How many are remembered. */
  readonly most?: number;
}

export interface AttributionSettings {
  /** Is a user made of whoever is vouched for first? */
  readonly create: boolean;
  /** Is a user found by their address too? */
  readonly byEmail: boolean;
}

/** Milliseconds after which the ledger is asked again: the bound should an event go missing. */
const FRESH_FOR = 60_000;

interface Known {
  /** As whom the caller asks, and why nobody may. */
  readonly caller: Caller;
  readonly failure?: Failure;
  /** Found from this very caller: keys change. */
  readonly from: Caller;
  readonly freshUntil: number;
}

export function createAttribution({ users, holder, settings, clock = systemClock, most = 10_000 }: AttributionParts): Attribution {
  const known = new LRUCache<string, Known>({ max: most });
  /** Grows with every `forget`: an answer that was under way by then is not remembered. */
  let generation = 0;

  const find = async (issuer: string, { endUser, email }: Behalf): Promise<UserRow | undefined> => {
    if (endUser === undefined) return undefined;
    const { create, byEmail } = settings();
    const found = (await users.find(endUser)) ?? (await users.findBySubject(issuer, endUser));
    if (found !== undefined) return found;
    const address = email ?? (endUser.includes("@") ? endUser : undefined);
    const same = byEmail && address !== undefined ? await users.findByEmail(address) : undefined;
    if (same !== undefined || !create) return same;
    try {
      return await users.create({ issuer, subject: endUser, email: address });
    } catch (error) {
      // Two requests of somebody new came together: the other has made them.
      const other = await users.findBySubject(issuer, endUser);
      if (other === undefined) throw error;
      return other;
    }
  };

  const ask = async (caller: Caller, behalf: Behalf, name: string): Promise<Caller> => {
    const begun = generation;
    let found: Holder;
    try {
      const user = await find(issuerOf(caller), behalf);
      found = user === undefined ? {} : await holder(user);
      // A key that asks for a team does so for everybody.
      if (caller.teamId !== undefined) found = { user };
    } catch (cause) {
      throw new Failure("overloaded", "Nobody can say at the moment on whose behalf this request comes: the user store does not answer. Try again shortly.", {
        retryAfter: 5,
        cause,
      });
    }
    const entry: Known = { caller: onBehalf(caller, found), failure: refusalOfHolder(found), from: caller, freshUntil: clock.now() + FRESH_FOR };
    if (begun === generation) known.set(name, entry);
    return use(entry);
  };

  return {
    attributed(caller, behalf) {
      if (behalf.endUser === undefined) return caller;
      const name = `${caller.keyId}\n${behalf.endUser}\n${behalf.email ?? ""}`;
      const entry = known.get(name);
      if (entry !== undefined && entry.from === caller && clock.now() < entry.freshUntil) return use(entry);
      return ask(caller, behalf, name);
    },
    forget(id) {
      generation++;
      for (const [name, { caller, from }] of known.entries()) {
        const stranger = caller === from; // and may be somebody by now
        if (stranger || caller.userId === id || caller.teamId === id || caller.keyId === id) known.delete(name);
      }
    },
    forgetAll() {
      generation++;
      known.clear();
    },
  };
}

function use({ caller, failure }: Known): Caller {
  if (failure !== undefined) throw failure;
  return caller;
}

/** Where a key's users come from: its source, else what it is called. Users made here come from nowhere else. */
function issuerOf({ source, keyName }: Caller): string {
  const issuer = source ?? keyName;
  return issuer === LOCAL ? `key:${issuer}` : issuer;
}

/** The caller as this user: what binds the key and its team still does, what bound the key's own user does not. */
function onBehalf(caller: Caller, { user, team }: Holder): Caller {
  if (user === undefined) return caller;
  const own = caller.bounds?.filter(({ scope }) => scope !== "user") ?? [];
  const theirs = boundsOf({ user, team }) ?? [];
  return {
    ...caller,
    userId: user.id,
    teamId: caller.teamId ?? team?.id,
    role: lesserRole(caller.role, user.role),
    models: allowedByBoth(caller.models, team?.models),
    bounds: own.length + theirs.length === 0 ? undefined : [...own, ...theirs],
  };
}
