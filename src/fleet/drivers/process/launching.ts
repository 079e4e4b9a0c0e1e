import type { Command } from "./command.ts";
import type { RunningStart } from "./ending.ts";
import { type HeldProcess, holdAtGate } from "./gate.ts";
import { openLog } from "./log-file.ts";
import type { Processes } from "./processes.ts";
import type { Records, StartRecord } from "./records.ts";

/** Where what runs is written down and looked up. */
export interface Books {
  readonly records: Records;
  readonly processes: Processes;
}

/** Runs a command for a start, which is on the disk with its process before the command is run. */
export async function launchProcess(
  record: StartRecord,
  { words, environment, port }: Command,
  { records, processes }: Books,
): Promise<{ readonly start: RunningStart; readonly ended: HeldProcess["ended"] }> {
  const log = openLog(records.folderOf(record.name));
  const held = await holdAtGate({ command: words, environment, output: log.output }).finally(log.close);
  try {
    const birth = await processes.birthOf(held.pid);
    if (birth === undefined) throw new Error(`the process of ${record.name} ended before it began`);
    const start = { ...record, exit: undefined, run: { pid: held.pid, birth, port } };
    await records.write(start);
    held.go();
    return { start, ended: held.ended };
  } catch (error) {
    held.abandon();
    throw error;
  }
}
