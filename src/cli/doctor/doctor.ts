import type { Command } from "commander";
import { databaseOf } from "../../config/schema/database.ts";
import type { Settings } from "../../config/schema/schema.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { isRunning } from "../link.ts";
import { manage, type OpenPlace } from "../manage.ts";
import { CommandFailed, type Terminal, table } from "../output.ts";
import { booksFindings } from "./books.ts";
import { type Finding, ok, wrong } from "./finding.ts";
import { folderFinding, gatewayFinding, journalFindings, redisFinding } from "./surroundings.ts";

/** `signalbox doctor`: is all there that a gateway needs, and do the books add up? */
export function addDoctor(program: Command, terminal: Terminal, place: OpenPlace): void {
  program
    .command("doctor")
    .description("look whether data folder, database and Redis answer, and prove the books: every balance is the sum of its entries")
    .option("--json", "the answer as JSON")
    .addHelpText("after", "\nExample:\n  signalbox doctor\n\nIt ends with exit code 1 when something is wrong.")
    .action(async ({ json }: { json?: boolean }) => {
      const { findings, books } = await examine(place);
      const bad = findings.filter(({ state }) => state === "wrong").length;
      const rows = findings.map(({ state, about, says }) => [state, about, says]);
      terminal.print(json ? JSON.stringify({ ok: bad === 0, findings, books: books ?? null }) : table(["STATE", "WHAT", "IS"], rows));
      if (bad > 0) throw new CommandFailed(bad === 1 ? "One thing is wrong." : `${bad} things are wrong.`);
    });
}

interface Examination {
  readonly findings: readonly Finding[];
  /** What was added up; absent: the database does not answer. */
  readonly books?: JsonObject;
}

async function examine(place: OpenPlace): Promise<Examination> {
  const dataDir = place.dataDir();
  const runs = await isRunning(dataDir);
  const folder = folderFinding(dataDir);
  const gateway = await gatewayFinding(dataDir, runs);
  const settings = settingsOf(place);
  // A gateway that runs has a database and a config; without one nothing is made here just to be looked at.
  if (!runs && (folder.state === "wrong" || "state" in settings)) return { findings: [folder, gateway, ...("state" in settings ? [settings] : [])] };
  const around = "state" in settings ? [settings] : await redisFinding(settings.redis);
  const [database, books] = await booksOf(place, settings);
  return { findings: [folder, gateway, database, ...around, ...journalFindings(dataDir, runs), ...(books === undefined ? [] : booksFindings(books))], books };
}

/** The config's settings, or what is wrong with it. */
function settingsOf(place: OpenPlace): Settings | Finding {
  try {
    return place.settings();
  } catch (error) {
    return wrong("config", `${wordsOf(error)} signalbox config check tells more.`);
  }
}

/** Asks the database for all that is in the books: whether it answers, and the answer. */
async function booksOf(place: OpenPlace, settings: Settings | Finding): Promise<readonly [Finding, JsonObject?]> {
  try {
    const books = await manage(place, "GET", "/admin/books");
    const remote = "state" in settings ? undefined : databaseOf(settings.database).database;
    return [ok("database", remote === undefined ? "SQLite, in the data folder, answers" : "PostgreSQL answers"), books];
  } catch (error) {
    return [wrong("database", wordsOf(error))];
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
