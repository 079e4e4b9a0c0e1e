import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Snapshot } from "../../../../src/config/snapshot/snapshot.ts";
import { simulatedGpus } from "../../../../src/fleet/gpus/simulated.ts";
import { fleetFile } from "../../../../src/fleet/keeping/fleet-file.ts";
import type { Happening } from "../../../../src/telemetry/happenings.ts";
import { handTurned } from "../../../../src/vocabulary/clock.fixture.ts";
import type { Clock } from "../../../../src/vocabulary/clock.ts";
import { seeded } from "../../../../src/vocabulary/seeded.fixture.ts";
import type { Timer } from "../../../../src/vocabulary/timer.ts";
import { exampleSnapshot } from "../example.ts";
import { type SimulatedEngines, simulatedEngines } from "./engines.ts";
import { type Gateway, openGateway } from "./gateway.ts";
import { type Guest, receive, type Wish } from "./guests.ts";

/** A house in which a day passes in seconds. */
export interface HouseRequest {
  /** When it begins, by the clocks there: `2026-11-23T00:00`. */
  readonly from: string;
  /** Another than the example's. */
  readonly timeZone?: string;
  /** What is otherwise in the config than in `examples/day-and-night.yaml`. */
  readonly edit?: (text: string) => string;
}

/** What its days come to. */
export interface Figures {
  readonly answered: number;
  readonly refused: number;
  readonly cut: number;
  readonly starts: number;
  readonly stops: number;
  /** The longest that anybody who is not patient waited for an answer to begin. Milliseconds. */
  readonly longestWait: number;
}

const GIB = 2 ** 30;
/** The hands are turned by so much at once: as often as the fleet looks for what is due. Milliseconds. */
const STEP = 250;
/** What an answer of a promise leads to is done after so many turns of the queue at most. */
const TURNS = 12;
/** Steps on an engine's way up. */
const PASSING = ["creating", "loading", "warming", "queued"];
/** Answers take from so long to a minute more, most of them little. Milliseconds. */
const SHORTEST = 2000;
const SPREAD = 60_000;

/** Two GPUs, a gateway and its guests: all is the gateway's own but the engines, the GPUs and the time. */
export class House {
  readonly engines: SimulatedEngines;
  readonly guests: Guest[] = [];
  readonly happenings: (Happening & { readonly time: string; readonly elapsed: number })[] = [];
  /** What must never be. */
  readonly breaches: string[] = [];
  readonly random: () => number = seeded(2);
  readonly #request: Required<Pick<HouseRequest, "timeZone" | "edit">>;
  readonly #hands = handTurned();
  readonly #clock: Clock;
  readonly #gpus;
  readonly #folder = mkdtempSync(join(tmpdir(), "signalbox-day-"));
  #snapshot: Snapshot;
  #gateway: Gateway;
  /** Milliseconds by which the clock on the wall is ahead of the other. */
  #ahead: number;
  #streams: { readonly wish: () => Wish; readonly every: number; due: number }[] = [];

