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

/** The known name nearest to a misspelt one, when one is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) [best, least] = [candidate, distance];
  }
  return best;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const change = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
