import { bankFor } from "../store/ledger/bank.ts";
import type { MoneyDesk } from "../store/ledger/money-desk.ts";
import { handTurned } from "../vocabulary/clock.fixture.ts";
import type { Failure } from "../vocabulary/failure.ts";
import type { Nano } from "../vocabulary/money.ts";
import type { Hold, Spent } from "./hold.ts";
import { type Ledger, type LedgerSettings, openLedger, type Reservation } from "./ledger.ts";
import { recovered } from "./recovery.ts";

export interface TestGateway {
  readonly ledger: Ledger;
  readonly hands: ReturnType<typeof handTurned>;
  /** What its journal holds. */
  readonly lines: readonly string[];
  breakJournal(): void;
  /** It is killed: what it knew is gone. What it wrote is entered by whoever comes after it. */
  crash(): Promise<void>;
}

let gateways = 0;

interface GatewayOptions extends Partial<LedgerSettings> {
  readonly shared?: boolean;
  /** So many milliseconds too early its timers call. */
  readonly early?: number;
}

/** A gateway over these books, with a journal in memory and a clock of its own. */
export function gatewayOver(desk: MoneyDesk, { shared = false, early = 0, ...settings }: GatewayOptions = {}): TestGateway {
  const holder = `gateway ${++gateways}`;
  const lines: string[] = [];
  const hands = handTurned({ early });
  const bank = bankFor({ desk, holder, shared, now: () => hands.clock.now() });
  let alive = true;
  let trouble: string | undefined;
  // Of a process that is gone nothing reaches the books any more.
  const whileAlive =
    <Arguments extends unknown[], Result>(work: (...given: Arguments) => Promise<Result>) =>
    (...given: Arguments): Promise<Result> =>
      alive ? work(...given) : Promise.reject(new Error("killed"));
  const ledger = openLedger({
    bank: {
      shared,
      lend: whileAlive(bank.lend),
      giveBack: whileAlive(bank.giveBack),
      post: whileAlive(bank.post),
      beat: whileAlive(bank.beat),
      leave: whileAlive(bank.leave),
    },
    lines: { append: (line) => lines.push(line), durable: () => Promise.resolve(), forget: () => undefined, trouble: () => trouble },
    settings: () => ({ enabled: true, unpriced: "allow", holdWait: 10_000, ...settings }),
    clock: hands.clock,
    timer: hands.timer,
  });
  return {
    ledger,
    hands,
    lines,
    breakJournal: () => {
      trouble = "full";
    },
    async crash() {
      alive = false;
      await turns();
      const { lines: left, last } = recovered([{ first: 1, lines }]);
      await desk.post({ holder, upTo: last, lines: left, at: 0 });
      await desk.takeAllBack(holder);
    },
  };
}

/** Lets everything happen that needs no time. */
export async function turns(count = 30): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function reservation(requestId: string, bound: Nano | undefined, more: Partial<Reservation> = {}): Reservation {
  return { requestId, bound, userId: "ann", onCallOff: () => undefined, ...more };
}

export function spent(used: Nano, more: Partial<Spent> = {}): Spent {
  return { at: 0, used, model: "m", evidence: "reported", promptTokens: 1, completionTokens: 1, description: "Chat completion with m", ...more };
}

export interface Asked {
  hold: Hold | undefined;
  failure: Failure | undefined;
}

/** Reserves, and notes what comes of it. */
export function asked(ledger: Ledger, request: Reservation): Asked {
  const outcome: Asked = { hold: undefined, failure: undefined };
  const note = (failure: Failure) => {
    outcome.failure = failure;
  };
  try {
    const hold = ledger.reserve(request);
    if (hold instanceof Promise)
      hold.then((it) => {
        outcome.hold = it;
      }, note);
    else outcome.hold = hold;
  } catch (failure) {
    note(failure as Failure);
  }
  return outcome;
}

/** Gives the user money. */
export async function grant(desk: MoneyDesk, amount: Nano, id: string, account = "user:ann"): Promise<void> {
  await desk.enter({ id, kind: "grant", account, amount, held: 0n, at: 0, description: "Credit" });
}
