import { Command } from "commander";
import { modelsOf } from "../catalog/models.ts";
import { type LoadedConfig, loadConfig } from "../config/file/load.ts";
import type { ProviderBook } from "../config/provider-book.ts";
import { initialSnapshot } from "../config/snapshot/snapshot.ts";
import { type PriceBook, priceBook } from "../gateway/billing/price-book.ts";
import { addCache } from "./cache.ts";
import { addConfig } from "./config.ts";
import { addDoctor } from "./doctor/doctor.ts";
import { addExplain } from "./explain.ts";
import { addEngines } from "./fleet/engines.ts";
import { addGpus } from "./fleet/gpus.ts";
import { addPlan } from "./fleet/plan.ts";
import { addSchedule } from "./fleet/schedule.ts";
import { addImport } from "./import.ts";
import { addKeys } from "./keys.ts";
import { addModels } from "./models.ts";
import { addMoney } from "./money.ts";
import { CommandFailed, type Terminal } from "./output.ts";
import { addPrices } from "./prices.ts";
import { addTeams } from "./teams.ts";
import { addUsage } from "./usage.ts";
import { addUsers } from "./users.ts";

export interface ServeOptions {
  readonly config?: string;
  readonly port?: string;
  readonly host?: string;
  readonly dataDir?: string;
  readonly demo?: boolean;
  /** Of the simulated models, in milliseconds. */
  readonly pace?: string;
}

export interface ProgramParts {
  readonly version: string;
  readonly terminal: Terminal;
  readonly book: ProviderBook;
  /** Starts a gateway and resolves when it has stopped. */
  serve(options: ServeOptions): Promise<void>;
}

/** Every command, each in its file. */
export function program({ version, terminal, book, serve }: ProgramParts): Command {
  const root = new Command("signalbox").description("One gateway in front of every model you use.").version(version);
  root.showHelpAfterError("Add --help to see what it takes.");
  root.option("--data-dir <folder>", "folder of keys and requests (default: data)");
  const given = () => root.opts<{ dataDir?: string }>().dataDir;
  const dataDir = () => given() ?? process.env["SIGNALBOX_DATA_DIR"] ?? "data";

  const serving = (command: Command): Command =>
    command
      .option("--config <file>", "config file (default: signalbox.yaml when there is one)")
      .option("--port <port>", "port to listen on (default: 4000)")
      .option("--host <address>", "address to listen on")
      .option("--pace <milliseconds>", "with the demo: before and between the tokens of its models");
  serving(root.command("serve", { isDefault: true }))
    .description("start the gateway")
    .option("--demo", "with a simulated provider: no key needed, nothing real is called, this machine only")
    .addHelpText("after", "\nExample:\n  signalbox serve --config signalbox.yaml --port 4000")
    // serve is what runs when no command is named, so a word it does not know is a command misspelt.
    .allowExcessArguments()
    .action((options: ServeOptions, command: Command) => {
      if (command.args[0] !== undefined) throw new CommandFailed(`There is no command ${command.args[0]}. signalbox --help lists them all.`);
      return serve({ ...options, dataDir: given() });
    });
  serving(root.command("demo"))
    .description("the same as serve --demo")
    .addHelpText("after", "\nExample:\n  signalbox demo")
    .action((options: ServeOptions) => serve({ ...options, dataDir: given(), demo: true }));
  const loaded = () => configOf(book, given());
  const place = { dataDir, settings: () => loaded().settings, prices: () => pricesOf(loaded(), book) };
  addCache(root, terminal, dataDir);
  addConfig(root, terminal, book);
  addDoctor(root, terminal, place);
  addEngines(root, terminal, dataDir);
  addExplain(root, terminal, place);
  addGpus(root, terminal, dataDir);
  addImport(root, terminal, book);
  addKeys(root, terminal, place);
  addModels(root, terminal, dataDir);
  addMoney(root, terminal, place);
  addPlan(root, terminal, place);
  addPrices(root, terminal, place);
  addSchedule(root, terminal, dataDir);
  addTeams(root, terminal, place);
  addUsage(root, terminal, dataDir);
  addUsers(root, terminal, place);
  return root;
}

/** What a gateway started here would go by. Throws `ConfigError`. */
function configOf(book: ProviderBook, dataDir: string | undefined): LoadedConfig {
  const overrides = dataDir === undefined ? [] : [{ path: ["database", "data_dir"], value: dataDir, name: "--data-dir" }];
  return loadConfig({ variables: process.env, kinds: book.kinds.map(({ kind }) => kind), facts: book.kinds, overrides });
}

/** What is known of prices without asking any provider for its models. */
function pricesOf(loaded: LoadedConfig, book: ProviderBook): PriceBook {
  const { snapshot } = initialSnapshot(loaded, book);
  return priceBook({ ...book, models: modelsOf([...snapshot.models.values()], snapshot), services: snapshot.services });
}
