import type { Command } from "commander";
import { createKeys } from "../access/keys.ts";
import { keyRoutes } from "../admin/keys.ts";
import type { Exchange } from "../gateway/visit/exchange.ts";
import { Visit } from "../gateway/visit/visit.ts";
import { openStore, type StoreOptions } from "../store/open.ts";
import { systemClock } from "../vocabulary/clock.ts";
import { listOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { askServer, isRunning } from "./link.ts";
import { CommandFailed, type Terminal, table } from "./output.ts";

interface CreateOptions {
  readonly name: string;
  readonly model?: string[];
  readonly expires?: string;
  readonly source?: string;
  readonly user?: string;
  readonly key?: string;
  readonly admin?: boolean;
  readonly vouches?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** `signalbox keys create|list|revoke`. */
export function addKeys(program: Command, terminal: Terminal, place: OpenPlace): void {
  const manage = (method: string, path: string, body?: unknown) => managed(place, { method, path, body });
  const keys = program.command("keys").description("API keys: make, list and revoke them");

  keys
    .command("create")
    .description("make a key; it is shown this once")
    .requiredOption("--name <name>", "what it is called in logs and lists")
    .option("--model <name...>", "models it may use (default: all)")
    .option("--expires <when>", "when it ends: 12h, 30d, or 2027-01-31")
    .option("--source <source>", "where it is used: webui, n8n")
    .option("--user <id>", "whose it is")
    .option("--key <key>", "your own string instead of a minted one")
    .option("--admin", "may manage")
    .option("--vouches", "is believed when it says for whom it asks (Open WebUI and the like)")
    .option("--strict", "is refused, not answered, when a model does not know a knob it turns")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox keys create --name laptop --model gpt-4o-mini --expires 30d")
    .action(async (options: CreateOptions) => {
      const expires = options.expires === undefined ? undefined : expiryOf(options.expires, systemClock.now());
      const body = {
        name: options.name,
        models: options.model,
        expires_at: expires,
        source: options.source,
        user_id: options.user,
        key: options.key,
        admin: options.admin,
        vouches: options.vouches,
        strict: options.strict,
      };
      const made = objectOf(await manage("POST", "/admin/keys", body));
      if (options.json) return terminal.print(JSON.stringify(made));
      for (const warning of listOf(made["warnings"])) terminal.say(String(warning));
      terminal.say(`Key ${stringOf(made["id"])} for ${stringOf(made["name"])}. It is shown this once:`);
      terminal.print(stringOf(made["key"]) ?? "");
    });

  keys
    .command("list")
    .description("every key, without its secret")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox keys list")
    .action(async (options: { json?: boolean }) => {
      const rows = listOf(objectOf(await manage("GET", "/admin/keys"))["data"]).map(objectOf);
      if (options.json) return terminal.print(JSON.stringify(rows));
      const cells = rows.map((row) => [
        stringOf(row["id"]) ?? "",
        stringOf(row["name"]) ?? "",
        stringOf(row["shown"]) ?? "",
        row["revoked_at"] !== null ? "revoked" : row["admin"] === true ? "admin" : Array.isArray(row["models"]) ? row["models"].join(", ") : "all models",
        stringOf(row["expires_at"]) ?? "never",
      ]);
      terminal.print(table(["ID", "NAME", "KEY", "MAY USE", "EXPIRES"], cells));
    });

  keys
    .command("revoke <id>")
    .description("end a key at once")
    .addHelpText("after", "\nExample:\n  signalbox keys revoke key_3fGh2k")
    .action(async (id: string) => {
      await manage("DELETE", `/admin/keys/${encodeURIComponent(id)}`);
      terminal.say(`Key ${id} is revoked.`);
    });
}

/** Where a gateway would run: its data folder, and what the config says of its database. */
export interface OpenPlace {
  dataDir(): string;
  /** Throws `ConfigError`. */
  store(): StoreOptions;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

/** Asks the running gateway, or, when none runs, does the same over the database itself. */
async function managed(place: OpenPlace, { method, path, body }: Call): Promise<unknown> {
  if (await isRunning(place.dataDir())) return askServer(place.dataDir(), method, path, body);
  const store = await openStore(place.store());
  try {
    if (!store.isReady()) throw new CommandFailed(store.trouble() ?? "The database cannot be reached.");
    const routes = keyRoutes(createKeys({ book: store.keys, forget: () => undefined }), (handle) => handle);
    const route = routes.find(
      (each) => each.method === method && (each.path === path || (each.path.endsWith("/*") && path.startsWith(each.path.slice(0, -1)))),
    );
    if (route === undefined) throw new CommandFailed(`There is no ${method} ${path}.`);
    const rest = route.path.endsWith("/*") ? path.slice(route.path.length - 1) : "";
    const exchange: Exchange = {
      visit: new Visit("cli", systemClock),
      headers: new Headers(),
      search: "",
      rest,
      address: () => "",
      body: async () => JSON.stringify(body ?? {}),
      form: () => Promise.reject(new CommandFailed("Commands send no forms.")),
    };
    const reply = await route.handle(exchange);
    return JSON.parse(reply.body as string);
  } finally {
    await store.close();
  }
}

const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `30d` or a date as ISO 8601. Throws `CommandFailed` for anything else, and for the past. */
function expiryOf(text: string, now: number): string {
  const [, amount, unit] = /^(\d+)([mhdw])$/.exec(text) ?? [];
  const time = amount === undefined ? Date.parse(text) : now + Number(amount) * (UNITS[unit ?? ""] ?? 0);
  if (Number.isNaN(time)) throw new CommandFailed(`${text} is no time. Write 12h, 30d or 2027-01-31.`);
  if (time <= now) throw new CommandFailed(`${text} is in the past.`);
  return new Date(time).toISOString();
}
