import type { Clock } from "../../vocabulary/clock.ts";
import type { Timer } from "../../vocabulary/timer.ts";
import type { EngineState, FleetState } from "../core/state.ts";
import type { Crew } from "../crew.ts";
import type { Supervisor } from "../supervisor.ts";
import type { EngineHealth } from "./engine-health.ts";
import { watchEngine } from "./watcher.ts";

interface LookoutParts {
  readonly supervisor: Pick<Supervisor, "state" | "tell" | "callersOf">;
  readonly crew: Pick<Crew, "logs">;
  readonly health: EngineHealth;
  readonly nameOf: (engine: string, generation: number) => string;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly silence: () => number;
}

/** Has every engine looked at as its phase wants it. */
export function createLookout({ supervisor, crew, health, nameOf, clock, timer, silence }: LookoutParts): { look(state: FleetState): void; stop(): void } {
  const watches = new Map<string, { readonly key: string; stop(): void }>();
  const stop = (name: string) => {
    watches.get(name)?.stop();
    watches.delete(name);
  };
  const lookAt = ({ spec, phase, generation }: EngineState) => {
    const key = `${generation} ${phase.type}`;
    if (watches.get(spec.name)?.key === key) return;
    stop(spec.name);
    if (!("baseUrl" in phase)) return;
    const watching = watchEngine(phase.type, {
      place: { spec, name: nameOf(spec.name, generation), baseUrl: phase.baseUrl },
      generation,
      health,
      clock,
      timer,
      silence: silence(),
      async logs() {
        const engine = supervisor.state.engines.get(spec.name);
        return engine === undefined ? "" : crew.logs(engine);
      },
      lastSign: () => supervisor.callersOf(spec.name).lastSign,
      tell: (event) => supervisor.tell(event),
    });
    watches.set(spec.name, { key, stop: watching });
  };
  return {
    look({ engines }) {
      for (const engine of engines.values()) lookAt(engine);
      for (const name of watches.keys()) if (!engines.has(name)) stop(name);
    },
    stop() {
      for (const name of [...watches.keys()]) stop(name);
    },
  };
}
