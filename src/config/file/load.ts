import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, extname, join } from "node:path";
import { type Environment, environmentOf, type ReadFile, readEnvironment } from "../environment/environment.ts";
import { fromLiteLLM, isLiteLLM } from "../litellm/convert.ts";
import type { KindFacts } from "../provider-book.ts";
import { isPostgres } from "../schema/database.ts";
import { DEFAULT_BACKOFF } from "../schema/routing.ts";
import { type Settings, settingsSchema } from "../schema/schema.ts";
import { explainIssues } from "./explain.ts";
import { ConfigError, type Path, problemText } from "./problem.ts";
import { fillReferences } from "./substitute.ts";
import { isRecord, type Origin, originOf, overlay, put, readTree, type Tree } from "./tree.ts";

export interface LoadRequest {
  /** The config file; absent: `SIGNALBOX_CONFIG`, else `signalbox.yaml` in the current folder when there is one. */
  readonly file?: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The kinds of provider that exist. */
  readonly kinds: readonly string[];
  /** What there is to know of them, for reading LiteLLM's files; absent: such a file is refused. */
  readonly facts?: readonly KindFacts[];
  /** From the command line; they win over everything. */
  readonly overrides?: readonly { readonly path: Path; readonly value: unknown; readonly name: string }[];
  /** For tests. Throws for a file that is not there. */
  readonly readFile?: ReadFile;
  readonly exists?: (path: string) => boolean;
}

/** The config as written, checked, with every default, and where each value comes from. */
export interface LoadedConfig {
  readonly settings: Settings;
  readonly origins: ReadonlyMap<string, Origin>;
  readonly environment: Environment;
  /** The files it was read from, the overlay last; none: the environment alone. */
  readonly files: readonly string[];
  /** Sentences to print at start. */
  readonly notices: readonly string[];
}

/** Reads file, overlay, environment and command line, in rising order of precedence. Throws a `ConfigError` with every problem found. */
export function loadConfig(request: LoadRequest): LoadedConfig {
  const readFile = request.readFile ?? ((path) => readFileSync(path, "utf8"));
  const exists = request.exists ?? existsSync;
  const environment = environmentOf(request.variables, readFile);
  const files = configFiles(request.file, environment, exists);
  const written = files.map((file) => readTree({ file: basename(file), text: fileText(file, readFile) }));
  const read = written.map((tree) => (request.facts !== undefined && isLiteLLM(tree) ? fromLiteLLM(tree, request.facts) : { tree, notices: [] }));
  const trees = read.map(({ tree }) => tree);
  for (const each of trees) fillReferences(each, environment, readFile);
  const empty: Tree = { value: {}, origins: new Map(), problems: [] };
  const tree = trees.reduce(overlay, empty);
  const reading = readEnvironment(environment);
  for (const { path, value, name } of reading.settings) place(tree, path, value, { from: "environment", name });
  for (const { path, value, name } of request.overrides ?? []) put(tree, path, value, { from: "command line", name });
  const section = tree.value["database"];
  // Supabase beside its PostgreSQL string, wherever that is, is no problem.
  const problems = [...tree.problems, ...(isPostgres(isRecord(section) ? section["url"] : undefined) ? [] : reading.problems)];
  const schema = settingsSchema(request.kinds);
  const parsed = schema.safeParse(tree.value, { reportInput: true });
  if (!parsed.success) {
    const unread = new Set(tree.problems.map((problem) => problem.path));
    problems.push(...explainIssues(parsed.error, schema, tree).filter((problem) => !unread.has(problem.path)));
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  const settings = obeyLoopback(parsed.data);
  const notices = [...read.flatMap((each) => each.notices.map(problemText)), ...reading.notices, ...noticesOn(parsed.data)];
  return { settings, origins: tree.origins, environment, files, notices };
}

function configFiles(given: string | undefined, environment: Environment, exists: (path: string) => boolean): string[] {
  const named = given ?? environment.get("SIGNALBOX_CONFIG")?.value;
  const file = named ?? ["signalbox.yaml", "signalbox.yml"].find(exists);
  if (file === undefined) return [];
  const stage = environment.get("ENVIRONMENT")?.value ?? "";
  const ending = extname(file);
  const above = join(dirname(file), `${basename(file, ending)}.${stage}${ending}`);
  return /^[\w-]+$/.test(stage) && exists(above) ? [file, above] : [file];
}

function fileText(file: string, readFile: ReadFile): string {
  try {
    return readFile(file);
  } catch {
    throw new ConfigError([
      { file, path: "", message: "the file cannot be read.", fix: "Check its path and permissions, or start without --config to discover providers." },
    ]);
  }
}

/** Puts an environment's value into the tree. Keys are added by name; waits keep the default of the other one. */
function place(tree: Tree, path: Path, value: unknown, origin: Origin): void {
  const [first, second, third] = path;
  if (first === "keys") {
    const others = (Array.isArray(tree.value["keys"]) ? tree.value["keys"] : []).filter((key) => !isRecord(key) || key["name"] !== second);
    put(tree, ["keys"], [...others, { name: second, key: value, source: second, vouches: true }], originOf(tree, ["keys"]) ?? origin);
    tree.origins.set(`keys[${others.length}]`, origin);
    return;
  }
  if (typeof third === "number") {
    const section = tree.value["routing"];
    const given = isRecord(section) ? section["backoff_ms"] : undefined;
    const waits: unknown[] = Array.isArray(given) ? [...given] : [...DEFAULT_BACKOFF];
    waits[third] = value;
    // Half a pair was given: the other half, still a default, makes room.
    const [least, most] = waits;
    if (typeof least === "number" && typeof most === "number" && least > most && !tree.origins.has("routing.backoff_ms")) waits[third === 0 ? 1 : 0] = value;
    put(tree, [first ?? "", second ?? ""], waits, origin);
    return;
  }
  put(tree, path, value, origin);
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i;

function obeyLoopback(settings: Settings): Settings {
  if (settings.server.private_mode || LOOPBACK.test(settings.server.host)) return settings;
  return { ...settings, server: { ...settings.server, private_mode: true } };
}

function noticesOn(settings: Settings): string[] {
  if (settings.server.private_mode || LOOPBACK.test(settings.server.host)) return [];
  return [
    `private_mode: false is not obeyed, because the server listens on ${settings.server.host}: every call needs a key. Listen on 127.0.0.1 to go without.`,
  ];
}
