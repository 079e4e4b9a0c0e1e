import type { EngineSpec } from "../vocabulary/engine.ts";
import type { Timer } from "../vocabulary/timer.ts";
import { sorted } from "./adoption.ts";
import type { Effect } from "./core/effect.ts";
import type { FleetEvent, Verdict } from "./core/event.ts";
import { holdsMemory } from "./core/phase.ts";
import type { EngineState, FleetState } from "./core/state.ts";
import { type DriverEvent, DriverFailure, type EngineDriver, type Exit, type FoundEngine, type Launch } from "./drivers/driver.ts";

/** What engines are run with. */
export interface CrewParts {
  readonly drivers: ReadonlyMap<string, EngineDriver>;
  readonly state: () => FleetState;
  readonly tell: (event: FleetEvent) => void;
  /** The name of this start of the engine, whoever made it. */
  readonly nameOf: (engine: string, generation: number) => string;
  readonly launch: (spec: EngineSpec, generation: number) => Launch;
  /** What its last words and its exit say of its end. */
  readonly judge: (engine: EngineState, logs: string, exit: Exit) => Verdict;
  readonly measure: () => void;
  readonly timer: Timer;
}

/** A driver, and what it is known as: one of several of a kind runs engines on another machine. */
interface Running {
  readonly runner: string;
  readonly driver: EngineDriver;
}

/** So long an engine may take to end by itself once nobody is at it; one that nobody knows of, when we start. Milliseconds. */
const GRACE = 10_000;
const GRACE_OF_ORPHANS = 2000;
/** Lines of its last words that are looked at, and kept. */
const LAST_WORDS = 200;
/** The waits between two looks at a driver that cannot be reached. Milliseconds. */
const SHORTEST_WAIT = 200;
const LONGEST_WAIT = 5000;

/** Does what the supervisor decides, through the drivers: one thing after the other for each engine. What comes of it is told as events. */
export class Crew {
  readonly #parts: CrewParts;
  readonly #work = new Map<string, Promise<void>>();
  readonly #words = new Map<string, string>();
  /** Main processes by engine, where they run on this machine. */
  readonly #processes = new Map<string, number>();
  readonly #watches: (() => void)[] = [];
  #over = false;

  constructor(parts: CrewParts) {
    this.#parts = parts;
  }

  get processes(): ReadonlyMap<string, number> {
    return this.#processes;
  }

