import type { Clock } from "../../vocabulary/clock.ts";
import type { FleetDesk, FleetRole } from "../../vocabulary/fleet-role.ts";
import type { Timer } from "../../vocabulary/timer.ts";

/** What the role is kept with. */
export interface RoleParts {
  readonly desk: Pick<FleetDesk, "role" | "take" | "leave">;
  /** Who we are, and where we can be reached, as it is now. */
  readonly self: () => Omit<FleetRole, "beat">;
  readonly clock: Pick<Clock, "elapsed">;
  readonly timer: Timer;
  /** The role is ours. Called once each time it becomes so. */
  took(): void;
  /** It is another's: called whenever that is another one than before, or is reached elsewhere. */
  others(holder: FleetRole): void;
  /** It was ours, and is not any more: another has taken it. */
  lost(): void;
}

/** How often it is looked at, and said that we live. Milliseconds. */
const EVERY = 1000;
/** Who has said nothing for so long is gone. Milliseconds. */
const SILENT = 4000;

/**
 * Keeps the role of looking after engines, or waits for it. No clocks are compared: who waits sees the holder's beat stand still for a while, by
 * its own clock, and takes the role from exactly that beat. While the database is away all stays as it is, for nobody can take anything.
 */
export class RoleKeeper {
  readonly #parts: RoleParts;
  #mine: FleetRole | undefined;
  #seen: { readonly role: FleetRole; readonly since: number } | undefined;
  #stopped = false;
  #cancel = () => {};

  constructor(parts: RoleParts) {
    this.#parts = parts;
  }

  /** Looks for the first time; resolves when that is done, however it went. */
  async start(): Promise<void> {
    await this.#look().catch(() => undefined);
    if (this.#stopped) return;
    this.#cancel = this.#parts.timer(EVERY, () => void this.start());
  }

  /** Gives the role back if it is ours. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    if (this.#mine !== undefined) await this.#parts.desk.leave(this.#parts.self().holder).catch(() => undefined);
  }

  async #look(): Promise<void> {
    const { desk, clock } = this.#parts;
    const self = this.#parts.self();
    if (this.#mine !== undefined) {
      await this.#goOn(this.#mine);
      return;
    }
    const role = await desk.role();
    const now = clock.elapsed();
    if (role === undefined) {
      if (await desk.take(self)) this.#take({ ...self, beat: 1 });
      return;
    }
    const seen = this.#seen;
    if (seen?.role.holder !== role.holder || seen.role.beat !== role.beat) {
      this.#seen = { role, since: now };
      if (seen?.role.holder !== role.holder || seen.role.address !== role.address) this.#parts.others(role);
      return;
    }
    if (now - seen.since >= SILENT && (await desk.take({ ...self, from: role }))) this.#take({ ...self, beat: role.beat + 1 });
  }

  async #goOn(mine: FleetRole): Promise<void> {
    const { desk } = this.#parts;
    const self = this.#parts.self();
    if (await desk.take({ ...self, from: mine })) {
      this.#mine = { ...mine, beat: mine.beat + 1 };
      return;
    }
    // The answer to the last time may have been lost, and not what it did.
    const role = await desk.role();
    if (role?.holder === self.holder) this.#mine = role;
    else {
      this.#mine = undefined;
      this.#seen = undefined;
      this.#parts.lost();
    }
  }

  #take(role: FleetRole): void {
    this.#mine = role;
    this.#seen = undefined;
    this.#parts.took();
  }
}
