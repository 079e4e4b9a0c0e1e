import type { Keys } from "../../access/keys.ts";
import type { Teams } from "../../access/teams.ts";
import type { Users } from "../../access/users.ts";
import { actor } from "../../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { KeyRow } from "../../store/keys/key-row.ts";
import { asFailure } from "../../vocabulary/failure.ts";
import { queryOf } from "../input.ts";
import { shownBounds } from "./bounds-view.ts";
import { shownKey } from "./keys.ts";

/** What callers see of their own. */
export interface OwnParts {
  readonly keys: Pick<Keys, "find" | "list">;
  readonly users: Pick<Users, "find">;
  readonly teams: Pick<Teams, "find">;
}

/** `/auth/me`: who is asking, and what they may; `/api/me/keys`: their keys. */
export function ownRoutes(parts: OwnParts): Route[] {
  return [
    { method: "GET", path: "/auth/me", admits: "read-only", handle: (exchange) => me(exchange, parts) },
    { method: "GET", path: "/api/me/keys", admits: "read-only", handle: (exchange) => ownKeys(exchange, parts) },
  ];
}

async function me(exchange: Exchange, { users, teams }: OwnParts): Promise<Reply> {
  const { keyId, keyName, userId, teamId, source, role, models, routes, localOnly, bounds = [] } = actor(exchange);
  const user = userId === undefined ? undefined : await users.find(userId);
  const team = teamId === undefined ? undefined : await teams.find(teamId);
  return jsonReply({
    key: { id: keyId, name: keyName, source: source ?? null },
    user: user === undefined ? null : { id: user.id, email: user.email ?? null, name: user.name ?? null },
    team: team === undefined ? null : { id: team.id, name: team.name },
    role,
    models: models ?? null,
    routes: routes ?? null,
    local_only: localOnly ?? false,
    bounds: bounds.map((each) => ({ scope: each.scope, id: each.id, ...shownBounds(each) })),
  });
}

/** The keys of whoever asks: their user's, or else the one they ask with. */
async function ownKeys(exchange: Exchange, { keys }: OwnParts): Promise<Reply> {
  const { userId, keyId } = actor(exchange);
  if (userId === undefined) return jsonReply({ data: (await keyIfAny(keys, keyId)).map(shownKey), next: null });
  const { rows, next = null } = await keys.list({ ...queryOf(exchange).page, userId });
  return jsonReply({ data: rows.map(shownKey), next });
}

/** Who needs no key has none. */
async function keyIfAny(keys: Pick<Keys, "find">, id: string): Promise<KeyRow[]> {
  try {
    return [await keys.find(id)];
  } catch (thrown) {
    if (asFailure(thrown).kind === "not-found") return [];
    throw thrown;
  }
}
