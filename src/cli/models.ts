import type { Command } from "commander";
import { listOf, objectOf, stringOf } from "../vocabulary/json.ts";
import { askServer } from "./link.ts";
import { type Terminal, table } from "./output.ts";

/** `signalbox models` and `signalbox reload`: questions to the gateway that runs. */
export function addModels(program: Command, terminal: Terminal, dataDir: () => string): void {
  program
    .command("models")
    .description("the models the running gateway serves, and where they go")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox models")
    .action(async (options: { json?: boolean }) => {
      const rows = listOf(objectOf(await askServer(dataDir(), "GET", "/admin/models"))["data"]).map(objectOf);
      if (options.json) return terminal.print(JSON.stringify(rows));
      const cells = rows.map((row) => [
        stringOf(row["name"]) ?? "",
        listOf(row["aliases"]).join(", "),
        stringOf(row["strategy"]) ?? "",
        listOf(row["deployments"])
          .map(objectOf)
          .map(({ id, resting }) => (typeof resting === "string" ? `${id} (rests)` : id))
          .join(", "),
        listOf(row["fallbacks"]).join(", "),
      ]);
      terminal.print(table(["MODEL", "ALIASES", "STRATEGY", "DEPLOYMENTS", "FALLBACKS"], cells));
    });

  program
    .command("reload")
    .description("have the running gateway take over a changed config")
    .addHelpText("after", "\nExample:\n  signalbox reload")
    .action(async () => {
      const reloaded = objectOf(await askServer(dataDir(), "POST", "/admin/reload"));
      for (const notice of listOf(reloaded["notices"])) terminal.say(String(notice));
      const restart = listOf(reloaded["restart"]);
      if (restart.length > 0) terminal.say(`Needs a restart to take effect: ${restart.join(", ")}.`);
      terminal.print(`Reloaded: ${listOf(reloaded["models"]).length} models.`);
    });
}
