import type { Usage } from "../../vocabulary/usage.ts";
import type { Visit } from "../visit/visit.ts";

/**
 * The usage with the time that it took of GPUs of ours, where an engine on such has served: from when it was put to the engine until now, times
 * the engine's GPUs. The work of a GPU that answers several at once is not divided: who asks has had it for so long. `whole`: the answer is, and the
 * time is over.
 */
export function withGpuTime(usage: Usage, visit: Visit, whole: boolean): Usage {
  const { served, engineSince } = visit;
  const gpus = served?.deployment.gpus ?? 0;
  if (gpus === 0 || engineSince === undefined) return usage;
  const taken = visit.gpuMilliseconds ?? Math.ceil((visit.elapsed() - engineSince) * gpus);
  if (whole) visit.gpuMilliseconds = taken;
  return { ...usage, gpuMilliseconds: taken };
}
