import type { Clock } from "../vocabulary/clock.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Timer } from "../vocabulary/timer.ts";
import { Callers, type Guest, type Stay } from "./callers.ts";
import { decide } from "./core/decide.ts";
import type { Effect } from "./core/effect.ts";
import type { FleetEvent } from "./core/event.ts";
import { type Facts, type FleetSettings, UNUSED } from "./core/facts.ts";
import { isStarting } from "./core/phase.ts";
import { EMPTY_FLEET, type EngineState, type FleetState } from "./core/state.ts";
import { refusalOf } from "./refusal.ts";

/** What a supervisor works with. */
export interface SupervisorParts {
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: () => number;
  readonly settings: () => FleetSettings;
  /** The longest a request waits for an engine. Milliseconds. */
  readonly patience: () => number;
  perform(effect: Effect): void;
  /** Told after each change, of what was before. */
  changed(before: FleetState, after: FleetState): void;
  opensFor(engine: string): number | undefined;
}

/** How often what is due is looked for. Milliseconds. */
const TICK = 250;

/**
 * The one owner of the fleet's state. Whatever happens comes here as an event, one after the other; `decide` says what follows; what is to be
 * done in the world is handed on, and what comes of it returns as events. Nothing here waits for anything.
 */
export class Supervisor {
  readonly #parts: SupervisorParts;
  readonly #callers = new Map<string, Callers>();
  readonly #events: FleetEvent[] = [];
  #state: FleetState = EMPTY_FLEET;
  #deciding = false;
  #stopTicking = () => {};

  constructor(parts: SupervisorParts) {
    this.#parts = parts;
  }

  get state(): FleetState {
    return this.#state;
  }

  /** Begins to look for what is due, every time after `first` was called. */
  start(first: () => void): void {
    const next = () => {
      this.#stopTicking = this.#parts.timer(TICK, () => {
        first();
        this.#refuseTheOldest();
        this.tell({ type: "tick" });
        next();
      });
    };
    next();
  }

  stop(): void {
    this.#stopTicking();
  }

  /** Something happened. What it leads to has been decided when this returns, unless it is told from within a decision. */
  tell(event: FleetEvent): void {
    this.#events.push(event);
    if (this.#deciding) return;
    this.#deciding = true;
    try {
      for (let next = this.#events.shift(); next !== undefined; next = this.#events.shift()) this.#decide(next);
    } finally {
      this.#deciding = false;
    }
  }

  /** A stay at the engine: at once when it is up, else once it is. Rejects with a failure that says why it will not be. */
  enter(name: string, guest: Guest, onCallOff: (end: (reason: Failure) => void) => void): Stay | Promise<Stay> {
    const engine = this.#state.engines.get(name);
    if (engine === undefined) return Promise.reject(new Failure("engine-failed", `There is no engine ${name} in the config any more.`));
    const callers = this.callersOf(name);
    if (engine.phase.type === "ready") {
      callers.arrivals.warm++;
      return callers.enter(guest, { baseUrl: engine.phase.baseUrl, generation: engine.generation });
    }
    const refusal = this.#refusalOf(engine);
    if (refusal !== undefined) return Promise.reject(refusal);
    const { phase } = engine;
    const comesUp = callers.use.waiting > 0 || phase.type === "queued" || phase.type === "suspect" || isStarting(phase);
    callers.arrivals[comesUp ? "joined" : "cold"]++;
    return new Promise((resolve, reject) => {
      const end = callers.wait({ guest, admit: resolve, refuse: reject });
      onCallOff((reason) => {
        end();
        reject(reason);
      });
      this.tell({ type: "used" });
    });
  }

  /** What somebody who waits is told: where the engine stands, and how many come before. */
  outlook(name: string, guest: Guest): string {
    const phase = this.#state.engines.get(name)?.phase;
    const ahead = this.#callers.get(name)?.ahead(guest) ?? 0;
    const where = phase === undefined ? "gone" : phase.type === "queued" && phase.short !== "" ? `queued: ${phase.short}` : phase.type;
    return `waiting for ${name} (${where})${ahead === 0 ? "" : `, ${ahead} before you`}`;
  }

  callersOf(name: string): Callers {
    let callers = this.#callers.get(name);
    if (callers === undefined) {
      callers = new Callers(this.#parts.clock, {
        left: () => {
          if (this.#state.engines.get(name)?.phase.type === "draining") this.tell({ type: "used" });
        },
        // Where nobody listens there may be nobody any more: most often that is seen before it is told.
        unreachable: (generation) => this.tell({ type: "suspected", engine: name, generation, why: "nobody listens where it is called" }),
      });
      this.#callers.set(name, callers);
    }
    return callers;
  }

  #decide(event: FleetEvent): void {
    const before = this.#state;
    const { state, effects } = decide(before, event, this.#facts());
    this.#state = state;
    for (const [name, engine] of state.engines) this.#seeToCallers(name, engine);
    if (state !== before) this.#parts.changed(before, state);
    for (const effect of effects) this.#parts.perform(effect);
  }

  /** Those who wait come in, or are told why they will not. */
  #seeToCallers(name: string, engine: EngineState): void {
    const callers = this.#callers.get(name);
    if (callers === undefined || callers.use.waiting === 0) return;
    if (engine.phase.type === "ready") {
      callers.admit({ baseUrl: engine.phase.baseUrl, generation: engine.generation });
      return;
    }
    const refusal = this.#refusalOf(engine);
    if (refusal !== undefined) callers.refuse(refusal);
  }

  #refuseTheOldest(): void {
    const { clock, patience } = this.#parts;
    const longest = patience();
    for (const [name, callers] of this.#callers) {
      if (callers.use.waiting === 0) continue;
      const late = new Failure("engine-starting", `The engine ${name} was not up within ${Math.round(longest / 1000)} s. Ask again in a moment.`, {
        retryAfter: 10,
      });
      callers.refuse(late, clock.elapsed() - longest);
    }
  }

  #refusalOf(engine: EngineState): Failure | undefined {
    const { clock, opensFor } = this.#parts;
    return refusalOf(engine, { state: this.#state, now: clock.elapsed(), today: clock.now(), opensFor });
  }

  #facts(): Facts {
    const { clock, random, settings } = this.#parts;
    return { now: clock.elapsed(), random, settings: settings(), use: (name) => this.#callers.get(name)?.use ?? UNUSED };
  }
}
