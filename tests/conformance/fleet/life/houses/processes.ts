import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LifeHouse, type RunningEngine, readName } from "../house.ts";
import { ADMIN_KEY } from "../scene.ts";
import { gatewayProcess } from "./gateway-process.ts";

const FAKE_ENGINE = join(import.meta.dir, "..", "..", "..", "..", "fakes", "engine", "main.ts");

/** Gateways and engines are processes of this machine. Linux only: who runs is read from /proc. */
export function processHouse(): LifeHouse {
  const record = (folder: string, name: string, about: object) => {
    const into = join(folder, "data", "engines", name);
    mkdirSync(into, { recursive: true });
    writeFileSync(join(into, "start.json"), `${JSON.stringify({ name, gpus: [], ...about })}\n`);
  };
  return {
    fleet: { driver: "process" },
    engine: { command: [process.execPath, FAKE_ENGINE] },
    unrunnable: { command: ["/nowhere/engine"] },
    unrunnableSays: /"\/nowhere\/engine", is not there: install it/,
    open: (folder) => gatewayProcess(folder, ADMIN_KEY),
    running: async (install) => runningProcesses(install),
    left: async (install) => runningProcesses(install).map(({ name }) => name),
    async kill({ pid = 0 }) {
      process.kill(pid, "SIGKILL");
    },
    async occupy(name, folder) {
      record(folder, name, { install: "somebody", engine: "else", generation: 1, hash: "theirs" });
    },
    async leaveCreated({ install, engine, generation }, folder) {
      record(folder, `signalbox-${install}-${engine}-${generation}`, { install, engine, generation, hash: "as it was" });
    },
    async close() {},
  };
}

/** Processes that carry an engine's mark, past the gate that holds them until they are written down. */
function runningProcesses(install: string): RunningEngine[] {
  return readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    const environment = wordsIn(`/proc/${pid}/environ`);
    const name = environment.find((entry) => entry.startsWith("SIGNALBOX_ENGINE="))?.slice("SIGNALBOX_ENGINE=".length);
    const known = name === undefined ? undefined : readName(name, install);
    const words = known === undefined ? [] : wordsIn(`/proc/${pid}/cmdline`);
    if (name === undefined || known === undefined || words[0] !== process.execPath) return [];
    return [{ name, ...known, url: `http://127.0.0.1:${words[words.indexOf("--port") + 1]}`, pid: Number(pid) }];
  });
}

function wordsIn(file: string): string[] {
  try {
    return readFileSync(file, "utf8").split("\0");
  } catch {
    return [];
  }
}
