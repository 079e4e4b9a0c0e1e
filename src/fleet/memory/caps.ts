import type { TroubleKind } from "./trouble.ts";

/** What was learnt of an engine's memory, against what the config wants of it. Plain JSON; void when the engine's hash changes. */
export interface Caps {
  readonly maxModelLen?: number;
  readonly maxNumSeqs?: number;
  /** Of a card's memory: 0.88. */
  readonly utilisation?: number;
  /** Requests at once that the gateway gives it. */
  readonly maxConcurrent?: number;
  /** When the last of it was learnt, milliseconds since 1970. */
  readonly since: number;
}

/** What an engine is started with while nothing is learnt. */
export interface Configured {
  readonly maxModelLen?: number;
  /** Absent: the engine's own bound. */
  readonly maxConcurrent?: number;
  /** Of a card's memory: vram by total. Absent: no GPU. */
  readonly utilisation?: number;
  /** The operator would rather have it shorter than not at all. */
  readonly mayShorten: boolean;
}

export interface Mishap {
  readonly kind: TroubleKind;
  /** What the engine says would fit: `context-too-long`. */
  readonly longest?: number;
}

export type Lesson =
  /** Start it again with these; `says` is for the operator. */
  | { readonly next: "retry"; readonly caps: Caps; readonly says: string }
  /** Nothing of it was at fault: wait, and start it as it was. */
  | { readonly next: "wait" }
  /** Cutting does not help, or nothing is left to cut. */
  | { readonly next: "exhausted"; readonly says: string };

/** vLLM's own bound, where none is set. */
const OWN_SEQUENCES = 256;
const STEP = 0.03;
/** Under this share of a card nothing that was to have more will run. */
const LEAST_UTILISATION = 0.1;
/** So often at most it is cut before it is given up. */
const MOST_STEPS_DOWN = 5;
/** So long without trouble, and a step back up is attempted. */
const CLEAN_DAY = 24 * 60 * 60 * 1000;

/** What to do about a start that failed, or an engine that died, for want of memory. */
export function learn({ kind, longest }: Mishap, caps: Caps | undefined, configured: Configured & { readonly now: number }): Lesson {
  switch (kind) {
    case "context-too-long":
      return shorten(longest, caps, configured);
    case "oom-loading":
      return lighten(caps, configured);
    case "oom-serving":
      return slow(caps, configured);
    case "foreign-memory":
    case "host-memory":
    case "port-taken":
    case "crash":
      return { next: "wait" };
    case "no-kv-blocks":
      return { next: "exhausted", says: "There is no room for any cache beside its weights: give it more vram or more GPUs." };
    case "model-missing":
    case "disk-full":
    case "bad-arguments":
    case "driver-mismatch":
      return { next: "exhausted", says: "Starting it again does not help." };
    default:
      return kind satisfies never;
  }
}

type At = Configured & { readonly now: number };

/** Once: an engine that names a length and then refuses it will not be believed twice. */
function shorten(longest: number | undefined, caps: Caps | undefined, { maxModelLen, mayShorten, now }: At): Lesson {
  const wanted = maxModelLen === undefined ? "its own max_model_len" : `max_model_len ${maxModelLen}`;
  if (longest === undefined || longest < 1) return { next: "exhausted", says: `Its memory does not hold one request of ${wanted}: set a smaller one.` };
  if (!mayShorten) return { next: "exhausted", says: `Its memory does not hold one request of ${wanted}: set max_model_len to ${longest} or less.` };
  if (caps?.maxModelLen !== undefined || (maxModelLen !== undefined && longest >= maxModelLen)) {
    return { next: "exhausted", says: `It said that ${longest} tokens would fit and did not start with them: set a smaller max_model_len.` };
  }
  return {
    next: "retry",
    caps: { ...caps, maxModelLen: longest, since: now },
    says: `Its memory holds ${longest} tokens, not ${wanted}: it is started with so many.`,
  };
}

/** Fewer requests in a step while there are several, then a smaller share of the card. */
function lighten(caps: Caps | undefined, { maxConcurrent, utilisation, now }: At): Lesson {
  const sequences = caps?.maxNumSeqs ?? maxConcurrent ?? OWN_SEQUENCES;
  if (sequences > 1 && caps?.utilisation === undefined) {
    const fewer = Math.max(1, Math.floor(sequences / 2));
    return {
      next: "retry",
      caps: { ...caps, maxNumSeqs: fewer, since: now },
      says: `It ran out of GPU memory while starting: it is started for ${fewer} requests in a step, not ${sequences}.`,
    };
  }
  const share = caps?.utilisation ?? utilisation;
  const less = share === undefined ? 0 : Math.round((share - STEP) * 100) / 100;
  if (share === undefined || less < LEAST_UTILISATION || stepsDown(share, utilisation) >= MOST_STEPS_DOWN) {
    return {
      next: "exhausted",
      says: "It runs out of GPU memory while starting, whatever is cut: give it more vram, a smaller max_model_len, or a smaller model.",
    };
  }
  return {
    next: "retry",
    caps: { ...caps, utilisation: less, since: now },
    says: `It ran out of GPU memory while starting: it is given ${less} of the card, not ${share}.`,
  };
}

const stepsDown = (share: number, configured: number | undefined) => Math.round(((configured ?? share) - share) / STEP);

/** Half as many requests at once; one at a time is as few as there are. */
function slow(caps: Caps | undefined, { maxConcurrent, now }: At): Lesson {
  const before = caps?.maxConcurrent ?? maxConcurrent ?? OWN_SEQUENCES;
  if (before <= 1) return { next: "exhausted", says: "It runs out of GPU memory with one request at a time: give it more vram or a smaller max_model_len." };
  const after = Math.max(1, Math.floor(before / 2));
  return {
    next: "retry",
    caps: { ...caps, maxConcurrent: after, since: now },
    says: `It ran out of GPU memory while serving: it gets ${after} requests at once, not ${before}.`,
  };
}

/** A step back up after a clean day: twice the requests at once, up to what is configured; `undefined`: nothing changes. */
export function recovered(
  caps: Caps,
  { maxConcurrent, now }: Pick<Configured, "maxConcurrent"> & { readonly now: number },
): { readonly caps?: Caps } | undefined {
  if (caps.maxConcurrent === undefined || now - caps.since < CLEAN_DAY) return undefined;
  const { maxConcurrent: before, ...others } = caps;
  const more = before * 2;
  if (more < (maxConcurrent ?? OWN_SEQUENCES)) return { caps: { ...caps, maxConcurrent: more, since: now } };
  return Object.keys(others).length === 1 ? {} : { caps: { ...others, since: now } };
}
