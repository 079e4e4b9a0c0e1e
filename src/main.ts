import manifest from "../package.json" with { type: "json" };
import { BOOK } from "./assembly/installation.ts";
import { serve } from "./assembly/serve.ts";
import { CommandFailed, systemTerminal } from "./cli/output.ts";
import { program } from "./cli/program.ts";
import { ConfigError, problemText } from "./config/file/problem.ts";
import { RedisTrouble } from "./store/redis/redis-trouble.ts";
import { StoreTrouble } from "./store/trouble.ts";
import { Failure } from "./vocabulary/failure.ts";

const { version } = manifest;
const terminal = systemTerminal;
try {
  await program({ version, terminal, book: BOOK, serve: (options) => serve(options, version, terminal) }).parseAsync(process.argv);
  process.exit(0);
} catch (error) {
  terminal.say(wordsOf(error));
  process.exit(1);
}

/** What the user is told: our own messages as they are, anything else with its stack. */
function wordsOf(error: unknown): string {
  if (error instanceof ConfigError) return error.problems.map(problemText).join("\n");
  if (error instanceof CommandFailed || error instanceof StoreTrouble || error instanceof RedisTrouble || error instanceof Failure) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
