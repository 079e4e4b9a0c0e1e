import { mishapOf, type Seat } from "../../../../src/routing/routing.ts";
import { testPrompt } from "../../../../src/routing/standing.fixture.ts";
import type { Clock } from "../../../../src/vocabulary/clock.ts";
import type { Failure } from "../../../../src/vocabulary/failure.ts";
import type { Gateway } from "./gateway.ts";

/** What somebody asks of a model. */
export interface Wish {
  readonly model: string;
  /** So long its answer takes once it is begun. Milliseconds. */
  readonly length: number;
  /** Of its prompt. */
  readonly tokens?: number;
  /** Below 0 it is patient: a line of a batch. */
  readonly priority?: number;
}

/** Somebody who asked, and what became of it. Times are milliseconds since 1970. */
export interface Guest {
  readonly wish: Wish;
  readonly asked: number;
  /** Where it is answered: its engine, and that engine's address. */
  engine?: string;
  baseUrl?: string;
  /** When its answer began, and when it was over. */
  begun?: number;
  over?: number;
  fate: "waiting" | "served" | "answered" | "refused" | "cut" | "lost";
  failure?: Failure;
  /** What it is told while it waits. */
  outlook(): string;
  /** Ends it before its time. */
  end(fate: "cut" | "lost"): void;
}

/** What time it is for them, and what happens later. */
export interface GuestTime {
  readonly clock: Clock;
  /** Milliseconds. */
  after(wait: number, then: () => void): void;
}

/** What a gateway does for one request, but for the words: it is put in line, gets a seat, waits for its engine, and leaves when it is done. */
export function receive(wish: Wish, gateway: Gateway, time: GuestTime): Guest {
  const guest: Guest = { wish, asked: time.clock.now(), fate: "waiting", outlook: () => "", end: () => undefined };
  const settle = (fate: Guest["fate"], failure?: Failure) => {
    if (guest.fate !== "waiting" && guest.fate !== "served") return;
    guest.fate = fate;
    guest.failure = failure;
    guest.over = time.clock.now();
  };
  guest.end = (fate) => settle(fate);
  serve(guest, gateway, time, settle).catch((failure: Failure) => settle("refused", failure));
  return guest;
}

async function serve(guest: Guest, { fleet, routing, models }: Gateway, time: GuestTime, settle: (fate: Guest["fate"]) => void): Promise<void> {
  const { model: name, tokens = 100, length, priority = 0 } = guest.wish;
  const model = models().byName.get(name);
  if (model === undefined) throw new Error(`The example has no model ${name}.`);
  const ranking = routing.rank(model, { operation: "chat", dialect: "openai-chat", prompt: testPrompt({ tokens }) });
  const targets = [...ranking.targets, ...ranking.lower()];
  const others = targets.length === 0 ? ranking.instead(mishapOf(ranking.nobody)) : [];
  const all = [...targets, ...others];
  if (all.length === 0) throw ranking.nobody;
  let seat: Seat | undefined;
  for (const target of all) {
    const entered = routing.enter(target);
    if (typeof entered === "string") continue;
    seat = entered;
    break;
  }
  seat ??= await routing.wait(all, { priority, onCallOff: () => undefined });
  const { engine = "" } = seat.target.deployment;
  guest.engine = engine;
  try {
    const arrival = { priority, waitsForHours: ranking.waitsForHours, lastSign: time.clock.elapsed };
    guest.outlook = () => fleet.outlook(engine, arrival);
    const stay = await fleet.enter(engine, arrival, () => undefined);
    seat.begins();
    Object.assign(guest, { begun: time.clock.now(), baseUrl: stay.baseUrl, fate: "served" });
    const leave = () => {
      stay.leave();
      seat.leave();
    };
    guest.end = (fate) => {
      settle(fate);
      leave();
    };
    time.after(length, () => {
      if (guest.fate !== "served") return;
      settle("answered");
      seat.finished(undefined);
      leave();
    });
  } catch (failure) {
    seat.leave();
    throw failure;
  }
}
