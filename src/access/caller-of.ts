import type { Holder, KeyHolder } from "../store/keys/holder.ts";
import type { BoundScope, Bounds } from "../vocabulary/bounds.ts";
import { type Caller, ROLES, type Role } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { allowedByBoth } from "../vocabulary/wildcard.ts";

/** Who asks with this key: never more than its user may. */
export function callerOf({ key, user, team }: KeyHolder): Caller {
  const { id, name, userId, source, models, routes, vouches, strict, localOnly } = key;
  return {
    keyId: id,
    keyName: name,
    userId,
    teamId: team?.id,
    source,
    role: user === undefined ? key.role : lesserRole(key.role, user.role),
    models: allowedByBoth(models, team?.models),
    routes,
    vouches,
    strict,
    localOnly,
    bounds: boundsOf({ key, user, team }),
  };
}

/** What limits and budgets there are, of its key first; absent: none. */
export function boundsOf({ key, user, team }: Partial<KeyHolder>): readonly Bounds[] | undefined {
  const bounds = [...boundsAt("key", key), ...boundsAt("user", user), ...boundsAt("team", team)];
  return bounds.length === 0 ? undefined : bounds;
}

function boundsAt(scope: BoundScope, bounded: Omit<Bounds, "scope"> | undefined): Bounds[] {
  if (bounded === undefined) return [];
  const { id, limits, budgets } = bounded;
  return limits === undefined && budgets === undefined ? [] : [{ scope, id, limits, budgets }];
}

export function lesserRole(one: Role, other: Role): Role {
  return ROLES.indexOf(one) < ROLES.indexOf(other) ? one : other;
}

/** Why nobody may ask with this key, as whoever does is told; `now` is milliseconds since 1970. */
export function refusalOf({ key, ...holder }: KeyHolder, now: number): Failure | undefined {
  if (key.revokedAt !== undefined) return refused(`This API key was revoked on ${dayOf(key.revokedAt)}. Ask whoever runs this Signalbox for a new one.`);
  if (key.expiresAt !== undefined && now >= key.expiresAt) return expired(key.expiresAt);
  if (key.blockedAt !== undefined) return refused(`This API key was blocked on ${dayOf(key.blockedAt)}. Ask whoever runs this Signalbox why.`);
  return refusalOfHolder(holder);
}

/** Why nobody may ask for this user and team. */
export function refusalOfHolder({ user, team, outsider }: Holder): Failure | undefined {
  if (user?.blockedAt !== undefined)
    return refused(`The user ${nameOf(user)} was blocked on ${dayOf(user.blockedAt)}, with all their keys. Ask whoever runs this Signalbox why.`);
  if (team?.blockedAt !== undefined)
    return refused(`The team ${JSON.stringify(team.name)} was blocked on ${dayOf(team.blockedAt)}, with all its keys. Ask whoever runs this Signalbox why.`);
  if (outsider)
    return refused(
      "This API key asks for a team that its user is not in any more. Ask whoever runs this Signalbox for another, or to be put in the team again.",
    );
  return undefined;
}

export function unknownKey(): Failure {
  return refused(
    "This API key is not known here. Check it for missing characters; keys of OpenAI, Anthropic or Google are not valid, Signalbox has its own (`signalbox keys create`).",
  );
}

export function expired(at: number): Failure {
  return refused(`This API key expired on ${dayOf(at)}. Ask whoever runs this Signalbox for a new one.`);
}

/** A former value of a key that was rotated. */
export function replaced(at: number): Failure {
  return refused(`This API key was replaced by another, and was good until ${dayOf(at)}. Use the new one.`);
}

function refused(message: string): Failure {
  return new Failure("invalid-key", message);
}

function nameOf({ id, email, name }: NonNullable<Holder["user"]>): string {
  return email ?? name ?? id;
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace("T", " ").concat(" UTC");
}
