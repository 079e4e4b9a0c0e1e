import type { Command } from "commander";
import { loadConfig } from "../config/file/load.ts";
import { ConfigError } from "../config/file/problem.ts";
import type { ProviderBook } from "../config/provider-book.ts";
import { configJsonSchema } from "../config/schema/json-schema.ts";
import { checkText, shownConfig, shownText } from "../config/show.ts";
import { initialSnapshot } from "../config/snapshot/snapshot.ts";
import { CommandFailed, type Terminal } from "./output.ts";

/** `signalbox config check|show|schema`. */
export function addConfig(program: Command, terminal: Terminal, book: ProviderBook): void {
  const kinds = book.kinds.map((kind) => kind.kind);
  const load = (file: string | undefined) => loadConfig({ file, variables: process.env, kinds, facts: book.kinds });
  const config = program.command("config").description("the config file: check it, show what is in force, print its schema");

  config
    .command("check [file]")
    .description("say what is wrong with a config, with line, column and remedy")
    .addHelpText("after", "\nExample:\n  signalbox config check signalbox.yaml")
    .action((file: string | undefined) => {
      try {
        const loaded = load(file);
        for (const notice of initialSnapshot(loaded, book).snapshot.notices) terminal.say(notice);
        terminal.print(checkText([], loaded.files));
      } catch (error) {
        if (error instanceof ConfigError) throw new CommandFailed(checkText(error.problems, []));
        throw error;
      }
    });

  config
    .command("show [file]")
    .description("every value in force and where it comes from; secrets are never shown")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox config show signalbox.yaml")
    .action((file: string | undefined, options: { json?: boolean }) => {
      const values = shownConfig(load(file));
      terminal.print(options.json ? JSON.stringify(values) : shownText(values));
    });

  config
    .command("schema")
    .description("the JSON Schema of the config file, for editors")
    .addHelpText("after", "\nExample:\n  signalbox config schema > signalbox.schema.json")
    .action(() => terminal.print(JSON.stringify(configJsonSchema(kinds), null, 2)));
}
