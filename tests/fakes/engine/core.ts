import type { EngineOptions, Faults } from "./options.ts";
import type { Tally } from "./tally.ts";

/** The engine behind the doors. */
export interface Core {
  readonly options: EngineOptions;
  readonly tally: Tally;
  faults: Faults;
  loaded: boolean;
  /** It was asked to end. */
  terminated: boolean;
  /** How often it was started, as far as somebody counts. */
  starts(): number;
  /** Ends it as a crash does. */
  die(): void;
  runOutOfMemory(): void;
}
