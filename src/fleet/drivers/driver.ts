import type { DriverName, EngineSpec } from "../../vocabulary/engine.ts";

/** One start of an engine: everything a driver needs to know to make it. */
export interface Launch {
  /** `signalbox-<install>-<engine>-<generation>`: unique, and a name it serves its model under. */
  readonly name: string;
  readonly install: string;
  /** Rises with every start. */
  readonly generation: number;
  readonly spec: EngineSpec;
  /** All its arguments: those of its kind, with what was learnt of it, and the config's own. Placeholders as in `EngineSpec.command`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The GPUs it may use, in order. */
  readonly gpus: readonly GpuHandle[];
}

/** A GPU as a driver asks for it. */
export interface GpuHandle {
  readonly id: string;
  /** As the vendor's tools name it; absent: its id is all there is. */
  readonly uuid?: string;
}

/** A start of an engine that a driver has found: ours by its labels, whoever made it. */
export interface FoundEngine {
  readonly name: string;
  readonly engine: string;
  readonly generation: number;
  /** `EngineSpec.hash` of what it was made from. */
  readonly hash: string;
  readonly gpus: readonly string[];
  readonly status: "created" | "running" | "exited";
  /** Where it is called, with its version path: `http://127.0.0.1:34511/v1`. While it runs. */
  readonly baseUrl?: string;
  /** The process on this machine, while it runs here: whose children use its GPUs. */
  readonly pid?: number;
  readonly exit?: Exit;
}

/** How an engine ended. */
export interface Exit {
  /** Absent: nobody knows, as it ended while nobody looked. */
  readonly code?: number;
  /** Killed for the machine's memory, not the GPU's. */
  readonly outOfMemory: boolean;
}

export type DriverEvent =
  | { readonly type: "exited"; readonly name: string; readonly exit: Exit }
  /** What runs engines cannot be reached: engines may go on all the same. */
  | { readonly type: "lost"; readonly why: string }
  | { readonly type: "back" };

/** What runs engines. Every method may be called again after a failure: what is so already is success. All reject with `DriverFailure`. */
export interface EngineDriver {
  readonly name: DriverName;
  /** Makes what will run, without running it. */
  create(launch: Launch): Promise<void>;
  /** Runs it; gives where it will be called once it listens, and its process where it is one of this machine's. */
  start(name: string): Promise<{ readonly baseUrl: string; readonly pid?: number }>;
  /** Asks it to end, makes it end after `grace` milliseconds, and resolves once it is gone. */
  stop(name: string, grace: number): Promise<void>;
  /** Takes away what is left of it. Never of one that runs: that one is stopped first. */
  remove(name: string): Promise<void>;
  /** All of this installation's, running or not; never another installation's. */
  list(): Promise<readonly FoundEngine[]>;
  /** The last of what it said: so many lines at most. Also of one that has exited, until it is removed. */
  logs(name: string, lines: number): Promise<string>;
  /** Told of exits as they happen, and of the driver's own troubles. Gives a function that ends it. */
  watch(listener: (event: DriverEvent) => void): () => void;
  /** Lets go of everything but the engines. */
  close(): Promise<void>;
}

/** Why a driver could not do it, as far as somebody could do something about it. */
export type DriverReason =
  /** The image is not there, and could not be pulled. */
  | "image-missing"
  /** Something of that name is there already, and it is not ours. */
  | "name-taken"
  | "port-taken"
  /** What runs engines cannot be reached. */
  | "driver-gone"
  /** It will never run as it is described: a wrong bind, an unknown device, no command. */
  | "refused"
  | "failed";

/** A driver's failure; its message says what was wrong and what to do, and holds no secret. */
export class DriverFailure extends Error {
  readonly reason: DriverReason;

  constructor(reason: DriverReason, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.name = "DriverFailure";
    this.reason = reason;
  }
}