  /** What ran before us is looked at, adopted or taken away; then what happens to engines is listened to. Resolves when every driver that can be reached is done. */
  async open(): Promise<void> {
    await Promise.all([...this.#parts.drivers].map(([runner, driver]) => this.#takeOver({ runner, driver }, SHORTEST_WAIT)));
  }

  /** Another looks after the engines from now on: nothing of them is listened to any more. */
  letGo(): void {
    for (const stop of this.#watches.splice(0)) stop();
    this.#processes.clear();
  }

  perform(effect: Effect): void {
    switch (effect.type) {
      case "start":
        this.#inTurn(effect.engine, () => this.#start(effect.engine, effect.generation));
        return;
      case "stop":
        this.#inTurn(effect.engine, () => this.#stop(effect.engine, effect.generation));
        return;
      case "measure":
        this.#parts.measure();
        return;
      default:
        effect satisfies never;
    }
  }

  /** The last words of an engine: as it says them, or as it said them before it was taken away. */
  async logs(engine: EngineState, lines = LAST_WORDS): Promise<string> {
    const driver = this.#parts.drivers.get(engine.spec.runner);
    const kept = this.#words.get(engine.spec.name) ?? "";
    if (driver === undefined || !holdsMemory(engine.phase)) return lastLines(kept, lines);
    return driver.logs(this.#parts.nameOf(engine.spec.name, engine.generation), lines).catch(() => lastLines(kept, lines));
  }

  /** Once everything that was begun is done, or after `patience` milliseconds: a pull may take an hour. */
  async idle(patience: number): Promise<void> {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const stop = this.#parts.timer(patience, resolve);
    await Promise.race([Promise.all(this.#work.values()), late]);
    stop();
  }

  async close(): Promise<void> {
    this.#over = true;
    this.letGo();
    await Promise.all([...this.#parts.drivers.values()].map((driver) => driver.close()));
  }

  #inTurn(engine: string, work: () => Promise<void>): void {
    const done = (this.#work.get(engine) ?? Promise.resolve()).then(work);
    this.#work.set(engine, done);
  }

  /** The engine, as long as this start of it is wanted. */
  #toStart(engine: string, generation: number): EngineState | undefined {
    const known = this.#parts.state().engines.get(engine);
    return known?.generation === generation && known.phase.type === "creating" ? known : undefined;
  }

  async #start(engine: string, generation: number): Promise<void> {
    const { tell, launch } = this.#parts;
    const known = this.#toStart(engine, generation);
    // It was called off while its turn had not come.
    if (known === undefined) return;
    const driver = this.#parts.drivers.get(known.spec.runner);
    try {
      if (driver === undefined)
        throw new DriverFailure("refused", `The driver ${known.spec.runner} of the engine ${engine} is not in force. Restart Signalbox.`);
      const wanted = launch(known.spec, generation);
      await driver.create(wanted);
      // Or while its image was pulled.
      if (this.#toStart(engine, generation) === undefined) return;
      const { baseUrl, pid } = await driver.start(wanted.name);
      if (pid !== undefined) this.#processes.set(engine, pid);
      tell({ type: "started", engine, generation, baseUrl });
    } catch (error) {
      const { reason, message } = failureOf(error);
      tell({ type: "start-failed", engine, generation, reason, message });
    }
  }

  async #stop(engine: string, generation: number): Promise<void> {
    const { tell, nameOf } = this.#parts;
    const known = this.#parts.state().engines.get(engine);
    const driver = known && this.#parts.drivers.get(known.spec.runner);
    if (known === undefined || driver === undefined || known.generation !== generation || known.phase.type !== "stopping" || known.phase.gone !== undefined)
      return;
    const name = nameOf(engine, generation);
    try {
      await driver.stop(name, GRACE);
      this.#words.set(engine, await driver.logs(name, LAST_WORDS).catch(() => ""));
      await driver.remove(name);
      this.#processes.delete(engine);
      tell({ type: "stopped", engine, generation });
    } catch (error) {
      tell({ type: "stop-failed", engine, generation, why: failureOf(error).message });
    }
  }

  /** A driver that cannot be reached is asked again and again; meanwhile the others go on. */
  async #takeOver(running: Running, wait: number): Promise<void> {
    const { runner, driver } = running;
    let found: readonly FoundEngine[];
    try {
      found = await driver.list();
    } catch (error) {
      this.#parts.tell({ type: "driver", runner, lost: failureOf(error).message });
      if (!this.#over) this.#watches.push(this.#parts.timer(wait, () => void this.#takeOver(running, Math.min(LONGEST_WAIT, wait * 2))));
      return;
    }
    await this.#settle(running, found);
    this.#watches.push(driver.watch((event) => void this.#hear(running, event)));
  }

  async #settle({ runner, driver }: Running, found: readonly FoundEngine[]): Promise<void> {
    const { tell, state, nameOf } = this.#parts;
    const { adopt, dispose } = sorted(found, state());
    for (const { engine, pid, name } of found)
      if (pid !== undefined && adopt.some((one) => nameOf(one.engine, one.generation) === name)) this.#processes.set(engine, pid);
    await Promise.all(dispose.map((one) => this.#dispose(driver, one)));
    tell({ type: "adopted", runner, engines: adopt });
  }

  async #dispose(driver: EngineDriver, { name }: FoundEngine): Promise<void> {
    try {
      await driver.stop(name, GRACE_OF_ORPHANS);
      await driver.remove(name);
    } catch {
      // It is looked at again when its driver is back, and at the next start.
    }
  }

  async #hear(running: Running, event: DriverEvent): Promise<void> {
    const { tell } = this.#parts;
    switch (event.type) {
      case "exited":
        await this.#exited(event.name, event.exit);
        return;
      case "lost":
        tell({ type: "driver", runner: running.runner, lost: event.why });
        return;
      case "back":
        await this.#reconcile(running);
        return;
      default:
        event satisfies never;
    }
  }

  async #exited(name: string, exit: Exit): Promise<void> {
    const { state, nameOf, judge, tell } = this.#parts;
    for (const [engine, known] of state().engines) {
      const { generation, phase } = known;
      if (nameOf(engine, generation) !== name) continue;
      this.#processes.delete(engine);
      if (phase.type === "stopping") return;
      const words = await this.logs(known);
      this.#words.set(engine, words);
      tell({ type: "exited", engine, generation, exit, verdict: judge(known, words, exit) });
      return;
    }
  }

  /** What was missed while the driver could not be reached. */
  async #reconcile(whole: Running): Promise<void> {
    const { state, tell, nameOf } = this.#parts;
    const { runner, driver } = whole;
    const found = await driver.list().catch(() => undefined);
    if (found === undefined) return;
    if (state().drivers.get(runner)?.settled !== true) {
      await this.#settle(whole, found);
      return;
    }
    const ours = new Map([...state().engines].map(([engine, { generation }]) => [nameOf(engine, generation), engine]));
    for (const one of found) if (!ours.has(one.name)) await this.#dispose(driver, one);
    tell({ type: "driver", runner });
    const running = new Set(found.filter(({ status }) => status === "running").map(({ name }) => name));
    for (const [name, engine] of ours) {
      const known = state().engines.get(engine);
      if (known === undefined || known.spec.runner !== runner || running.has(name) || !isUp(known)) continue;
      await this.#exited(name, found.find((one) => one.name === name)?.exit ?? { outOfMemory: false });
    }
  }
}

/** Does it run, as far as we know? */
function isUp({ phase }: EngineState): boolean {
  return holdsMemory(phase) && phase.type !== "creating" && phase.type !== "stopping";
}

function failureOf(error: unknown): DriverFailure {
  return error instanceof DriverFailure ? error : new DriverFailure("failed", error instanceof Error ? error.message : String(error), { cause: error });
}

function lastLines(text: string, lines: number): string {
  return text.split("\n").slice(-lines).join("\n");
}
