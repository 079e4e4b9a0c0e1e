/** Where an engine is in its life. Times are milliseconds on a clock that never goes back. */
export type Phase =
  | { readonly type: "absent" }
  /** It is wanted, for this reason, and waits for room; `short`: of what there is not enough. */
  | { readonly type: "queued"; readonly since: number; readonly why: string; readonly short: string }
  /** It has its memory; its driver makes it. */
  | { readonly type: "creating"; readonly since: number; readonly why: string }
  /** It runs and does not answer yet; `progress`: when it last got further. */
  | ({ readonly type: "loading" } & ComingUp)
  /** It answers, and shows that it can do its task. */
  | ({ readonly type: "warming" } & ComingUp)
  | { readonly type: "ready"; readonly since: number; readonly baseUrl: string }
  /** It may be hung: nobody new is sent to it while it is looked at. `since`: when it was ready first. */
  | { readonly type: "suspect"; readonly since: number; readonly baseUrl: string; readonly suspected: number; readonly why: string }
  /** It finishes what it has begun, until `until` at the latest, and then stops. There is no way back. */
  | { readonly type: "draining"; readonly since: number; readonly baseUrl: string; readonly until: number; readonly why: string }
  | Stopping
  /** It failed, and is left alone until then. */
  | { readonly type: "backoff"; readonly until: number; readonly why: string }
  /** Only a change of the config or an operator helps. */
  | { readonly type: "failed"; readonly why: string };

interface ComingUp {
  readonly since: number;
  readonly progress: number;
  readonly baseUrl: string;
  readonly why: string;
  /** It ran before us. */
  readonly adopted?: true;
}

/** It is being stopped, and what is left of it taken away. */
interface Stopping {
  readonly type: "stopping";
  readonly since: number;
  readonly why: string;
  /** When its driver was told last; absent: it was not yet. */
  readonly asked?: number;
  /** What others held of its GPUs when it was told first. Bytes, by GPU. */
  readonly beside: ReadonlyMap<string, number>;
  /** Since when it is gone, while its memory is not seen to be free. */
  readonly gone?: number;
  readonly after: Afterwards;
}

export type PhaseName = Phase["type"];

const NAMES: Readonly<Record<PhaseName, true>> = {
  absent: true,
  queued: true,
  creating: true,
  loading: true,
  warming: true,
  ready: true,
  suspect: true,
  draining: true,
  stopping: true,
  backoff: true,
  failed: true,
};
export const PHASE_NAMES: readonly string[] = Object.keys(NAMES);

/** What becomes of an engine once it is stopped. */
export type Afterwards =
  | { readonly type: "absent" }
  /** For so many milliseconds. */
  | { readonly type: "backoff"; readonly wait: number; readonly why: string }
  | { readonly type: "failed"; readonly why: string };

export const ABSENT: Phase = { type: "absent" };

/** Does it hold the memory it was given? Until it is seen to be free. */
export function holdsMemory({ type }: Phase): boolean {
  switch (type) {
    case "creating":
    case "loading":
    case "warming":
    case "ready":
    case "suspect":
    case "draining":
    case "stopping":
      return true;
    case "absent":
    case "queued":
    case "backoff":
    case "failed":
      return false;
    default:
      return type satisfies never;
  }
}

/** Is it on its way up? Two that start on one GPU mis-size each other's memory. */
export function isStarting({ type }: Phase): boolean {
  return type === "creating" || type === "loading" || type === "warming";
}
