import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BOOK, KINDS } from "../../../src/assembly/installation.ts";
import { loadConfig } from "../../../src/config/file/load.ts";
import { initialSnapshot, type Snapshot } from "../../../src/config/snapshot/snapshot.ts";
import { configuredMachine, configuredSchedule } from "../../../src/fleet/schedule/configured.ts";
import type { Machine } from "../../../src/fleet/schedule/residents.ts";
import type { Schedule } from "../../../src/fleet/schedule/schedule.ts";

/** What the examples want of the environment. */
const VARIABLES = { WEBUI_API_KEY: "sb-a-key-for-open-webui", N8N_API_KEY: "sb-a-key-for-n8n" };

/** A config below `examples/` as the gateway would have it; `edit` changes its text first. Throws `ConfigError`. */
export function exampleSnapshot(example: string, edit = (text: string) => text): Snapshot {
  const file = join(import.meta.dir, "..", "..", "..", "examples", example);
  const readFile = (path: string) => edit(readFileSync(path, "utf8"));
  return initialSnapshot(loadConfig({ file, variables: VARIABLES, kinds: KINDS, readFile }), BOOK).snapshot;
}

/** The calendar and the machine of a config below `examples/`. */
export function fleetOf(example: string): { readonly schedule: Schedule; readonly machine: Machine } {
  const { fleet } = exampleSnapshot(example).settings;
  return { schedule: configuredSchedule(fleet), machine: configuredMachine(fleet) };
}
