import { auditor } from "../admin/audit.ts";
import { databaseOf } from "../config/schema/database.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { PriceBook } from "../gateway/billing/price-book.ts";
import { guarded } from "../gateway/guard.ts";
import type { Exchange, Route } from "../gateway/visit/exchange.ts";
import { Visit } from "../gateway/visit/visit.ts";
import { openStore } from "../store/open.ts";
import { systemClock } from "../vocabulary/clock.ts";
import { type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../vocabulary/json.ts";
import { askServer, COMMAND_LINE, isRunning } from "./link.ts";
import { offlineRoutes } from "./offline.ts";
import { CommandFailed } from "./output.ts";

/** Where a gateway would run: its data folder, and what the config says. */
export interface OpenPlace {
  dataDir(): string;
  /** What a gateway started here would go by. Throws `ConfigError`. */
  settings(): Settings;
  /** What requests cost by that config. Throws likewise. */
  prices(): PriceBook;
}

/** Asks the running gateway about who may what, or, when none runs, does the same over the database itself. Throws `CommandFailed` or `Failure`. */
export async function manage(place: OpenPlace, method: string, path: string, body?: unknown): Promise<JsonObject> {
  if (await isRunning(place.dataDir())) return objectOf(await askServer(place.dataDir(), method, path, body));
  const settings = place.settings();
  const store = await openStore(databaseOf(settings.database));
  try {
    if (!store.isReady()) throw new CommandFailed(store.trouble() ?? "The database cannot be reached.");
    const routes = guarded(offlineRoutes(store, { settings, prices: place.prices }), {
      callerOf: () => COMMAND_LINE,
      trusts: () => false,
      audit: auditor(store.audit),
    });
    return objectOf(await answered(routes, { method, path, body }));
  } finally {
    await store.close();
  }
}

/** All pages of a list. */
export async function manageList(place: OpenPlace, path: string): Promise<JsonObject[]> {
  const rows: JsonObject[] = [];
  for (let cursor: string | undefined = ""; cursor !== undefined; ) {
    const page: JsonObject = await manage(place, "GET", `${path}?limit=1000${cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`}`);
    rows.push(...listOf(page["data"]).map(objectOf));
    cursor = stringOf(page["next"]);
  }
  return rows;
}

async function answered(
  routes: readonly Route[],
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: unknown },
): Promise<Json | undefined> {
  const [bare = "", search = ""] = path.split("?", 2);
  const found = (each: Route) => each.method === method && (each.path === bare || (each.path.endsWith("/*") && bare.startsWith(each.path.slice(0, -1))));
  const route = routes.find(found);
  if (route === undefined) throw new CommandFailed(`There is no ${method} ${bare}.`);
  const exchange: Exchange = {
    // What management enters in the ledger is named after its call: no two have the same.
    visit: new Visit(`req_${crypto.randomUUID().replaceAll("-", "").slice(0, 18)}`, systemClock),
    headers: new Headers(),
    search,
    rest: route.path.endsWith("/*") ? bare.slice(route.path.length - 1) : "",
    address: () => "",
    body: async () => JSON.stringify(body ?? {}),
    form: () => Promise.reject(new CommandFailed("Commands send no forms.")),
  };
  const reply = await route.handle(exchange);
  return typeof reply.body === "string" ? parseJson(reply.body) : undefined;
}
