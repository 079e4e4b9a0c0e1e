/** What a program is told by its arguments: `--name value`, `--name=value`, or `--name` alone. */
export interface Argument {
  readonly flag: string;
  readonly values: readonly string[];
}

/** Ours first, then the config's own: a flag that stands in both is the config's. `same` names flags by another name that means the same. */
export function mergedArguments(ours: readonly Argument[], own: readonly string[], same: Readonly<Record<string, string>> = {}): string[] {
  const named = new Set(own.filter((word) => word.startsWith("-")).map((word) => canonical(flagOf(word), same)));
  const kept = ours.filter(({ flag }) => !named.has(canonical(flag, same)));
  return [...kept.flatMap(({ flag, values }) => [flag, ...values]), ...own];
}

/** What the arguments say of this flag: its value, "" where it stands alone, `undefined` where it does not stand. The last one holds. */
export function argumentOf(args: readonly string[], flag: string): string | undefined {
  const at = args.findLastIndex((word) => canonical(flagOf(word), {}) === flag);
  if (at === -1) return undefined;
  const word = args[at] ?? "";
  if (word.includes("=")) return word.slice(word.indexOf("=") + 1);
  const next = args[at + 1];
  return next === undefined || next.startsWith("--") ? "" : next;
}

const flagOf = (word: string) => word.split("=")[0] ?? word;

/** vLLM takes `--max_model_len` for `--max-model-len`, and `--no-x` is about `--x`. */
function canonical(flag: string, same: Readonly<Record<string, string>>): string {
  const dashed = flag.startsWith("--") ? flag.replaceAll("_", "-") : flag;
  const positive = dashed.replace(/^--no-/, "--");
  return same[positive] ?? positive;
}
