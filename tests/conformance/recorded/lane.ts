import type { Profile } from "../../../src/vocabulary/profile.ts";
import type { RequestRecord } from "../../../src/vocabulary/record.ts";
import type { ScriptedReply } from "../../fakes/upstream/behaviours.ts";
import type { Recording } from "../../recordings/recordings.ts";

/** A way through the gateway: which recorded answers take it, what is posted where, and how what comes out is judged. */
export interface Lane {
  readonly name: string;
  /** Is this recording for this lane? */
  readonly takes: (recording: Recording) => boolean;
  /** The kind of service that stands for the one recorded. */
  readonly kind: (recording: Recording) => string;
  /** What is different about the deployment. */
  readonly profile?: Partial<Profile>;
  /** The model's name upstream; absent: the recorded one. */
  readonly model?: (recording: Recording) => string;
  /** What the client asks for under this public name. */
  readonly ask: (recording: Recording, name: string) => Asked;
  /** What the upstream answers, but for its status; absent: what was recorded, streams frame by frame. */
  readonly reply?: (recording: Recording) => ScriptedReply;
  /** Everything that is not as it should be. */
  readonly judge: (played: Played) => string[];
}

export interface Asked {
  readonly path: string;
  readonly body: string | FormData;
}

/** What became of one recording. */
export interface Played {
  readonly recording: Recording;
  readonly status: number;
  readonly text: string;
  readonly record: RequestRecord;
  /** The model's name upstream. */
  readonly model: string;
  /** What the upstream got; absent when it was not asked. */
  readonly upstream?: { readonly path: string; readonly text: string; readonly json?: unknown; readonly model: string };
}

/** One recording played through one lane, and everything that was not as it should be. */
export interface Outcome {
  readonly lane: string;
  readonly recording: Recording;
  readonly problems: readonly string[];
}

export const isAnswered = ({ response: { status } }: Recording): boolean => status >= 200 && status < 300;

export const isStreamed = ({ stream }: Recording): boolean => stream !== false;
