import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { testEngine } from "../../vocabulary/engine.fixture.ts";
import type { EngineSpec } from "../../vocabulary/engine.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Stay } from "../callers.ts";
import type { DriverReason } from "../drivers/driver.ts";
import { Supervisor } from "../supervisor.ts";
import type { Effect } from "./effect.ts";
import type { FleetEvent } from "./event.ts";
import type { FleetSettings } from "./facts.ts";
import { holdsMemory, isStarting } from "./phase.ts";
import type { Desired, FleetState } from "./state.ts";

export const GIB = 2 ** 30;

/** An engine of a test, on the first card. */
export function testCardEngine(name: string, more: Partial<EngineSpec> = {}): EngineSpec {
  return testEngine({ name, model: name, gpus: ["0"], vram: 10 * GIB, idleTimeout: 60_000, hash: `${name}-1`, ...more });
}

const SETTINGS: FleetSettings = { maxSwapWait: 20_000, minReady: 60_000, drainFor: 300_000, backoff: { first: 10_000, longest: 300_000 } };

/** How often GPUs are looked at while nothing happens. Milliseconds. */
const MEASURE = 5000;
/** One for all: an error costs its stack trace. */
const LEFT = new Failure("client-left", "left");

/** One that asked for an engine. */
export interface Asked {
  readonly engine: string;
  state: "waiting" | "active" | "refused" | "left" | "answered" | "cut";
  failure?: Failure;
  leave(): void;
  /** Nobody listens where it was sent to. */
  unreachable(): void;
}

/** How long the simulated driver takes, in milliseconds, and whether its next start goes well. */
export interface Habits {
  create: number;
  load: number;
  stop: number;
  /** Memory comes back so long after an engine is gone. */
  release: number;
  failing?: DriverReason | "exits" | "hangs";
  /** So many times stopping one does not work. */
  stuck: number;
}

interface Instance {
  readonly engine: string;
  readonly generation: number;
  readonly spec: EngineSpec;
  stopping: boolean;
}

/** A fleet in a simulated world: engines, memory and time are the test's own, all else is the real supervisor. Breaches of what always holds are noted. */
export class World {
  readonly time = handTurned();
  readonly habits: Habits = { create: 100, load: 5000, stop: 200, release: 100, stuck: 0 };
  readonly effects: Effect[] = [];
  readonly breaches: string[] = [];
  readonly asked: Asked[] = [];
  readonly supervisor: Supervisor;
  /** What somebody else holds, in bytes by GPU. */
  readonly foreign = new Map<string, number>();
  readonly #capacity: ReadonlyMap<string, number>;
  readonly #instances = new Set<Instance>();
  /** Memory of those that are gone and have not given it back. */
  readonly #ghosts = new Set<EngineSpec>();
  #specs: readonly EngineSpec[];
  #measuring = false;

  constructor(specs: readonly EngineSpec[], gpus: Readonly<Record<string, number>> = { 0: 24 * GIB }, settings: Partial<FleetSettings> = {}) {
    this.#specs = specs;
    this.#capacity = new Map(Object.entries(gpus));
    this.supervisor = new Supervisor({
      clock: this.time.clock,
      timer: this.time.timer,
      random: () => 0.5,
      settings: () => ({ ...SETTINGS, ...settings }),
      patience: () => 900_000,
      perform: (effect) => this.#perform(effect),
      changed: (_, after) => this.#check(after),
      opensFor: () => undefined,
    });
    this.tell({ type: "configured", specs, generations: new Map() });
    this.#measure();
    this.tell({ type: "adopted", runner: "process", engines: [] });
    this.supervisor.start(() => undefined);
    const measureAgain = () => {
      this.#measure();
      this.time.timer(MEASURE, measureAgain);
    };
    this.time.timer(MEASURE, measureAgain);
  }

  get now(): number {
    return this.time.clock.elapsed();
  }

  tell(event: FleetEvent): void {
    this.supervisor.tell(event);
  }

  /** Lets so many milliseconds pass. */
  async pass(milliseconds: number): Promise<void> {
    // In small steps: who is admitted hears of it in a promise.
    const end = this.now + milliseconds;
    while (this.now < end) {
      this.time.turnTo(Math.min(end, this.now + 250));
      await Promise.resolve();
      await Promise.resolve();
    }
  }

  /** `ready`, `absent`: how the engine stands. */
  phase(engine: string): string {
    return this.supervisor.state.engines.get(engine)?.phase.type ?? "gone";
  }

  /** All engines: `a=ready b=queued`. */
  get phases(): string {
    return [...this.supervisor.state.engines.keys()].map((name) => `${name}=${this.phase(name)}`).join(" ");
  }

  ask(engine: string, priority = 0): Asked {
    let end = (_: Failure) => {};
    const one: Asked = { engine, state: "waiting", leave: () => end(LEFT), unreachable: () => {} };
    this.asked.push(one);
    const entered = this.supervisor.enter(engine, { priority, lastSign: () => this.now }, (then) => {
      end = (reason) => {
        if (one.state === "waiting") one.state = "left";
        then(reason);
      };
    });
    const begin = (stay: Stay) => {
      if (one.state !== "waiting") return stay.leave();
      one.state = "active";
      one.unreachable = stay.unreachable;
      end = () => {
        if (one.state === "active") one.state = "answered";
        stay.leave();
      };
    };
    if (!(entered instanceof Promise)) begin(entered);
    else
      entered.then(begin, (failure) => {
        if (one.state !== "waiting") return;
        one.state = "refused";
        one.failure = failure;
      });
    return one;
  }

