import type { DriverEvent, Exit } from "../driver.ts";
import { isAlive, type RunningStart } from "./ending.ts";
import { boundLog } from "./log-file.ts";
import type { Processes } from "./processes.ts";
import type { Records } from "./records.ts";

/** How often it is looked at engines that are not our children, and at logs. Milliseconds. */
const LOOK = 500;

/** How a child of ours ended, by itself or not. */
interface ChildEnd {
  readonly code: number;
  readonly killed: boolean;
}

/** A start that runs, as far as we know. */
interface Known {
  readonly start: RunningStart;
  /** Another gateway started it: nobody tells us of its end, and we look. */
  readonly adopted: boolean;
  readonly ended: Promise<Exit>;
  end(exit: Exit): void;
  /** We are ending it. */
  stopping: boolean;
  /** How many the kernel had ended for memory at the last two looks: one that has just ended may be among the last already. */
  forMemory: readonly [before: number, last: number];
}

/** What runs, whoever started it; each end is told once. */
export class Runs {
  /** Ports that engines were given. */
  readonly ports = new Set<number>();
  private readonly known = new Map<string, Known>();
  private readonly exits = new Map<string, Exit>();
  /** Until an end is written down. */
  private readonly writing = new Map<string, Promise<void>>();
  private readonly listeners = new Set<(event: DriverEvent) => void>();
  private timer: ReturnType<typeof setInterval> | undefined;
  private looking = false;
  private readonly processes: Processes;
  private readonly records: Records;

  constructor(processes: Processes, records: Records) {
    this.processes = processes;
    this.records = records;
  }

  /** A child of ours runs. */
  async begin(start: RunningStart, ended: Promise<ChildEnd>): Promise<void> {
    this.exits.delete(start.name);
    const known = this.know(start, false);
    const count = await this.processes.endedForMemory();
    known.forMemory = [count, count];
    void ended.then(async ({ code, killed }) => {
      const outOfMemory = killed && !known.stopping && (await this.processes.endedForMemory()) > known.forMemory[0];
      this.end(known, { code, outOfMemory });
    });
  }

  /** One that another gateway started, found running. */
  adopt(start: RunningStart): void {
    // One whose end we have seen was read of before that.
    if (!this.known.has(start.name) && !this.exits.has(start.name)) this.know(start, true);
  }

  /** It is about to be ended by us, and whatever kills it was not for want of memory. */
  stopping(name: string): void {
    const known = this.known.get(name);
    if (known !== undefined) known.stopping = true;
  }

  /** Resolves once the end of one that is gone has been told and written down, with how it ended. */
  async gone(name: string): Promise<Exit> {
    const known = this.known.get(name);
    if (known?.adopted) this.end(known, { outOfMemory: false });
    const exit = (await known?.ended) ?? this.exits.get(name) ?? { outOfMemory: false };
    await this.writing.get(name);
    return exit;
  }

  forget(name: string): void {
    this.exits.delete(name);
  }

  watch(listener: (event: DriverEvent) => void): () => void {
    // Of its own, so that one who watches twice is told twice.
    const own = (event: DriverEvent) => listener(event);
    this.listeners.add(own);
    if (this.timer === undefined) {
      this.timer = setInterval(() => void this.look(), LOOK);
      this.timer.unref();
      void this.look();
    }
    return () => {
      this.listeners.delete(own);
      if (this.listeners.size === 0) this.rest();
    };
  }

  /** Nobody is told of anything any more, and nothing is written. */
  close(): void {
    this.listeners.clear();
    this.known.clear();
    this.rest();
  }

  private rest(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private know(start: RunningStart, adopted: boolean): Known {
    const { promise: ended, resolve: end } = Promise.withResolvers<Exit>();
    const known: Known = { start, adopted, ended, end, stopping: false, forMemory: [0, 0] };
    this.known.set(start.name, known);
    this.ports.add(start.run.port);
    return known;
  }

  private end(known: Known, exit: Exit): void {
    const { name, run } = known.start;
    known.end(exit);
    // Told already, or closed.
    if (this.known.get(name) !== known) return;
    this.known.delete(name);
    this.ports.delete(run.port);
    this.exits.set(name, exit);
    // For the gateway after this one: without it, it would know of the end and not how.
    const written = this.records.write({ ...known.start, exit }).catch(() => {});
    this.writing.set(
      name,
      written.finally(() => this.writing.delete(name)),
    );
    for (const tell of this.listeners) tell({ type: "exited", name, exit });
  }

  private async look(): Promise<void> {
    if (this.looking || this.known.size === 0) return;
    this.looking = true;
    const forMemory = await this.processes.endedForMemory();
    for (const known of [...this.known.values()]) {
      known.forMemory = [known.forMemory[1], forMemory];
      if (known.adopted && !(await isAlive(known.start, this.processes))) this.end(known, { outOfMemory: false });
      else await boundLog(this.records.folderOf(known.start.name)).catch(() => {});
    }
    this.looking = false;
  }
}
