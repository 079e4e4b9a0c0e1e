import type { Problem } from "../file/problem.ts";
import { ENVIRONMENT_NAMES } from "./environment-names.ts";

/** Reads a text file; throws when it cannot. */
export type ReadFile = (path: string) => string;

export interface Variable {
  readonly value: string;
  /** `OPENAI_API_KEY`, or `OPENAI_API_KEY_FILE` when the value is that file's. */
  readonly from: string;
}

/** The process environment, with `NAME_FILE` followed and placeholders set aside. */
export interface Environment {
  /** The variable, unless it is unset, empty or a placeholder. */
  get(name: string): Variable | undefined;
  /** Why `get` gives nothing: `is not set`, `holds a placeholder`, or `names a file that cannot be read`. */
  absence(name: string): string;
}

/** Values that sample files carry where a real one belongs. */
const PLACEHOLDER = /^(your[_-].*|<.*>|change[_-]?me.*|x{3,}|.*[_-]here|(sk-)?\.{3,}|replace[_-]?(me|this).*)$/i;

/** Wraps the variables of a process. */
export function environmentOf(variables: Readonly<Record<string, string | undefined>>, readFile: ReadFile): Environment {
  const own = (name: string) => (Object.hasOwn(variables, name) ? (variables[name]?.trim() ?? "") : "");
  const raw = (name: string): Variable | "unreadable" | undefined => {
    const value = own(name);
    if (value !== "") return { value, from: name };
    const file = own(`${name}_FILE`);
    if (file === "") return undefined;
    try {
      return { value: readFile(file).trim(), from: `${name}_FILE` };
    } catch {
      return "unreadable";
    }
  };
  return {
    get(name) {
      const variable = raw(name);
      return typeof variable !== "object" || variable.value === "" || PLACEHOLDER.test(variable.value) ? undefined : variable;
    },
    absence(name) {
      const variable = raw(name);
      if (variable === "unreadable") return `is not set, and ${name}_FILE names a file that cannot be read`;
      return variable !== undefined && PLACEHOLDER.test(variable.value) ? "holds a placeholder" : "is not set";
    },
  };
}

/** A value the environment gives to a path of the config. */
export interface EnvironmentSetting {
  readonly name: string;
  readonly path: readonly (string | number)[];
  readonly value: unknown;
}

export interface EnvironmentReading {
  readonly settings: readonly EnvironmentSetting[];
  /** Sentences for the start: what was found and is not used. */
  readonly notices: readonly string[];
  readonly problems: readonly Problem[];
}

/** Everything the environment says about the config, by the one table of names. */
export function readEnvironment(environment: Environment): EnvironmentReading {
  const settings: EnvironmentSetting[] = [];
  const later: string[] = [];
  const placeholders: string[] = [];
  for (const row of ENVIRONMENT_NAMES) {
    const variable = environment.get(row.name);
    if (variable === undefined) {
      const absence = environment.absence(row.name);
      if (absence === "holds a placeholder") placeholders.push(row.name);
      continue;
    }
    if (row.standing === "later") later.push(row.name);
    if (row.standing !== "in force" || row.path === undefined) continue;
    const value = row.convert === undefined ? variable.value : row.convert(variable.value, (name) => environment.get(name)?.value);
    if (value !== undefined) settings.push({ name: variable.from, path: row.path, value });
  }
  const notices: string[] = [];
  if (placeholders.length > 0) notices.push(`Placeholders in the environment are not used: ${placeholders.join(", ")}.`);
  if (later.length > 0) notices.push(`Known, but not yet in force in this version: ${later.join(", ")}.`);
  return { settings, notices, problems: supabaseProblems(environment) };
}

function supabaseProblems(environment: Environment): Problem[] {
  const found = ["SUPABASE_URL", "SUPABASE_KEY", "SUPABASE_SERVICE_ROLE_KEY"].find((name) => environment.get(name) !== undefined);
  if (found === undefined || environment.get("DATABASE_URL") !== undefined) return [];
  return [
    {
      file: `environment ${found}`,
      path: "database.url",
      message: "Supabase is its PostgreSQL string in DATABASE_URL, not SUPABASE_URL and its keys.",
      fix: "Set DATABASE_URL, or unset the SUPABASE_ variables.",
    },
  ];
}
