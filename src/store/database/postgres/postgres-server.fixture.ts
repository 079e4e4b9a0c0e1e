import { afterAll } from "bun:test";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePort } from "../../redis/redis-server.fixture.ts";

/** A PostgreSQL of a test's own. */
export interface PostgresServer {
  readonly port: number;
  /** The folder of its programs. */
  readonly programs: string;
  /** Of an empty database of its own, user and password included. */
  database(): string;
  /** Runs SQL in the database of this URL, as its owner, and gives what psql prints. */
  sql(url: string, text: string): string;
  /** Accepts connections, and answers nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Ends it in the middle of whatever it does; what was committed stays. */
  kill(): Promise<void>;
  /** Starts it again at the same port, over the same data. */
  restart(...flags: string[]): Promise<void>;
}

const POSTGRES_PASSWORD = "postgres-test-secret-7391";
/** What runs in a test needs no disk that keeps it through a loss of power. */
const QUICK = ["fsync=off", "full_page_writes=off", "max_wal_senders=0", "wal_level=minimal", "autovacuum=off"];

let shared: ReturnType<typeof startPostgres> | undefined;

/**
 * The server of all tests of a file that do it no harm: started with the first that asks. Each takes a `database()` of its own. Called while the
 * file's tests are being described, so that it ends with them.
 */
export function sharedPostgres(): () => Promise<PostgresServer> {
  afterAll(async () => {
    const running = await shared;
    shared = undefined;
    await running?.server.kill();
    running?.remove();
  });
  return async () => {
    shared ??= startPostgres();
    return (await shared).server;
  };
}

/** Runs the work with a server that is gone afterwards, to be stopped and paused at will; with a certificate it speaks TLS too. */
export async function withPostgresServer<Result>(work: (server: PostgresServer) => Promise<Result>, tls?: Tls): Promise<Result> {
  const { server, remove } = await startPostgres(tls);
  try {
    return await work(server);
  } finally {
    await server.kill();
    remove();
  }
}

/** PEM. */
interface Tls {
  readonly certificate: string;
  readonly key: string;
}

async function startPostgres(tls?: Tls): Promise<{ server: PostgresServer; remove(): void }> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-postgres-"));
  const password = join(folder, "password");
  writeFileSync(password, POSTGRES_PASSWORD);
  ownByPostgres(folder, password);
  const data = join(folder, "data");
  const made = asPostgres("initdb", ["-D", data, "-U", "signalbox", "-A", "scram-sha-256", `--pwfile=${password}`, "-E", "UTF8", "--locale=C.UTF-8", "-N"]);
  const initialised = spawnSync(made.program, made.words, { encoding: "utf8", cwd: folder });
  if (initialised.status !== 0) throw new Error(`initdb failed: ${initialised.error ?? initialised.stderr}`);
  if (tls) {
    const files = [join(data, "server.crt"), join(data, "server.key")] as const;
    writeFileSync(files[0], tls.certificate);
    writeFileSync(files[1], tls.key, { mode: 0o600 });
    ownByPostgres(...files);
  }
  const port = await freePort();
  let child = await start({ data, folder, port, flags: tls ? ["ssl=on"] : [] });
  const kill = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    for (const pid of processesOf(child)) signal(pid, "SIGCONT");
    child.kill("SIGQUIT");
    await gone;
  };
  let databases = 0;
  const urlOf = (name: string) => `postgres://signalbox:${POSTGRES_PASSWORD}@127.0.0.1:${port}/${name}`;
  const sql = (url: string, text: string) =>
    execFileSync(programOf("psql"), ["-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", text, url], { encoding: "utf8" }).trim();
  const server: PostgresServer = {
    port,
    programs: dirname(programOf("psql")),
    database() {
      const name = `test_${++databases}`;
      sql(urlOf("postgres"), `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    sql,
    pause: () => {
      for (const pid of processesOf(child)) signal(pid, "SIGSTOP");
    },
    resume: () => {
      for (const pid of processesOf(child)) signal(pid, "SIGCONT");
    },
    kill,
    async restart(...flags) {
      await kill();
      child = await start({ data, folder, port, flags });
    },
  };
  const remove = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  return { server, remove };
}

/** The server itself, and a process for each of its connections. */
function processesOf({ pid = 0 }: ChildProcess): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return [pid, ...(children === "" ? [] : children.split(" ").map(Number))];
}

/** A connection may end between being found and being told. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    return;
  }
}

function start({ data, folder, port, flags }: { data: string; folder: string; port: number; flags: string[] }): Promise<ChildProcess> {
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, ...QUICK, ...flags];
  const { program, words } = asPostgres("postgres", ["-D", data, ...settings.flatMap((setting) => ["-c", setting])]);
  const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"], cwd: folder });
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr.on("data", (bytes) => {
      if (said.length < 100_000) said += bytes;
      if (said.includes("ready to accept connections")) resolve(child);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`PostgreSQL did not start: ${said}`)));
  });
}

/** Runs as the user that Debian's package made where we are root, which PostgreSQL refuses to run as; it ends with this process, however that ends. */
export function asPostgres(name: string, words: string[]): { program: string; words: string[] } {
  const user = process.getuid?.() === 0 ? ["--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
  return { program: "setpriv", words: [...user, "--pdeathsig=KILL", programOf(name), ...words] };
}

export function ownByPostgres(...paths: string[]): void {
  if (process.getuid?.() !== 0) return;
  const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
  for (const path of paths) chownSync(path, id("-u"), id("-g"));
}

/** Debian keeps the programs of each version in a folder of their own; the newest is taken. */
function programOf(name: string): string {
  const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql").sort((one, other) => Number(other) - Number(one)) : [];
  const found = versions.map((version) => `/usr/lib/postgresql/${version}/bin/${name}`).find((path) => existsSync(path));
  return found ?? name;
}
