import type { FleetSettings } from "../../config/schema/schema.ts";
import { simulatedEngine } from "../../demo/engine.ts";
import type { EngineDriver } from "../../fleet/drivers/driver.ts";
import { openSimulatedDriver } from "../../fleet/drivers/simulated/simulated-driver.ts";
import { type SimulatedGpus, simulatedGpus } from "../../fleet/gpus/simulated.ts";
import { startLoopback } from "../../http/loopback.ts";
import { systemTimer } from "../../vocabulary/timer.ts";

/** Degrees Celsius: of something that computes nothing. */
const COOL = 34;
const GIB = 2 ** 30;
/** Where the config leaves it to nvidia-smi. */
const TWO_GPUS = ["0", "1"].map((id) => ({ id, memory: 24 * GIB }));

/** The config's GPUs as if they were there. */
export function gpusInstead({ gpus }: Pick<FleetSettings, "gpus">): SimulatedGpus {
  const wanted = gpus === "auto" ? TWO_GPUS : gpus;
  const instead = simulatedGpus(wanted.map(({ id, memory }) => ({ id, name: "simulated", total: memory })));
  for (const { id } of wanted) instead.tell(id, { temperature: COOL });
  return instead;
}

/** Engines that answer as the demo's models do, each at a port of its own. */
export function enginesInstead(gpus: SimulatedGpus): EngineDriver {
  return openSimulatedDriver({
    gpus,
    serve: ({ name, spec }, loaded) => startLoopback(simulatedEngine({ names: [spec.model, name], task: spec.task, loaded })),
    timer: systemTimer,
  });
}
