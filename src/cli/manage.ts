import { createKeys } from "../access/keys.ts";
import { createPasswords } from "../access/login/passwords.ts";
import { createTeams } from "../access/teams.ts";
import { createUsers } from "../access/users.ts";
import { auditor } from "../admin/audit.ts";
import { accessRoutes } from "../admin/routes.ts";
import { guarded } from "../gateway/guard.ts";
import type { Exchange } from "../gateway/visit/exchange.ts";
import { Visit } from "../gateway/visit/visit.ts";
import { argon2 } from "../store/argon2.ts";
import { welcomed } from "../store/ledger/welcome.ts";
import { openStore, type Store, type StoreOptions } from "../store/open.ts";
import { systemClock } from "../vocabulary/clock.ts";
import { type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../vocabulary/json.ts";
import { userAccount } from "../vocabulary/ledger.ts";
import { askServer, COMMAND_LINE, isRunning } from "./link.ts";
import { CommandFailed } from "./output.ts";

/** Where a gateway would run: its data folder, and what the config says of its database. */
export interface OpenPlace {
  dataDir(): string;
  /** Throws `ConfigError`. */
  store(): StoreOptions;
}

/** Asks the running gateway about who may what, or, when none runs, does the same over the database itself. Throws `CommandFailed` or `Failure`. */
export async function manage(place: OpenPlace, method: string, path: string, body?: unknown): Promise<JsonObject> {
  if (await isRunning(place.dataDir())) return objectOf(await askServer(place.dataDir(), method, path, body));
  const store = await openStore(place.store());
  try {
    if (!store.isReady()) throw new CommandFailed(store.trouble() ?? "The database cannot be reached.");
    return objectOf(await answered(store, { method, path, body }));
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
  store: Store,
  { method, path, body }: { readonly method: string; readonly path: string; readonly body: unknown },
): Promise<Json | undefined> {
  const forget = () => undefined; // nobody remembers anybody: no gateway runs
  const routes = accessRoutes({
    keys: createKeys({ book: store.keys, users: store.users, teams: store.teams, forget }),
    users: createUsers({ book: store.users, forget, welcome: (user, balance) => welcomed(store.money, user.id, balance ?? 0n) }),
    teams: createTeams({ book: store.teams, users: store.users, forget }),
    teamsOf: store.teams.of,
    async moneyOf(ids) {
      const accounts = await store.money.accountsOf(ids.map(userAccount));
      return accounts.map(({ balance }) => ({ balance, held: 0n }));
    },
    hashPassword: createPasswords(argon2).hash,
    audit: store.audit,
  });
  const [bare = "", search = ""] = path.split("?", 2);
  const gate = { callerOf: () => COMMAND_LINE, trusts: () => false, audit: auditor(store.audit) };
  const route = guarded(routes, gate).find(
    (each) => each.method === method && (each.path === bare || (each.path.endsWith("/*") && bare.startsWith(each.path.slice(0, -1)))),
  );
  if (route === undefined) throw new CommandFailed(`There is no ${method} ${bare}.`);
  const exchange: Exchange = {
    visit: new Visit("cli", systemClock),
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