  want(desired: Partial<Desired>): void {
    this.tell({ type: "desired", desired: { toRun: new Set(), ...desired } });
  }

  configure(specs: readonly EngineSpec[]): void {
    this.#specs = specs;
    this.tell({ type: "configured", specs, generations: new Map() });
  }

  get specs(): readonly EngineSpec[] {
    return this.#specs;
  }

  /** Ends by itself. */
  crash(engine: string): void {
    const instance = [...this.#instances].find((each) => each.engine === engine);
    if (instance === undefined) return;
    this.#gone(instance);
    for (const one of this.asked) if (one.engine === engine && one.state === "active") this.#cut(one);
    this.tell({ type: "exited", engine, generation: instance.generation, exit: { code: 1, outOfMemory: false } });
  }

  /** Engines that run, stopping or not. */
  get running(): readonly string[] {
    return [...this.#instances].map(({ engine }) => engine);
  }

  #cut(one: Asked): void {
    one.leave();
    one.state = "cut";
  }

  #perform(effect: Effect): void {
    this.effects.push(effect);
    const { timer } = this.time;
    switch (effect.type) {
      case "measure":
        if (this.#measuring) return;
        this.#measuring = true;
        timer(300, () => {
          this.#measuring = false;
          this.#measure();
        });
        return;
      case "start":
        this.#start(effect.engine, effect.generation);
        return;
      case "stop":
        this.#stop(effect.engine, effect.generation);
        return;
      default:
        effect satisfies never;
    }
  }

  #start(engine: string, generation: number): void {
    const { timer } = this.time;
    const spec = this.supervisor.state.engines.get(engine)?.spec;
    if (spec === undefined) return;
    if (this.running.includes(engine)) this.breaches.push(`${engine} is started while it runs`);
    const { failing, create, load } = this.habits;
    this.habits.failing = undefined;
    if (failing !== undefined && failing !== "exits" && failing !== "hangs") {
      timer(create, () => this.tell({ type: "start-failed", engine, generation, reason: failing, message: failing }));
      return;
    }
    const instance: Instance = { engine, generation, spec, stopping: false };
    this.#instances.add(instance);
    const unless = (then: () => void) => () => void (this.#instances.has(instance) && !instance.stopping && then());
    timer(
      create,
      unless(() => this.tell({ type: "started", engine, generation, baseUrl: `http://${engine}` })),
    );
    if (failing === "hangs") return;
    if (failing === "exits")
      timer(
        create + load / 2,
        unless(() => this.crash(engine)),
      );
    else {
      timer(
        create + load,
        unless(() => this.tell({ type: "answers", engine, generation })),
      );
      timer(
        create + load + 100,
        unless(() => this.tell({ type: "warmed", engine, generation })),
      );
    }
  }

  #stop(engine: string, generation: number): void {
    const known = this.supervisor.state.engines.get(engine);
    const after = known?.phase.type === "stopping" ? known.phase.after.type : "";
    const { timer } = this.time;
    const instance = [...this.#instances].find((each) => each.engine === engine && each.generation === generation);
    if (instance === undefined) {
      timer(1, () => this.tell({ type: "stopped", engine, generation }));
      return;
    }
    for (const one of this.asked.filter((each) => each.engine === engine && each.state === "active")) {
      // Nobody is cut off but by a crash, or past the last deadline, which the tests who want that wait for themselves.
      if (after === "absent" && !this.mayCut) this.breaches.push(`a request at ${engine} was cut off`);
      this.#cut(one);
    }
    if (instance.stopping) return;
    if (this.habits.stuck-- > 0) {
      timer(10, () => this.tell({ type: "stop-failed", engine, generation, why: "it does not hear" }));
      return;
    }
    instance.stopping = true;
    timer(this.habits.stop, () => {
      this.#gone(instance);
      this.tell({ type: "stopped", engine, generation });
    });
  }

  /** Is a request allowed to be cut off by now? */
  mayCut = false;

  #gone(instance: Instance): void {
    if (!this.#instances.delete(instance)) return;
    this.#ghosts.add(instance.spec);
    this.time.timer(this.habits.release, () => this.#ghosts.delete(instance.spec));
  }

  #measure(): void {
    const gpus = [...this.#capacity].map(([id, capacity]) => {
      const ghosts = [...this.#ghosts].filter((spec) => spec.gpus.includes(id)).reduce((sum, { vram }) => sum + vram, 0);
      return { id, capacity, foreign: (this.foreign.get(id) ?? 0) + ghosts };
    });
    this.tell({ type: "measured", at: this.now, gpus });
  }

  /** What holds at every moment. */
  #check({ engines }: FleetState): void {
    for (const [gpu, capacity] of this.#capacity) {
      const there = [...engines.values()].filter(({ spec }) => spec.gpus.includes(gpu));
      const granted = there.filter(({ phase }) => holdsMemory(phase)).reduce((sum, { spec }) => sum + spec.vram, 0);
      if (granted > capacity) this.breaches.push(`GPU ${gpu}: ${granted / GIB} GiB of ${capacity / GIB} GiB are granted`);
      const starting = there.filter(({ phase }) => isStarting(phase)).map(({ spec }) => spec.name);
      if (starting.length > 1) this.breaches.push(`GPU ${gpu}: ${starting.join(" and ")} start at once`);
    }
  }
}
