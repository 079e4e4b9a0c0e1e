import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Json, listOf, objectOf, parseJson, stringOf } from "../../src/vocabulary/json.ts";
import { until } from "./until.ts";

/** A Docker Engine of a test's own, beside any others of this machine. */
export interface DockerEngine {
  /** `unix://…`. */
  readonly host: string;
  /** An image of the fake engine; it needs the binds, since it holds nothing itself. */
  readonly image: string;
  /** The runtime, its libraries, the usual commands and the fake engine: this machine's, read-only. */
  readonly binds: readonly string[];
  /** Puts a call to it, for what the driver has no business with. */
  ask(method: string, path: string, body?: Json): Promise<{ readonly status: number; readonly body: Json | undefined; readonly text: string }>;
  /** Ends it without a word; containers may go on. */
  kill(): Promise<void>;
  /** Starts it again, with these flags added to its own. */
  start(...flags: string[]): Promise<void>;
  /** Ends it and whatever runs in it, and leaves nothing behind. */
  remove(): Promise<void>;
}

const IMAGE = "signalbox-fake-engine:1";
/** Runs the fake engine in a container that has the binds. */
export const FAKE_ENGINE_COMMAND = ["/srv/bun", "/srv/engine/main.ts"];
const FAKE_ENGINE = join(import.meta.dir, "..", "fakes", "engine");
/** May administer the system and its networks, as root outside of a container may. */
const NEEDED_CAPABILITIES = (1n << 21n) | (1n << 12n);

/** Why no Docker Engine can be started here, in words that end a test's name; `undefined`: one can. */
export function whyNoDocker(): string | undefined {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(existsSync("/proc/self/status") ? readFileSync("/proc/self/status", "utf8") : "")?.[1];
  if (capabilities === undefined) return "not run: this is not Linux";
  if ((BigInt(`0x${capabilities}`) & NEEDED_CAPABILITIES) !== NEEDED_CAPABILITIES) return "not run: only a full root can start a Docker Engine";
  const missing = ["dockerd", "ip", "tar"].filter((program) => Bun.which(program) === null);
  return missing.length === 0 ? undefined : `not run: ${missing.join(" and ")} not installed`;
}

/**
 * Starts a Docker Engine that shares nothing with others of this machine: its bridge is its own, it touches no firewall, and publishes ports by
 * its own proxy, so only at addresses of this machine.
 */
export async function startDockerEngine(...flags: string[]): Promise<DockerEngine> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-docker-"));
  const at = (name: string) => join(folder, name);
  const socketPath = at("docker.sock");
  const bridge = makeBridge();
  let daemon: ChildProcess | undefined;

  const ask: DockerEngine["ask"] = (method, path, body) => send({ socketPath, method, path, body: body === undefined ? undefined : JSON.stringify(body) });

  async function start(...more: string[]): Promise<void> {
    const places = ["--data-root", at("data"), "--exec-root", at("exec"), "--pidfile", at("pid"), "--host", `unix://${socketPath}`];
    const network = [`--bridge=${bridge.name}`, "--iptables=false", "--ip-masq=false", "--ip-forward=false", `--default-address-pool=${bridge.pool}`];
    const log = openSync(at("log"), "a");
    const child = spawn("dockerd", ["--storage-driver=vfs", ...places, ...network, ...flags, ...more], { stdio: ["ignore", log, log] });
    daemon = child;
    await until("a Docker Engine", async () => {
      if (child.exitCode !== null) throw new Error(`dockerd did not start: ${readFileSync(at("log"), "utf8").slice(-2000)}`);
      return ask("GET", "/_ping").then(
        ({ status }) => status === 200,
        () => false,
      );
    });
  }

  const runs = () => daemon !== undefined && daemon.exitCode === null && daemon.signalCode === null;

  async function end(): Promise<void> {
    if (!runs()) return;
    const gone = new Promise((resolve) => daemon?.once("exit", resolve));
    daemon?.kill("SIGKILL");
    await gone;
    // It dies with the daemon, a little later. A daemon that finds its number before somebody has noticed its death waits for it in vain.
    const keeper = at("exec/containerd/containerd.pid");
    await until("its keeper of containers to end", () => !existsSync(keeper) || hasEnded(readFileSync(keeper, "utf8").trim()));
    rmSync(keeper, { force: true });
  }

  async function clear(): Promise<void> {
    const idsOf = async (path: string) => listOf((await ask("GET", path)).body).map((one) => stringOf(objectOf(one)["Id"]));
    for (const id of await idsOf("/containers/json?all=true")) await ask("DELETE", `/containers/${id}?force=true&v=true`);
    for (const id of await idsOf('/networks?filters={"type":["custom"]}')) await ask("DELETE", `/networks/${id}`);
  }

  async function remove(): Promise<void> {
    if (!runs()) await start();
    await clear();
    // Nothing runs any more; asked to end, it takes a second for it.
    await end();
    bridge.remove();
    // It leaves its folder mounted upon itself.
    for (const mount of mountsIn(folder)) spawnSync("umount", ["--lazy", mount]);
    rmSync(folder, { recursive: true, force: true });
  }

  await start();
  await importImage(socketPath);
  return {
    host: `unix://${socketPath}`,
    image: IMAGE,
    binds: ["/usr:/usr:ro", `${process.execPath}:/srv/bun:ro`, `${FAKE_ENGINE}:/srv/engine:ro`],
    ask,
    kill: end,
    start,
    remove,
  };
}

