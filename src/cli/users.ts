import type { Command } from "commander";
import { stringOf } from "../vocabulary/json.ts";
import { type BoundsOptions, boundsIn, budgetsText, withBounds } from "./bounds.ts";
import { manage, manageList, type OpenPlace } from "./manage.ts";
import { type Terminal, table } from "./output.ts";

interface CreateOptions extends BoundsOptions {
  readonly email?: string;
  readonly name?: string;
  readonly id?: string;
  readonly role?: string;
  readonly balance?: string;
  readonly json?: boolean;
}

/** `signalbox users create|list|role|block|unblock`. */
export function addUsers(program: Command, terminal: Terminal, place: OpenPlace): void {
  const users = program.command("users").description("users: make, list and block them");

  withBounds(users.command("create"))
    .description("make a user")
    .option("--email <address>", "their e-mail address; no two have the same")
    .option("--name <name>", "what they are called")
    .option("--id <id>", "your own id instead of a made one")
    .option("--role <role>", "read-only, member, operator or admin: the most their keys may (default: member)")
    .option("--balance <dollars>", "what they begin with (default: billing.default_balance)")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox users create --email ann@example.com --budget 100/month")
    .action(async ({ json, email, name, id, role, balance, ...bounds }: CreateOptions) => {
      const made = await manage(place, "POST", "/admin/users", { email, name, id, role, balance, ...boundsIn(bounds) });
      terminal.print(json ? JSON.stringify(made) : (stringOf(made["id"]) ?? ""));
    });

  users
    .command("list")
    .description("every user")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox users list")
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await manageList(place, "/admin/users");
      if (json) return terminal.print(JSON.stringify(rows));
      const cells = rows.map((row) => [
        stringOf(row["id"]) ?? "",
        stringOf(row["email"]) ?? stringOf(row["subject"]) ?? "",
        stringOf(row["name"]) ?? "",
        row["blocked_at"] === null ? (stringOf(row["role"]) ?? "") : "blocked",
        String(row["balance"]),
        budgetsText(row),
        stringOf(row["last_seen_at"]) ?? "never",
      ]);
      terminal.print(table(["ID", "EMAIL", "NAME", "ROLE", "BALANCE", "BUDGETS", "LAST SEEN"], cells));
    });

  users
    .command("role <id> <role>")
    .description("change what a user may do: read-only, member, operator or admin")
    .addHelpText("after", "\nExample:\n  signalbox users role user_3fGh2k operator")
    .action(async (id: string, role: string) => {
      await manage(place, "PATCH", `/admin/users/${encodeURIComponent(id)}`, { role });
      terminal.say(`User ${id} is ${role}.`);
    });

  for (const blocked of [true, false]) {
    const word = blocked ? "block" : "unblock";
    users
      .command(`${word} <id>`)
      .description(blocked ? "refuse a user and all their keys until they are unblocked" : "let a user who was blocked in again")
      .addHelpText("after", `\nExample:\n  signalbox users ${word} user_3fGh2k`)
      .action(async (id: string) => {
        await manage(place, "PATCH", `/admin/users/${encodeURIComponent(id)}`, { blocked });
        terminal.say(`User ${id} is ${word}ed.`);
      });
  }
}
