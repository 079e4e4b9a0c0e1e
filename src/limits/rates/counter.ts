import type { Reading } from "./reading.ts";
import type { Step } from "./rule.ts";

/** What a step took, or why it took nothing. */
export interface Taken {
  /** All limits of the step: after it was taken, or as they stood when it was refused. */
  readonly readings: readonly Reading[];
  readonly refused: boolean;
  /** Was it counted by this gateway alone, though several should count together? */
  readonly alone?: boolean;
  /** As if it had never been asked for. Harmless after `end`. */
  undo(): void;
  /** The request is over: its slots are free, and so many tokens were used in place of those that were taken. Harmless after the first time. */
  end(tokens: number): void;
}

/** Where requests and tokens are counted. */
export interface Counter {
  /** Looks at all limits of the step, and takes of all of them or of none: at once, where nobody outside needs to be asked. */
  take(step: Step, tokens: number): Taken | Promise<Taken>;
  /** How they stand, with nothing taken. */
  look(step: Step): readonly Reading[] | Promise<readonly Reading[]>;
}
