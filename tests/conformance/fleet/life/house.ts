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
  /** Engines that run, as this machine has it; nobody is asked who started them. */
  running(install: string): Promise<readonly RunningEngine[]>;
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
  readonly engine: string;
  readonly generation: number;
  /** Where it is called, without a version path. */
  readonly url: string;
  /** Its process on this machine. */
  readonly pid?: number;
}

/** The engine and the generation a start is named after. */
export function readName(name: string, install: string): { readonly engine: string; readonly generation: number } | undefined {
  const prefix = `signalbox-${install}-`;
  const dash = name.lastIndexOf("-");
  if (!name.startsWith(prefix) || dash < prefix.length) return undefined;
  return { engine: name.slice(prefix.length, dash), generation: Number(name.slice(dash + 1)) };
}
