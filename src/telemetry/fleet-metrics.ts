import { Counter, Gauge, Histogram, type Registry } from "@prometheus-io/client";
import type { Happening, Happenings } from "./happenings.ts";
import { Tally } from "./tally.ts";

/** How an engine is when metrics are read. */
export interface EngineGauge {
  readonly engine: string;
  readonly state: string;
  /** Requests by how it stood when they came. */
  readonly arrivals: Readonly<Record<"warm" | "joined" | "cold", number>>;
}

/** How a GPU is when metrics are read. Bytes. */
export interface GpuGauge {
  readonly gpu: string;
  readonly memory: Readonly<Record<"total" | "used" | "granted" | "foreign" | "free", number>>;
  /** From 0 to 1; absent: it does not tell. */
  readonly utilisation?: number;
}

/** What is counted of engines and GPUs. */
export interface FleetReadings {
  /** All an engine can be in. */
  readonly states: readonly string[];
  engines(): Iterable<EngineGauge>;
  gpus(): Iterable<GpuGauge>;
  readonly happenings: Pick<Happenings, "listen">;
}

/** Seconds. From a process on this machine to a large model's first download. */
const STARTS = [1, 2, 5, 10, 20, 40, 60, 90, 120, 180, 300, 600, 1200, 3600];

/** Metrics of engines and GPUs: read when the metrics are, but for starts, which are counted as they happen. */
export function registerFleet({ states, engines, gpus, happenings }: FleetReadings, registers: Registry[]): void {
  new Gauge({
    name: "engine_state",
    help: "1 for the state the engine is in, 0 for the others.",
    labelNames: ["engine", "state"],
    registers,
    collect() {
      this.reset();
      for (const gauge of engines()) for (const state of states) this.set({ engine: gauge.engine, state }, gauge.state === state ? 1 : 0);
    },
  });
  new Counter({
    name: "engine_requests_total",
    help: "Requests that came to an engine while it was up (warm), on its way (joined) or neither (cold).",
    labelNames: ["engine", "start"],
    registers,
    collect() {
      this.reset();
      for (const { engine, arrivals } of engines()) for (const [start, count] of Object.entries(arrivals)) this.inc({ engine, start }, count);
    },
  });
  new Gauge({
    name: "gpu_memory_bytes",
    help: "Memory of a GPU: in all, used, granted to engines, used by others, and free.",
    labelNames: ["gpu", "kind"],
    registers,
    collect() {
      this.reset();
      for (const { gpu, memory } of gpus()) for (const [kind, bytes] of Object.entries(memory)) this.set({ gpu, kind }, bytes);
    },
  });
  new Gauge({
    name: "gpu_utilization",
    help: "How busy a GPU is, from 0 to 1, where it tells.",
    labelNames: ["gpu"],
    registers,
    collect() {
      this.reset();
      for (const { gpu, utilisation } of gpus()) if (utilisation !== undefined) this.set({ gpu }, utilisation);
    },
  });
  countStarts(happenings, registers);
}

function countStarts(happenings: Pick<Happenings, "listen">, registers: Registry[]): void {
  const starts = new Tally({
    name: "engine_starts_total",
    help: "Starts of engines: ok, failed, or called off before they were up.",
    labelNames: ["outcome", "engine"],
    registers,
  });
  const seconds = new Histogram({
    name: "engine_start_seconds",
    help: "From when the engine was wanted until it was ready, waiting for memory included.",
    labelNames: ["engine"],
    buckets: STARTS,
    registers,
  });
  const wanted = new Map<string, number>();
  happenings.listen((happening) => {
    const { engine, at } = happening;
    if (happening.type !== "engine" || engine === undefined) return;
    const since = wanted.get(engine);
    const stage = stageOf(happening);
    if (stage === "begins") wanted.set(engine, since ?? at);
    if (stage === "goes-on" || stage === "begins" || since === undefined) return;
    wanted.delete(engine);
    if (stage !== "over") starts.add(1, stage, engine);
    if (stage === "ok") seconds.observe({ engine }, (at - since) / 1000);
  });
}

/** What a change of an engine's state is for its start; `over`: nothing was begun. */
function stageOf({ from, to, alert }: Happening): "begins" | "goes-on" | "ok" | "failed" | "called_off" | "over" {
  switch (to) {
    case "queued":
    case "creating":
      return "begins";
    case "loading":
    case "warming":
      return "goes-on";
    case "ready":
      return "ok";
    default:
      if (alert) return "failed";
      return from === "queued" ? "over" : "called_off";
  }
}
