import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Frame } from "./frames.ts";
import { framesOf, segmentsIn } from "./segments.ts";

/** The journal of a process that did not end as it should have. */
export interface Leftover {
  /** Who it was. */
  readonly holder: string;
  /** What it had written, oldest first. Throws `StoreTrouble` when it is damaged. */
  read(): Frame[];
  remove(): void;
}

/** The folder of all journals. */
export function journalsIn(dataDir: string): string {
  return join(dataDir, "journals");
}

/** The folder of a process' own journal, in the folder of all. */
export function journalFolder(journals: string, holder: string): string {
  return join(journals, holder);
}

/** The journals that are there before a new one is begun: each process has its own, and removes it when it ends. */
export function leftovers(journals: string): Leftover[] {
  mkdirSync(journals, { recursive: true, mode: 0o700 });
  return readdirSync(journals)
    .sort()
    .map((holder) => {
      const folder = journalFolder(journals, holder);
      return { holder, read: () => framesOf(segmentsIn(folder)), remove: () => rmSync(folder, { recursive: true, force: true }) };
    });
}