  constructor({ from, timeZone = "Europe/Moscow", edit = (text) => text }: HouseRequest) {
    this.#request = { timeZone, edit };
    this.#ahead = Temporal.PlainDateTime.from(from).toZonedDateTime(timeZone).epochMilliseconds;
    const { timer, clock } = this.#hands;
    this.#clock = { now: () => this.#ahead + clock.elapsed(), elapsed: clock.elapsed };
    this.#gpus = simulatedGpus(
      ["0", "1"].map((id) => ({ id, name: "RTX 4090", total: 24 * GIB })),
      this.#clock,
    );
    this.engines = simulatedEngines({ clock: this.#clock, timer, gpus: this.#gpus });
    this.engines.onEnd((baseUrl) => {
      for (const guest of this.guests) {
        if (guest.fate !== "served" || guest.baseUrl !== baseUrl) continue;
        guest.end("cut");
        this.#judge(guest);
      }
    });
    this.#snapshot = this.#read(edit);
    this.#gateway = this.#open();
  }

  /** Begins its first day. */
  static async open(request: HouseRequest): Promise<House> {
    const house = new House(request);
    await house.#begin();
    return house;
  }

  get fleet(): Gateway["fleet"] {
    return this.#gateway.fleet;
  }

  /** What else knows of engines; as it is now: a restart brings another. */
  get gateway(): Gateway {
    return this.#gateway;
  }

  /** What time it is there, and what happens later. */
  get ticking(): { readonly clock: Clock; readonly timer: Timer } {
    return { clock: this.#clock, timer: this.#hands.timer };
  }

  /** `ready`, `absent`: how each engine stands, in the config's order. */
  get states(): string {
    return this.fleet
      .engines()
      .map(({ spec, state }) => `${spec.name} ${state}`)
      .join(", ");
  }

  /** Lets so many milliseconds pass. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.#clock.elapsed() + milliseconds;
    while (this.#clock.elapsed() < end) {
      this.#hands.turnTo(Math.min(end, this.#clock.elapsed() + STEP));
      this.#comers();
      await settled();
      for (const { id, used, total } of this.#gpus.current()) if (used > total) this.breaches.push(`GPU ${id} holds ${used / GIB} GiB of ${total / GIB} GiB`);
    }
  }

  /** Until the clocks there show this: `2026-11-23T02:00`; of a time that comes twice the first. */
  until(time: string): Promise<void> {
    return this.pass(this.#till(time));
  }

  ask(wish: Wish): Guest {
    const guest = receive(wish, this.#gateway, {
      clock: this.#clock,
      after: (milliseconds, then) => void this.#hands.timer(milliseconds, then),
    });
    this.guests.push(guest);
    return guest;
  }

  /** From now on somebody asks this about every so often, with answers of any length. Gives what ends it. */
  stream(wish: Omit<Wish, "length">, every: number): () => void {
    const stream = { wish: () => ({ ...wish, length: SHORTEST + this.random() ** 2 * SPREAD }), every, due: this.#clock.elapsed() };
    this.#streams.push(stream);
    return () => {
      this.#streams = this.#streams.filter((each) => each !== stream);
    };
  }

  /** The gateway is killed and another one started: those who were being answered are lost with it. */
  async restart(): Promise<void> {
    this.#gateway.kill();
    for (const guest of this.guests) if (guest.fate === "waiting" || guest.fate === "served") guest.end("lost");
    this.#gateway = this.#open();
    await this.#begin();
  }

  /** The config is changed and read again. */
  async reload(edit: (text: string) => string): Promise<void> {
    this.#snapshot = this.#read((text) => edit(this.#request.edit(text)));
    this.fleet.configure();
    await settled();
  }

  /** Until then, but for all that would have happened meanwhile: for hours in which nothing does. */
  async leap(time: string): Promise<void> {
    this.setClock(this.#till(time));
    await this.pass(STEP);
  }

  /** The clock on the wall is set, as by NTP: so many milliseconds forward, or back. */
  setClock(by: number): void {
    this.#ahead += by;
  }

  /** All that happened, by the clocks there, and why; without what is only a step on an engine's way up. */
  get log(): string[] {
    return this.happenings
      .filter(({ to }) => to === undefined || !PASSING.includes(to))
      .map(({ time, engine, type, to, why }) => `${time} ${engine ?? type}${to === undefined ? "" : ` ${to}`}: ${why}`);
  }

  /** Milliseconds since 1970. */
  get now(): number {
    return this.#clock.now();
  }

  /** What the clocks there show now: `02:00:00`. */
  get time(): string {
    return this.#wall(this.#clock.now());
  }

  figures(): Figures {
    const count = (fate: Guest["fate"]) => this.guests.filter((guest) => guest.fate === fate).length;
    const calls = (what: string) => this.engines.calls.filter((call) => call.startsWith(what)).length;
    return {
      answered: count("answered"),
      refused: count("refused"),
      cut: count("cut"),
      starts: calls("start"),
      stops: calls("stop"),
      longestWait: this.guests.reduce((longest, { wish, begun = 0, asked }) => ((wish.priority ?? 0) < 0 ? longest : Math.max(longest, begun - asked)), 0),
    };
  }

  /** `02:00:05`: a moment in milliseconds since 1970, as the clocks there show it. */
  timeOf(moment: number | undefined): string | undefined {
    return moment === undefined ? undefined : this.#wall(moment);
  }

  close(): void {
    this.#gateway.kill();
    rmSync(this.#folder, { recursive: true });
  }

  #read(edit: (text: string) => string): Snapshot {
    return exampleSnapshot("day-and-night.yaml", (text) => edit(text).replace("Europe/Moscow", this.#request.timeZone));
  }

  #open(): Gateway {
    const { driver, health } = this.engines;
    const memory = fleetFile(join(this.#folder, "fleet.json"));
    const { timer } = this.#hands;
    return openGateway({ snapshot: () => this.#snapshot, driver, health, gpus: this.#gpus, memory, clock: this.#clock, timer, random: this.random });
  }

  async #begin(): Promise<void> {
    this.fleet.happenings.listen((happening) => this.happenings.push({ ...happening, time: this.#wall(happening.at), elapsed: this.#clock.elapsed() }));
    await this.fleet.open();
    await this.fleet.takeUp();
    await settled();
  }

  /** Nobody is cut off before its engine has drained for as long as it may. */
  #judge({ engine = "", fate }: Guest): void {
    const began = this.happenings.findLast((each) => each.engine === engine && each.to === "draining")?.elapsed;
    const drained = began === undefined ? 0 : this.#clock.elapsed() - began;
    const { drain, schedule } = this.#snapshot.settings.fleet;
    if (drained < Math.min(drain, schedule.drain)) this.breaches.push(`${this.time}: a guest at ${engine} was ${fate} after ${drained / 1000} s`);
  }

  #till(time: string): number {
    return Temporal.PlainDateTime.from(time).toZonedDateTime(this.#request.timeZone).epochMilliseconds - this.#clock.now();
  }

  #comers(): void {
    for (const stream of this.#streams)
      while (stream.due <= this.#clock.elapsed()) {
        stream.due += stream.every * 2 * this.random();
        this.ask(stream.wish());
      }
  }

  #wall(moment: number): string {
    return Temporal.Instant.fromEpochMilliseconds(Math.round(moment))
      .toZonedDateTimeISO(this.#request.timeZone)
      .toPlainTime()
      .toString({ smallestUnit: "second" });
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
}
