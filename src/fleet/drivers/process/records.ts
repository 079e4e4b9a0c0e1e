import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { isObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { DriverFailure, type Exit } from "../driver.ts";

/** What is written down of one start, for the gateway after this one. */
export interface StartRecord {
  readonly install: string;
  readonly name: string;
  readonly engine: string;
  readonly generation: number;
  readonly hash: string;
  readonly gpus: readonly string[];
  /** The process it became; absent: it was never started. */
  readonly run?: Run;
  /** How it ended, where somebody saw it. */
  readonly exit?: Exit;
}

export interface Run {
  /** Also the id of its process group. */
  readonly pid: number;
  /** As `Processes.birthOf` tells. */
  readonly birth: string;
  readonly port: number;
}

/** The records of all starts, a folder each: its record, and what it said. */
export interface Records {
  folderOf(name: string): string;
  /** The first record of a start; as durable as any. */
  create(record: StartRecord): Promise<void>;
  /** In place of the one there is, and on the disk when it resolves; until then the one before stands. Rejects where there is none. */
  write(record: StartRecord): Promise<void>;
  /** `undefined`: there is none. */
  read(name: string): Promise<StartRecord | undefined>;
  all(): Promise<readonly StartRecord[]>;
  /** With everything that its start has left. */
  remove(name: string): Promise<void>;
}

const FILE = "start.json";

export function recordsIn(folder: string): Records {
  const folderOf = (name: string) => join(folder, name);
  const read = async (name: string) => {
    const file = join(folderOf(name), FILE);
    const text = await readFile(file, "utf8").catch(unlessMissing);
    return text === undefined ? undefined : readRecord(text, file);
  };
  const write = async (record: StartRecord) => {
    const into = folderOf(record.name);
    // Of its own: whoever else writes, this gateway or the next, both drafts are whole, and the later one stands.
    const draft = join(into, `${FILE}.${crypto.randomUUID()}`);
    const handle = await open(draft, "wx", 0o600);
    try {
      await handle.writeFile(`${JSON.stringify(record)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, join(into, FILE));
    await syncFolder(into);
  };
  return {
    folderOf,
    read,
    write,
    async create(record) {
      // What engines say is for this user only.
      await mkdir(folderOf(record.name), { recursive: true, mode: 0o700 });
      await write(record);
      await syncFolder(folder);
    },
    async all() {
      const names = (await readdir(folder).catch(unlessMissing)) ?? [];
      return (await Promise.all(names.map(read))).filter((record) => record !== undefined);
    },
    async remove(name) {
      await rm(folderOf(name), { recursive: true, force: true });
    },
  };
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}

function unlessMissing(error: unknown): undefined {
  const { code } = objectOf(error);
  if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
}

/** What was written whole is read whole: anything else is another's work, and if it were passed over its engine would run on unknown. */
function readRecord(text: string, file: string): StartRecord {
  const fields = objectOf(parseJson(text));
  const [install, name, engine, hash] = ["install", "name", "engine", "hash"].map((field) => stringOf(fields[field]));
  const generation = numberOf(fields["generation"]);
  if (install === undefined || name === undefined || engine === undefined || hash === undefined || generation === undefined) {
    throw new DriverFailure("failed", `${file} is not a record of an engine's start. End the engine it was for, if it runs, and remove its folder.`);
  }
  const gpus = listOf(fields["gpus"]).map(String);
  return { install, name, engine, generation, hash, gpus, run: readRun(fields["run"]), exit: readExit(fields["exit"]) };
}

function readRun(value: unknown): Run | undefined {
  const fields = objectOf(value);
  const [pid, birth, port] = [numberOf(fields["pid"]), stringOf(fields["birth"]), numberOf(fields["port"])];
  return pid === undefined || birth === undefined || port === undefined ? undefined : { pid, birth, port };
}

function readExit(value: unknown): Exit | undefined {
  return isObject(value) ? { code: numberOf(value["code"]), outOfMemory: value["outOfMemory"] === true } : undefined;
}
