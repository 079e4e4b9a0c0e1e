import { join } from "node:path";

/** What a user starts. */
export const LAUNCHER = join(import.meta.dir, "..", "..", "bin", "signalbox");
