import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";
import { type FleetMemory, rememberedIn, rememberedText } from "./fleet-memory.ts";

/** A memory in a file of a few lines, written whole and put in its place at once. */
export function fleetFile(path: string): FleetMemory {
  const text = textIn(path);
  let now = rememberedIn(text, stringOf(objectOf(parseJson(text))["install"]) ?? crypto.randomUUID().slice(0, 8));
  const write = () => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, `${rememberedText(now)}\n`);
    renameSync(`${path}.new`, path);
  };
  write();
  return {
    get now() {
      return now;
    },
    keep(changes) {
      now = { ...now, ...changes };
      write();
    },
    // Nobody else writes it.
    refresh: async () => undefined,
  };
}

function textIn(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
