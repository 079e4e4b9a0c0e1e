import { setTimeout as pause } from "node:timers/promises";
import { objectOf } from "../../../vocabulary/json.ts";
import { DriverFailure } from "../driver.ts";
import { MARK } from "./command.ts";
import type { Processes } from "./processes.ts";
import type { Run, StartRecord } from "./records.ts";

/** How often it is looked whether it is gone. Milliseconds. */
const LOOK = 25;
/** So long the kernel may take over what was killed. Milliseconds. */
const PATIENCE = 10_000;

/** A start that became a process. */
export type RunningStart = StartRecord & { readonly run: Run };

/**
 * Asks a start's process group to end, makes it end after `grace` milliseconds, and resolves once none of it is left, children's children
 * included. Rejects with `failed` when the kernel does not end them.
 */
export async function endGroup(start: RunningStart, grace: number, processes: Processes): Promise<void> {
  await signal(start, "SIGTERM", processes);
  if (await isGoneWithin(start, grace, processes)) return;
  await signal(start, "SIGKILL", processes);
  if (await isGoneWithin(start, PATIENCE, processes)) return;
  const { name, run } = start;
  throw new DriverFailure(
    "failed",
    `${name} (process group ${run.pid}) was killed and is still there. See what it waits for: "ps -o pid,stat,wchan -g ${run.pid}".`,
  );
}

/** Whether the first of its processes runs. */
export async function isAlive({ run }: RunningStart, processes: Processes): Promise<boolean> {
  return (await processes.birthOf(run.pid)) === run.birth;
}

/** Whether anything of it is left: while its first process runs the group's id cannot be another's, after that its processes must carry its mark. */
async function isLeft(start: RunningStart, processes: Processes): Promise<boolean> {
  if (await isAlive(start, processes)) return true;
  const group = await processes.groupOf(start.run.pid);
  const ours = await Promise.all(group.map((pid) => processes.carries(pid, `${MARK}=${start.name}`)));
  return ours.includes(true);
}

async function signal(start: RunningStart, name: "SIGTERM" | "SIGKILL", processes: Processes): Promise<void> {
  if (!(await isLeft(start, processes))) return;
  try {
    process.kill(-start.run.pid, name);
  } catch (error) {
    if (objectOf(error)["code"] !== "ESRCH") throw error;
  }
}

async function isGoneWithin(start: RunningStart, milliseconds: number, processes: Processes): Promise<boolean> {
  const until = performance.now() + milliseconds;
  while (await isLeft(start, processes)) {
    if (performance.now() >= until) return false;
    await pause(LOOK);
  }
  return true;
}
