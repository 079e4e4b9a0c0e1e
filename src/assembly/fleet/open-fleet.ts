import { join } from "node:path";
import type { Settings } from "../../config/schema/schema.ts";
import { createFleet, type Fleet, type FleetPatience } from "../../fleet/fleet.ts";
import { configuredGpus, measuredGpus } from "../../fleet/gpus/configured.ts";
import type { GpuSource } from "../../fleet/gpus/gpu.ts";
import { nvidiaSmi } from "../../fleet/gpus/nvidia/nvidia-smi.ts";
import { fleetFile } from "../../fleet/keeping/fleet-file.ts";
import { engineHealth } from "../../fleet/looking/engine-health.ts";
import { findShape } from "../../fleet/memory/shape/find-shape.ts";
import { modelFiles } from "../../fleet/memory/shape/model-files.ts";
import type { Log } from "../../telemetry/log.ts";
import type { UpstreamClient } from "../../upstream/client.ts";
import { systemClock } from "../../vocabulary/clock.ts";
import { systemTimer } from "../../vocabulary/timer.ts";
import { openDrivers } from "./drivers.ts";
import { engineSpecs } from "./engine-specs.ts";
import { schedules } from "./schedules.ts";

/** What the fleet is opened with. */
interface FleetRequest {
  readonly settings: () => Settings;
  readonly dataDir: string;
  readonly upstream: UpstreamClient;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly log: Pick<Log, "info" | "warn">;
}

/** The longest wait after failures. Milliseconds. */
const LONGEST_BACKOFF = 300_000;

/** The engines of the config, as they are in force; absent: there are none. What ran before us is looked at once it is opened. */
export function openFleet({ settings, dataDir, upstream, variables, log }: FleetRequest): Fleet | undefined {
  const { fleet: first } = settings();
  const specsOf = engineSpecs();
  const scheduleOf = schedules();
  if (Object.keys(first.engines).length === 0) return undefined;
  const memory = fleetFile(join(dataDir, "engines", "fleet.json"));
  const { install } = memory.now;
  const specs = () => specsOf(settings().fleet);
  const fleet = createFleet({
    specs,
    settings: () => patienceOf(settings()),
    onExit: () => settings().fleet.on_exit,
    drivers: openDrivers({ settings: first, specs: specs(), install, dataDir, variables }),
    gpus: openGpus(settings()),
    health: engineHealth(upstream),
    schedule: () => scheduleOf(settings().fleet),
    shapeOf: (model) => findShape(model, { files: modelFiles, hub: hubOf(variables) }),
    memory,
    clock: systemClock,
    timer: systemTimer,
    random: Math.random,
  });
  fleet.happenings.listen(({ type, engine, generation, from, to, why, alert }) =>
    log[alert ? "warn" : "info"](`fleet: ${engine ?? type}${to === undefined ? "" : ` ${from} → ${to}`}`, { engine, generation, why }),
  );
  return fleet;
}

/** How long things may take, as the config has it. */
export function patienceOf({ fleet }: Settings): FleetPatience {
  return {
    maxSwapWait: fleet.max_swap_wait,
    minReady: fleet.min_ready,
    drainFor: fleet.drain,
    backoff: { first: fleet.backoff, longest: Math.max(fleet.backoff, LONGEST_BACKOFF) },
    maxWait: fleet.max_wait,
    silence: fleet.silence,
    window: { drainFor: fleet.schedule.drain, lead: fleet.schedule.lead },
  };
}

/** Where Hugging Face's tools keep models on this machine. */
function hubOf({ HF_HUB_CACHE, HF_HOME, HOME }: Readonly<Record<string, string | undefined>>): string | undefined {
  if (HF_HUB_CACHE !== undefined) return HF_HUB_CACHE;
  if (HF_HOME !== undefined) return join(HF_HOME, "hub");
  return HOME === undefined ? undefined : join(HOME, ".cache", "huggingface", "hub");
}

/** As nvidia-smi tells, or as the config says; nobody is asked where no engine wants any. */
function openGpus({ fleet }: Settings): GpuSource {
  if (Object.values(fleet.engines).every(({ gpus }) => gpus.length === 0)) return configuredGpus([]);
  return fleet.gpus === "auto" ? nvidiaSmi() : measuredGpus(fleet.gpus, nvidiaSmi());
}
