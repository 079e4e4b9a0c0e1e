import { type JsonObject, listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { startFakeEngine } from "../engine/engine.ts";
import { readCommandLine } from "../engine/options.ts";

/** What runs in a container. */
export interface Program {
  /** SIGTERM. */
  terminate(): void;
  /** SIGKILL. */
  kill(): void;
}

export interface Home {
  log(line: string): void;
  /** It has ended, by itself or as it was asked. */
  ended(code: number): void;
}

/** Runs what a container of a pod is to run. */
export type Run = (container: JsonObject, home: Home) => Program;

/** A program that says that it has begun, and waits for its end. */
export const sleeper: Run = (container, home) => {
  home.log(`${container["name"]} has begun`);
  return { terminate: () => home.ended(0), kill: () => home.ended(137) };
};

/** The same, and it does not want to end. */
export const stubborn: Run = (container, home) => ({ ...sleeper(container, home), terminate: () => {} });

/** The fake engine, in process, as the container's arguments and environment have it. */
export const fakeEngine: Run = (container, home) => {
  const environment = Object.fromEntries(
    listOf(container["env"])
      .map(objectOf)
      .map(({ name, value }) => [String(name), stringOf(value)]),
  );
  return startFakeEngine(readCommandLine(listOf(container["args"]).map(String), environment), home);
};
