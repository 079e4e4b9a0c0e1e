import type { Exit } from "../driver.ts";
import type { Pod } from "./objects/pod.ts";

/**
 * How a start of an engine has ended, by its pods as they were seen before and as they are now; `undefined`: it has not. The first end of any of them
 * is the engine's end, although Kubernetes starts a container or a pod in its place: what comes then has loaded nothing yet.
 */
export function endingOf(before: readonly Pod[], now: readonly Pod[]): Exit | undefined {
  const ended = now.find((pod) => pod.finished || pod.restarted || pod.termination !== undefined);
  if (ended !== undefined) return exitOf(ended);
  const there = new Set(now.map(({ uid }) => uid));
  // One that never ran may be made anew without anything having ended.
  const vanished = before.find(({ uid, running }) => running && !there.has(uid));
  return vanished === undefined ? undefined : exitOf(vanished);
}

function exitOf({ termination }: Pod): Exit {
  return { code: termination?.code, outOfMemory: termination?.outOfMemory ?? false };
}
