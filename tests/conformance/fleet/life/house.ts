import type { JsonObject } from "../../../../src/vocabulary/json.ts";

/** Where whole gateways run engines, for one run of the suite. */
export interface LifeHouse {
  /** Of `fleet` in the config, and of each of its engines: what makes the fake engine run here. */
  readonly fleet: JsonObject;
  readonly engine: JsonObject;
  /** The same for an engine that can never run, and what its users are to be told. */
  readonly unrunnable: JsonObject;
  readonly unrunnableSays: RegExp;
  /** Starts a gateway over the folder, whose config is `signalbox.yaml`. Rejects with what it says when it does not start. */
  open(folder: string): Promise<LifeGateway>;
  /** All engines that run here, as the machine has it: nobody is asked who started them. */
  running(): Promise<readonly RunningEngine[]>;
  /** What is left of an installation's engines, running or not. */
  left(install: string): Promise<readonly string[]>;
  /** `kill -9`. */
  kill(engine: RunningEngine): Promise<void>;
  /** Somebody else has something of that name. */
  occupy(name: string, folder: string): Promise<void>;
  /** A gateway made this start and was killed before it started it. */
  leaveCreated(start: { readonly install: string; readonly engine: string; readonly generation: number }, folder: string): Promise<void>;
  /** What was asked of the driver to be made, where something keeps that. */
  creations?(install: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export interface LifeGateway {
  readonly url: string;
  /** As an operator stops it: SIGTERM. */
  end(): Promise<void>;
  /** `kill -9`. */
  kill(): Promise<void>;
}

/** An engine that runs. */
export interface RunningEngine {
  /** `signalbox-<install>-<engine>-<generation>`. */
  readonly name: string;
  readonly install: string;
  readonly engine: string;
  readonly generation: number;
  /** Where it is called, without a version path. */
  readonly url: string;
  /** Its process on this machine. */
  readonly pid?: number;
}

/** What a start is named after; `undefined`: this is no start's name. */
export function readName(name: string): Pick<RunningEngine, "install" | "engine" | "generation"> | undefined {
  const [, install, engine, generation] = /^signalbox-([0-9a-f]{8})-(.+)-(\d+)$/.exec(name) ?? [];
  return install === undefined || engine === undefined ? undefined : { install, engine, generation: Number(generation) };
}
