import { z } from "zod";
import type { Keys, KeyWish } from "../access/keys.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../gateway/visit/exchange.ts";
import type { KeyRow } from "../store/keys/key-row.ts";
import { invalidRequest } from "../vocabulary/failure.ts";
import { isoTime, readInput } from "./input.ts";
import type { Guard } from "./routes.ts";

const WISH = z.strictObject({
  name: z.string().min(1),
  key: z.string().optional(),
  user_id: z.string().optional(),
  source: z.string().optional(),
  models: z.array(z.string()).optional(),
  admin: z.boolean().optional(),
  vouches: z.boolean().optional(),
  strict: z.boolean().optional(),
  expires_at: z.iso.datetime({ offset: true }).optional(),
});

/** `/admin/keys`: made, listed and revoked. A key's plain text is in the answer that made it and nowhere else. */
export function keyRoutes(keys: Keys, guard: Guard): Route[] {
  return [
    { method: "GET", path: "/admin/keys", handle: guard(async () => jsonReply({ data: (await keys.list()).map(shown), next: null })) },
    { method: "POST", path: "/admin/keys", handle: guard((exchange) => create(keys, exchange)) },
    { method: "DELETE", path: "/admin/keys/*", handle: guard((exchange) => revoke(keys, exchange)) },
  ];
}

async function create(keys: Keys, exchange: Exchange): Promise<Reply> {
  const input = readInput(WISH, await exchange.body());
  const wish: KeyWish = {
    name: input.name,
    key: input.key,
    userId: input.user_id,
    source: input.source,
    models: input.models,
    admin: input.admin,
    vouches: input.vouches,
    strict: input.strict,
    expiresAt: input.expires_at === undefined ? undefined : Date.parse(input.expires_at),
  };
  const made = await keys.create(wish);
  return jsonReply({ ...shown(made.row), key: made.key, warnings: made.warnings }, 201);
}

async function revoke(keys: Keys, exchange: Exchange): Promise<Reply> {
  if (exchange.rest === "") throw invalidRequest("id", "The key's id is missing: DELETE /admin/keys/{id}.");
  await keys.revoke(decodeURIComponent(exchange.rest));
  return jsonReply({ id: exchange.rest, revoked: true });
}

function shown(row: KeyRow) {
  return {
    id: row.id,
    name: row.name,
    shown: row.shown,
    user_id: row.userId ?? null,
    source: row.source ?? null,
    models: row.models ?? null,
    admin: row.admin,
    vouches: row.vouches,
    strict: row.strict,
    origin: row.origin,
    created_at: isoTime(row.createdAt),
    expires_at: isoTime(row.expiresAt),
    last_used_at: isoTime(row.lastUsedAt),
    revoked_at: isoTime(row.revokedAt),
  };
}
