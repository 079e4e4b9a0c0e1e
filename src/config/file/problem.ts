/** Steps from the root of the config to a value: `["models", "gpt-4o", "deployments", 0]`. */
export type Path = readonly (string | number)[];

/** One thing wrong with the config: where, what, and what to do. Never holds a secret. */
export interface Problem {
  /** The file's name, or the environment variable's as `environment NAME`. */
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

/** Says of a path what is wrong or odd there, and what to do about it. */
export type Tell = (path: Path, message: string, fix: string) => void;

/** A config that cannot be used. Its message is every problem, one per line. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(problemText).join("\n"));
    this.name = "ConfigError";
    this.problems = problems;
  }
}

/** `signalbox.yaml:12:5 server.prot: there is no such field. Did you mean port?` */
export function problemText(problem: Problem): string {
  const place = problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  return [[place, problem.path].filter((part) => part !== undefined && part !== "").join(" "), ": ", problem.message, problem.fix && ` ${problem.fix}`].join(
    "",
  );
}

/** A path as people write it: `models["gpt-4.1"].deployments[0]`. */
export function pathText(path: Path): string {
  let text = "";
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`;
    else if (/^[\w-]+$/.test(step)) text += text === "" ? step : `.${step}`;
    else text += `[${JSON.stringify(step)}]`;
  }
  return text;
}
