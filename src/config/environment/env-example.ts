import type { KindFacts } from "../provider-book.ts";
import { ENVIRONMENT_NAMES, type EnvironmentName } from "./environment-names.ts";

const HEAD = `# Every environment name Signalbox knows. Copy to .env, uncomment what you need.
# Any of them may also be given as NAME_FILE, the path of a file that holds the value.
# Generated from src/config/environment/environment-names.ts and src/providers: change those, not this file.
`;

const STANDING: Readonly<Record<EnvironmentName["standing"], string>> = {
  start: "",
  "in force": "",
  later: "understood and reported, not yet in force",
  stack: "read by the compose stacks, not by the gateway",
  unused: "known from older set-ups",
};

/** The text of `env.example`. */
export function envExample(kinds: readonly KindFacts[]): string {
  const groups = [...new Set(ENVIRONMENT_NAMES.map((row) => row.group))];
  const own = groups.map((group) => {
    const rows = ENVIRONMENT_NAMES.filter((row) => row.group === group);
    const standing = STANDING[rows[0]?.standing ?? "start"];
    return block(standing === "" ? group : `${group} (${standing})`, rows);
  });
  const [start = "", ...rest] = own;
  return [HEAD, start, block("Providers", providerRows(kinds)), ...rest].join("\n");
}

function block(title: string, rows: readonly Pick<EnvironmentName, "name" | "example" | "help">[]): string {
  return `# --- ${title} ---\n${rows.map((row) => `# ${row.help}\n# ${row.name}=${row.example}\n`).join("")}`;
}

function providerRows(kinds: readonly KindFacts[]): Pick<EnvironmentName, "name" | "example" | "help">[] {
  return kinds.flatMap((kind) => [
    ...kind.keyVariables.map((name, index) => ({ name, example: "", help: index === 0 ? `${kind.title}'s key.` : `The same, by another name.` })),
    ...kind.baseUrlVariables.map((name, index) => ({
      name,
      example: kind.baseUrl ?? kind.probeUrl ?? "",
      help: index === 0 ? `${kind.title}'s base URL${kind.baseUrl === undefined ? "" : ", when not its own"}.` : "The same, by another name.",
    })),
  ]);
}
