import { DriverFailure, type EngineDriver, type FoundEngine, type Launch } from "../driver.ts";
import { commandOf, HOST, refuseUnrunnable } from "./command.ts";
import { endGroup, isAlive, type RunningStart } from "./ending.ts";
import { launchProcess } from "./launching.ts";
import { lastLines } from "./log-file.ts";
import { ENGINE_PORTS, type PortRange, takePort } from "./ports.ts";
import { type Processes, processesOf } from "./processes.ts";
import { type Run, recordsIn, type StartRecord } from "./records.ts";
import { Runs } from "./runs.ts";
import { Turns } from "./turns.ts";

export interface ProcessDriverOptions {
  /** Where records and logs are kept, a folder for each start: `engines` in the data folder. */
  readonly folder: string;
  readonly install: string;
  /** The gateway's own, of which engines get what programs need. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly ports?: PortRange;
  readonly processes?: Processes;
}

/**
 * Engines as processes of this machine, each in a group of its own. They outlive the gateway, even one that is killed: what was started is
 * written down before it runs, and the next gateway finds it there. What a launch runs is known to the driver that created it: any other can
 * stop and remove it, not start it.
 */
export function openProcessDriver({
  folder,
  install,
  environment,
  ports = ENGINE_PORTS,
  processes = processesOf(process.platform),
}: ProcessDriverOptions): EngineDriver {
  const records = recordsIn(folder);
  const runs = new Runs(processes, records);
  const turns = new Turns();
  /** What was created here. */
  const launches = new Map<string, Launch>();

  const ownRecord = async (name: string) => {
    const record = await records.read(name);
    return record?.install === install ? record : undefined;
  };
  /** The record of one that is there, or a failure that says that it is not. */
  const present = async (name: string) => {
    const record = await ownRecord(name);
    if (record === undefined) throw new DriverFailure("failed", `There is no engine's start called ${name}. Create it first.`);
    return record;
  };
  const running = async (record: StartRecord): Promise<RunningStart | undefined> => {
    const { run } = record;
    if (run === undefined) return undefined;
    const start = { ...record, run };
    return (await isAlive(start, processes)) ? start : undefined;
  };

  const found = async (record: StartRecord): Promise<FoundEngine> => {
    const { name, engine, generation, hash, gpus, run } = record;
    const labels = { name, engine, generation, hash, gpus };
    if (run === undefined) return { ...labels, status: "created" };
    const start = await running(record);
    if (start === undefined) return { ...labels, status: "exited", exit: record.exit ?? (await runs.gone(name)) };
    runs.adopt(start);
    return { ...labels, status: "running", ...reachedAt(run) };
  };

  const list = async () => {
    const own = (await records.all()).filter((record) => record.install === install);
    return await Promise.all(own.map(found));
  };

  const create = async (launch: Launch) => {
    const { name, generation, spec, gpus } = launch;
    await refuseUnrunnable(launch, environment);
    const there = await records.read(name);
    if (there === undefined) {
      await records.create({ install, name, engine: spec.name, generation, hash: spec.hash, gpus: gpus.map(({ id }) => id) });
    } else if (there.install !== install || there.hash !== spec.hash) {
      throw new DriverFailure("name-taken", `${name} is there already, and was not made of this: see ${records.folderOf(name)}.`);
    }
    launches.set(name, launch);
  };

  const start = async (name: string) => {
    const record = await present(name);
    const there = await running(record);
    if (there !== undefined) return reachedAt(there.run);
    const launch = launches.get(name);
    if (launch === undefined) throw new DriverFailure("failed", `${name} was created by a gateway that is gone. Remove it, and create it anew.`);
    await runs.gone(name);
    const port = await takePort(ports, runs.ports);
    try {
      const { start, ended } = await launchProcess(record, commandOf(launch, port, environment), { records, processes });
      await runs.begin(start, ended);
      return reachedAt(start.run);
    } catch (error) {
      runs.ports.delete(port);
      throw error;
    }
  };

  const stop = async (name: string, grace: number) => {
    const record = await ownRecord(name);
    if (record?.run === undefined) return;
    const start = await running(record);
    if (start !== undefined) runs.adopt(start);
    runs.stopping(name);
    await endGroup({ ...record, run: record.run }, grace, processes);
    await runs.gone(name);
  };

  const remove = async (name: string) => {
    const record = await ownRecord(name);
    if (record === undefined) return;
    if ((await running(record)) !== undefined) throw new DriverFailure("failed", `${name} runs. Stop it before it is removed.`);
    // Its first process has ended: what it left behind has nobody to ask it to.
    await stop(name, 0);
    await records.remove(name);
    runs.forget(name);
    launches.delete(name);
  };

  return {
    name: "process",
    create: (launch) => told(turns.take(launch.name, () => create(launch))),
    start: (name) => told(turns.take(name, () => start(name))),
    stop: (name, grace) => told(turns.take(name, () => stop(name, grace))),
    remove: (name) => told(turns.take(name, () => remove(name))),
    list: () => told(list()),
    logs: (name, lines) => told(present(name).then(() => lastLines(records.folderOf(name), lines))),
    watch: (listener) => {
      // Those of a gateway before us are looked at from now on.
      void list().catch(() => {});
      return runs.watch(listener);
    },
    close: async () => runs.close(),
  };
}

function reachedAt({ pid, port }: Run): { readonly baseUrl: string; readonly pid: number } {
  return { baseUrl: `http://${HOST}:${port}/v1`, pid };
}

/** Whatever went wrong, as the contract has it. */
async function told<T>(work: Promise<T>): Promise<T> {
  return await work.catch((error: unknown) => {
    if (error instanceof DriverFailure) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new DriverFailure("failed", `The machine did not do what the process driver asked of it: ${why}`, { cause: error });
  });
}
