import type { Command } from "commander";
import { listOf, stringOf } from "../vocabulary/json.ts";
import { type BoundsOptions, boundsIn, budgetsText, withBounds } from "./bounds.ts";
import { manage, manageList, type OpenPlace } from "./manage.ts";
import { type Terminal, table } from "./output.ts";

interface CreateOptions extends BoundsOptions {
  readonly name: string;
  readonly model?: string[];
  readonly json?: boolean;
}

/** `signalbox teams create|list|add|remove|block|unblock`. */
export function addTeams(program: Command, terminal: Terminal, place: OpenPlace): void {
  const teams = program.command("teams").description("teams: make, list and block them, and say who is in them");

  withBounds(teams.command("create"))
    .description("make a team")
    .requiredOption("--name <name>", "what it is called; no two have the same")
    .option("--model <name...>", "models its members may use (default: all)")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox teams create --name research --budget 500/month")
    .action(async ({ json, name, model, ...bounds }: CreateOptions) => {
      const made = await manage(place, "POST", "/admin/teams", { name, models: model, ...boundsIn(bounds) });
      terminal.print(json ? JSON.stringify(made) : (stringOf(made["id"]) ?? ""));
    });

  teams
    .command("list")
    .description("every team")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox teams list")
    .action(async ({ json }: { json?: boolean }) => {
      const rows = await manageList(place, "/admin/teams");
      if (json) return terminal.print(JSON.stringify(rows));
      const cells = rows.map((row) => [
        stringOf(row["id"]) ?? "",
        stringOf(row["name"]) ?? "",
        row["blocked_at"] === null ? "" : "blocked",
        Array.isArray(row["models"]) ? row["models"].join(", ") : "all models",
        budgetsText(row),
      ]);
      terminal.print(table(["ID", "NAME", "STATE", "MAY USE", "BUDGETS"], cells));
    });

  for (const [word, method] of [
    ["add", "PUT"],
    ["remove", "DELETE"],
  ] as const) {
    teams
      .command(`${word} <team> <user>`)
      .description(word === "add" ? "put a user in a team" : "take a user out of a team")
      .addHelpText("after", `\nExample:\n  signalbox teams ${word} team_8sKq1m user_3fGh2k`)
      .action(async (team: string, user: string) => {
        const { members } = await manage(place, method, `/admin/teams/${encodeURIComponent(team)}/members/${encodeURIComponent(user)}`);
        const { length } = listOf(members);
        terminal.say(`Team ${team} has ${length} ${length === 1 ? "member" : "members"}.`);
      });
  }

  for (const blocked of [true, false]) {
    const word = blocked ? "block" : "unblock";
    teams
      .command(`${word} <id>`)
      .description(blocked ? "refuse a team's keys until it is unblocked" : "let the keys of a team that was blocked be used again")
      .addHelpText("after", `\nExample:\n  signalbox teams ${word} team_8sKq1m`)
      .action(async (id: string) => {
        await manage(place, "PATCH", `/admin/teams/${encodeURIComponent(id)}`, { blocked });
        terminal.say(`Team ${id} is ${word}ed.`);
      });
  }
}
