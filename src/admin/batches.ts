import { shownBatch } from "../gateway/batches/shown.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../gateway/visit/exchange.ts";
import type { BatchStore } from "../store/batches/batches.ts";
import type { Batch } from "../vocabulary/batch.ts";
import { queryOf } from "./input.ts";

type Batches = Pick<BatchStore, "anyones">;

/** `/admin/batches`: everybody's, newest first. What is in their files is their makers' to read. */
export function batchRoutes(batches: Batches): Route[] {
  return [{ method: "GET", path: "/admin/batches", admits: "operator", handle: (exchange) => list(batches, exchange) }];
}

async function list(batches: Batches, exchange: Exchange): Promise<Reply> {
  const query = queryOf(exchange);
  const { rows, next = null } = await batches.anyones({ ...query.page, owner: query.text("owner"), status: query.text("status") });
  return jsonReply({ data: rows.map(shown), next });
}

/** As its maker sees it, and who that is. */
function shown(batch: Batch) {
  const { owner, author } = batch;
  return { ...shownBatch(batch), owner, key_id: author.keyId, user_id: author.userId ?? null };
}
