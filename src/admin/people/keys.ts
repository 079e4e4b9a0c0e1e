import { z } from "zod";
import type { KeyWish } from "../../access/key-wish.ts";
import type { Keys, NewKey } from "../../access/keys.ts";
import { budgetsOf, rateLimitsOf } from "../../config/bounds.ts";
import { budgets, rateLimits } from "../../config/schema/bounds.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { KeyRow } from "../../store/keys/key-row.ts";
import { ROLES } from "../../vocabulary/caller.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { OPERATIONS } from "../../vocabulary/service.ts";
import { changeOf } from "../change.ts";
import { duration, given, idIn, isoTime, queryOf, readInput, time } from "../input.ts";
import { shownBounds } from "./bounds-view.ts";

const text = z.string().min(1);

/** What a key may have or lack. */
const FACTS = z.strictObject({
  description: text.nullish(),
  user_id: text.nullish(),
  team_id: text.nullish(),
  source: text.nullish(),
  models: z.array(text).nullish(),
  routes: z.array(z.enum(OPERATIONS)).nullish(),
  limits: rateLimits.nullish(),
  budgets: budgets.nullish(),
  expires_at: time.nullish(),
  role: z.enum(ROLES).optional(),
  local_only: z.boolean().optional(),
  vouches: z.boolean().optional(),
  strict: z.boolean().optional(),
});
const WISH = FACTS.extend({ name: text, key: z.string().optional() });
const EDIT = FACTS.extend({ name: text.optional(), blocked: z.boolean().optional() });
const ROTATION = z.strictObject({ overlap: duration.optional(), key: z.string().optional() });

/** `/admin/keys`: made, listed, changed, rotated and revoked. A key's plain text is in the answer that made or rotated it and nowhere else. */
export function keyRoutes(keys: Keys): Route[] {
  return [
    { method: "GET", path: "/admin/keys", admits: "operator", handle: (exchange) => list(keys, exchange) },
    { method: "GET", path: "/admin/keys/*", admits: "operator", handle: async ({ rest }) => jsonReply(shownKey(await keys.find(idIn(rest)))) },
    { method: "POST", path: "/admin/keys", admits: "admin", action: "key.create", handle: (exchange) => create(keys, exchange) },
    { method: "PATCH", path: "/admin/keys/*", admits: "admin", action: "key.change", handle: (exchange) => change(keys, exchange) },
    { method: "POST", path: "/admin/keys/*", admits: "admin", action: "key.rotate", handle: (exchange) => rotate(keys, exchange) },
    { method: "DELETE", path: "/admin/keys/*", admits: "admin", action: "key.revoke", handle: (exchange) => revoke(keys, exchange) },
  ];
}

async function list(keys: Keys, exchange: Exchange): Promise<Reply> {
  const query = queryOf(exchange);
  const { rows, next = null } = await keys.list({ ...query.page, userId: query.text("user_id"), teamId: query.text("team_id") });
  return jsonReply({ data: rows.map(shownKey), next });
}

async function create(keys: Keys, exchange: Exchange): Promise<Reply> {
  const { name, key, ...facts } = readInput(WISH, await exchange.body());
  const wish: KeyWish = { ...given(editOf(facts)), name, key };
  const made = await keys.create(wish);
  return { ...jsonReply(shownOnce(made), 201), change: changeOf("key", made.row.id, { after: shownKey(made.row) }) };
}

async function change(keys: Keys, exchange: Exchange): Promise<Reply> {
  const { name, blocked, ...facts } = readInput(EDIT, await exchange.body());
  const { before, after } = await keys.change(idOf(exchange), { ...editOf(facts), name, blocked });
  return { ...jsonReply(shownKey(after)), change: changeOf("key", after.id, { before: shownKey(before), after: shownKey(after) }) };
}

const ROTATE = "/rotate";

/** `POST /admin/keys/{id}/rotate`. */
async function rotate(keys: Keys, exchange: Exchange): Promise<Reply> {
  if (!exchange.rest.endsWith(ROTATE)) throw new Failure("not-found", "Keys are rotated by POST /admin/keys/{id}/rotate.");
  const body = await exchange.body();
  const { overlap = 0, key } = readInput(ROTATION, body === "" ? "{}" : body);
  const made = await keys.rotate(idIn(exchange.rest.slice(0, -ROTATE.length)), { overlap, key });
  return { ...jsonReply(shownOnce(made)), change: changeOf("key", made.row.id, { before: shownKey(made.before), after: shownKey(made.row) }) };
}

async function revoke(keys: Keys, exchange: Exchange): Promise<Reply> {
  const id = idOf(exchange);
  await keys.revoke(id);
  return { ...jsonReply({ id, revoked: true }), change: changeOf("key", id, { after: { revoked: true } }) };
}

function idOf({ rest }: Exchange): string {
  if (rest === "") throw invalidRequest("id", "The key's id is missing: /admin/keys/{id}.");
  return idIn(rest);
}

function editOf(facts: z.output<typeof FACTS>) {
  return {
    description: facts.description,
    role: facts.role,
    userId: facts.user_id,
    teamId: facts.team_id,
    source: facts.source,
    models: facts.models,
    routes: facts.routes,
    limits: facts.limits && rateLimitsOf(facts.limits),
    budgets: facts.budgets && budgetsOf(facts.budgets),
    localOnly: facts.local_only,
    vouches: facts.vouches,
    strict: facts.strict,
    expiresAt: facts.expires_at,
  };
}

function shownOnce({ row, key, warnings }: NewKey) {
  return { ...shownKey(row), key, warnings };
}

/** A key as management shows it: never the key. */
export function shownKey(row: KeyRow) {
  return {
    id: row.id,
    name: row.name,
    description: row.description ?? null,
    shown: row.shown,
    role: row.role,
    user_id: row.userId ?? null,
    team_id: row.teamId ?? null,
    source: row.source ?? null,
    models: row.models ?? null,
    routes: row.routes ?? null,
    ...shownBounds(row),
    local_only: row.localOnly,
    vouches: row.vouches,
    strict: row.strict,
    origin: row.origin,
    created_at: isoTime(row.createdAt),
    expires_at: isoTime(row.expiresAt),
    former_until: isoTime(row.formerUntil),
    last_used_at: isoTime(row.lastUsedAt),
    blocked_at: isoTime(row.blockedAt),
    revoked_at: isoTime(row.revokedAt),
  };
}
