import type { Command } from "commander";
import { numberOf, objectOf } from "../vocabulary/json.ts";
import { askServer } from "./link.ts";
import type { Terminal } from "./output.ts";

/** `signalbox cache clear`. */
export function addCache(program: Command, terminal: Terminal, dataDir: () => string): void {
  const cache = program.command("cache").description("the answers that are kept to be given again");
  cache
    .command("clear")
    .description("remove the kept answers of all users, of all models or one")
    .option("--model <name>", "only this model's; its public name")
    .addHelpText("after", "\nExample:\n  signalbox cache clear --model gpt-4o-mini")
    .action(async ({ model }: { model?: string }) => {
      const path = model === undefined ? "/admin/cache" : `/admin/cache?model=${encodeURIComponent(model)}`;
      const removed = numberOf(objectOf(await askServer(dataDir(), "DELETE", path))["removed"]) ?? 0;
      terminal.print(`Removed ${removed} ${removed === 1 ? "answer" : "answers"}.`);
    });
}
