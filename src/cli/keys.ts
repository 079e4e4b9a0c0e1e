import type { Command } from "commander";
import { systemClock } from "../vocabulary/clock.ts";
import { type JsonObject, listOf, stringOf } from "../vocabulary/json.ts";
import { type BoundsOptions, boundsIn, withBounds } from "./bounds.ts";
import { manage, manageList, type OpenPlace } from "./manage.ts";
import { CommandFailed, type Terminal, table } from "./output.ts";

interface CreateOptions extends BoundsOptions {
  readonly name: string;
  readonly description?: string;
  readonly role?: string;
  readonly model?: string[];
  readonly route?: string[];
  readonly expires?: string;
  readonly source?: string;
  readonly user?: string;
  readonly team?: string;
  readonly key?: string;
  readonly localOnly?: boolean;
  readonly vouches?: boolean;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** `signalbox keys create|list|rotate|block|unblock|revoke`. */
export function addKeys(program: Command, terminal: Terminal, place: OpenPlace): void {
  const keys = program.command("keys").description("API keys: make, list, rotate, block and revoke them");

  withBounds(keys.command("create"))
    .description("make a key; it is shown this once")
    .requiredOption("--name <name>", "what it is called in logs and lists")
    .option("--description <text>", "what it is for")
    .option("--role <role>", "read-only, member, operator or admin (default: member)")
    .option("--model <name...>", "models it may use (default: all)")
    .option("--route <operation...>", "what may be asked with it: chat, embeddings, … (default: everything)")
    .option("--expires <when>", "when it ends: 12h, 30d, or 2027-01-31")
    .option("--source <source>", "where it is used: webui, n8n")
    .option("--user <id>", "whose it is")
    .option("--team <id>", "the team it asks for")
    .option("--key <key>", "your own string instead of a minted one")
    .option("--local-only", "is never served by a cloud service")
    .option("--vouches", "is believed when it says for whom it asks (Open WebUI and the like)")
    .option("--strict", "is refused, not answered, when a model does not know a knob it turns")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox keys create --name laptop --model gpt-4o-mini --expires 30d --budget 5/day")
    .action(async (options: CreateOptions) => {
      const expires = options.expires === undefined ? undefined : expiryOf(options.expires, systemClock.now());
      const body = {
        name: options.name,
        description: options.description,
        role: options.role,
        models: options.model,
        routes: options.route,
        ...boundsIn(options),
        expires_at: expires,
        source: options.source,
        user_id: options.user,
        team_id: options.team,
        key: options.key,
        local_only: options.localOnly,
        vouches: options.vouches,
        strict: options.strict,
      };
      tell(terminal, await manage(place, "POST", "/admin/keys", body), options);
    });

  keys
    .command("list")
    .description("every key, without its secret")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox keys list")
    .action(async (options: { json?: boolean }) => {
      const rows = await manageList(place, "/admin/keys");
      if (options.json) return terminal.print(JSON.stringify(rows));
      const cells = rows.map((row) => [
        stringOf(row["id"]) ?? "",
        stringOf(row["name"]) ?? "",
        stringOf(row["shown"]) ?? "",
        standingOf(row),
        Array.isArray(row["models"]) ? row["models"].join(", ") : "all models",
        stringOf(row["expires_at"]) ?? "never",
        stringOf(row["last_used_at"]) ?? "never",
      ]);
      terminal.print(table(["ID", "NAME", "KEY", "ROLE", "MAY USE", "EXPIRES", "LAST USED"], cells));
    });

  keys
    .command("rotate <id>")
    .description("give a key a new value; it is shown this once")
    .option("--overlap <duration>", "how long the value it has may still be used: 30m, 24h, 7d (default: it ends at once)")
    .option("--key <key>", "your own string instead of a minted one")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox keys rotate key_3fGh2k --overlap 24h")
    .action(async (id: string, options: { overlap?: string; key?: string; json?: boolean }) => {
      const { overlap, key } = options;
      tell(terminal, await manage(place, "POST", `/admin/keys/${encodeURIComponent(id)}/rotate`, { overlap, key }), options);
    });

  for (const blocked of [true, false]) {
    const word = blocked ? "block" : "unblock";
    keys
      .command(`${word} <id>`)
      .description(blocked ? "refuse a key until it is unblocked" : "let a key that was blocked be used again")
      .addHelpText("after", `\nExample:\n  signalbox keys ${word} key_3fGh2k`)
      .action(async (id: string) => {
        await manage(place, "PATCH", `/admin/keys/${encodeURIComponent(id)}`, { blocked });
        terminal.say(`Key ${id} is ${word}ed.`);
      });
  }

  keys
    .command("revoke <id>")
    .description("end a key at once, for good")
    .addHelpText("after", "\nExample:\n  signalbox keys revoke key_3fGh2k")
    .action(async (id: string) => {
      await manage(place, "DELETE", `/admin/keys/${encodeURIComponent(id)}`);
      terminal.say(`Key ${id} is revoked.`);
    });
}

/** A key with its plain text, this once. */
function tell(terminal: Terminal, made: JsonObject, { json }: { readonly json?: boolean }): void {
  if (json) {
    terminal.print(JSON.stringify(made));
    return;
  }
  for (const warning of listOf(made["warnings"])) terminal.say(String(warning));
  terminal.say(`Key ${stringOf(made["id"])} for ${stringOf(made["name"])}. It is shown this once:`);
  terminal.print(stringOf(made["key"]) ?? "");
}

function standingOf(row: JsonObject): string {
  if (row["revoked_at"] !== null) return "revoked";
  return row["blocked_at"] === null ? (stringOf(row["role"]) ?? "") : "blocked";
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
