import { setTimeout as pause } from "node:timers/promises";
import { DriverFailure } from "../driver.ts";

/** Milliseconds between looks at what somebody else makes or takes away, and for how long they are repeated. */
const LOOK = 50;
const PATIENCE = 60_000;

/** Looks again and again until it is so. Rejects with "failed" and that sentence when it never is. */
export async function patiently(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let looks = 0; looks < PATIENCE / LOOK; looks++) {
    if (await isSo()) return;
    await pause(LOOK);
  }
  throw new DriverFailure("failed", otherwise);
}