/** Whether a process is gone, or as good as gone. */
function hasEnded(pid: string): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return true;
  }
}

/** Where something is mounted in a folder, the innermost first. */
function mountsIn(folder: string): string[] {
  const places = readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" ")[1] ?? "");
  return places.filter((place) => place.startsWith(`${folder}/`)).toReversed();
}

/** The root of an image as a tar. Folders are all it needs: copying a runtime for each container would take longer than all tests. */
export function emptyRoot(): Uint8Array {
  const root = mkdtempSync(join(tmpdir(), "signalbox-root-"));
  try {
    for (const folder of ["usr", "tmp", "etc", "proc", "dev", "sys", "srv"]) mkdirSync(join(root, folder));
    for (const folder of ["bin", "lib", "lib64"]) symlinkSync(`usr/${folder}`, join(root, folder));
    return spawnSync("tar", ["-C", root, "-c", "."]).stdout;
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function importImage(socketPath: string): Promise<void> {
  const [repo = "", tag = ""] = IMAGE.split(":");
  const query = new URLSearchParams({ fromSrc: "-", repo, tag, changes: `ENTRYPOINT ${JSON.stringify(FAKE_ENGINE_COMMAND)}` });
  const { status, body } = await send({ socketPath, method: "POST", path: `/images/create?${query}`, body: emptyRoot() });
  if (status !== 200) throw new Error(`The image could not be imported: ${JSON.stringify(body)}`);
}

/** A bridge in a network that nobody on this machine uses, with room for networks beside it. */
function makeBridge(): { readonly name: string; readonly pool: string; remove(): void } {
  for (let tries = 0; tries < 50; tries++) {
    const number = 128 + Math.floor(Math.random() * 128);
    const name = `signalbox-${number}`;
    // Two that draw the same number: only one of them can add it.
    if (spawnSync("ip", ["link", "add", name, "type", "bridge"]).status !== 0) continue;
    spawnSync("ip", ["address", "add", `10.${number}.0.1/24`, "dev", name]);
    spawnSync("ip", ["link", "set", name, "up"]);
    return { name, pool: `base=10.${number}.128.0/17,size=24`, remove: () => void spawnSync("ip", ["link", "delete", name]) };
  }
  throw new Error("No bridge could be made for a Docker Engine.");
}

interface Sent {
  readonly socketPath: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string | Uint8Array;
}

function send({ socketPath, method, path, body }: Sent): Promise<{ status: number; body: Json | undefined; text: string }> {
  const headers = { host: "docker", "content-type": typeof body === "string" ? "application/json" : "application/x-tar" };
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, method, path, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (piece: string) => {
        text += piece;
      });
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, body: parseJson(text), text }));
      answer.on("error", reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}
