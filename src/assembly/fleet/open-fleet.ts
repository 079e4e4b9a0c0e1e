import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Settings } from "../../config/schema/schema.ts";
import { createFleet, type Fleet, type FleetParts, type FleetPatience } from "../../fleet/fleet.ts";
import { configuredGpus, joinedGpus, measuredGpus } from "../../fleet/gpus/configured.ts";
import type { GpuSource } from "../../fleet/gpus/gpu.ts";
import { nvidiaSmi } from "../../fleet/gpus/nvidia/nvidia-smi.ts";
import { fleetFile } from "../../fleet/keeping/fleet-file.ts";
import type { FleetMemory } from "../../fleet/keeping/fleet-memory.ts";
import { sharedMemory } from "../../fleet/keeping/shared-memory.ts";
import { engineHealth } from "../../fleet/looking/engine-health.ts";
import { findShape } from "../../fleet/memory/shape/find-shape.ts";
import { modelFiles } from "../../fleet/memory/shape/model-files.ts";
import type { Log } from "../../telemetry/log.ts";
import type { UpstreamClient } from "../../upstream/client.ts";
import { systemClock } from "../../vocabulary/clock.ts";
import type { FleetDesk } from "../../vocabulary/fleet-role.ts";
import { systemTimer } from "../../vocabulary/timer.ts";
import { openDrivers } from "./drivers.ts";
import { engineSpecs } from "./engine-specs.ts";
import { schedules } from "./schedules.ts";
import { gpusInstead } from "./simulated-engines.ts";

/** What the fleet is opened with. */
export interface FleetRequest {
  readonly settings: () => Settings;
  readonly dataDir: string;
  /** What several gateways share, and its name; absent: there is but one gateway. */
  readonly shared: { readonly desk: FleetDesk; readonly name: string } | undefined;
  readonly upstream: UpstreamClient;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly log: Pick<Log, "info" | "warn">;
  /** Has the last word on what it is made of. */
  readonly change?: (parts: FleetParts) => FleetParts;
}

/** The longest wait after failures. Milliseconds. */
const LONGEST_BACKOFF = 300_000;

/** The engines of the config, as they are in force; absent: there are none. What ran before us is looked at once it is opened. */
export function openFleet({ settings, dataDir, shared, upstream, variables, log, change = (parts) => parts }: FleetRequest): Fleet | undefined {
  const { fleet: first } = settings();
  const specsOf = engineSpecs();
  const scheduleOf = schedules();
  if (Object.keys(first.engines).length === 0) return undefined;
  const memory = shared === undefined ? fleetFile(join(dataDir, "engines", "fleet.json")) : memoryOf(shared, log);
  const { install } = memory.now;
  const specs = () => specsOf(settings().fleet);
  const simulated = gpusInstead(first);
  const parts: FleetParts = {
    specs,
    settings: () => patienceOf(settings()),
    onExit: () => settings().fleet.on_exit,
    drivers: openDrivers({ settings: first, specs: specs(), install, dataDir, variables, simulated }),
    // Where engines are simulated, so are their GPUs.
    gpus: specs().some(({ driver }) => driver === "simulated") ? simulated : openGpus(settings()),
    health: engineHealth(upstream),
    schedule: () => scheduleOf(settings().fleet),
    environment: variables["HF_TOKEN"] === undefined ? {} : { HF_TOKEN: variables["HF_TOKEN"] },
    shapeOf: (model) => findShape(model, { files: modelFiles, hub: hubOf(variables) }),
    memory,
    clock: systemClock,
    timer: systemTimer,
    random: Math.random,
  };
  const fleet = createFleet(change(parts));
  fleet.happenings.listen(({ type, engine, generation, from, to, why, alert }) =>
    log[alert ? "warn" : "info"](`fleet: ${engine ?? type}${to === undefined ? "" : ` ${from} → ${to}`}`, { engine, generation, why }),
  );
  return fleet;
}

/** All gateways over one database have the same engines. */
function memoryOf({ desk, name }: NonNullable<FleetRequest["shared"]>, log: FleetRequest["log"]): FleetMemory {
  const install = createHash("sha256").update(name).digest("hex").slice(0, 8);
  return sharedMemory(desk, install, (error) => log.warn("what the fleet remembers could not be written", { error }));
}

function patienceOf({ fleet }: Settings): FleetPatience {
  return {
    maxSwapWait: fleet.max_swap_wait,
    minReady: fleet.min_ready,
    drainFor: fleet.drain,
    backoff: { first: fleet.backoff, longest: Math.max(fleet.backoff, LONGEST_BACKOFF) },
    maxWait: fleet.max_wait,
    silence: fleet.silence,
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
  const elsewhere = fleet.nodes.flatMap(({ name, gpus }) => gpus.map(({ id, memory }) => ({ id: `${name}/${id}`, memory })));
  if (Object.values(fleet.engines).every(({ gpus }) => gpus.every((id) => id.includes("/")))) return configuredGpus(elsewhere);
  const here = fleet.gpus === "auto" ? nvidiaSmi() : measuredGpus(fleet.gpus, nvidiaSmi());
  return elsewhere.length === 0 ? here : joinedGpus([here, configuredGpus(elsewhere)]);
}
