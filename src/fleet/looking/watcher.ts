import type { Clock } from "../../vocabulary/clock.ts";
import type { Timer } from "../../vocabulary/timer.ts";
import type { EngineEvent } from "../core/event.ts";
import type { PhaseName } from "../core/phase.ts";
import type { EngineHealth, Place } from "./engine-health.ts";

/** What one start of an engine is looked at with. */
export interface Watching {
  readonly place: Place;
  readonly generation: number;
  readonly health: EngineHealth;
  readonly clock: Pick<Clock, "elapsed">;
  readonly timer: Timer;
  /** Its requests got nothing for so long: is it hung? Milliseconds. */
  readonly silence: number;
  /** The last of what it has said. */
  logs(): Promise<string>;
  /** When one of its requests last got something; absent: it has none. */
  lastSign(): number | undefined;
  tell(event: EngineEvent): void;
}

/** How often it is looked at while it comes up, and while it is up at the least: several times within the silence that makes it suspect. Milliseconds. */
const OFTEN = 250;
const NOW_AND_THEN = 5000;
const LOOKS_IN_SILENCE = 6;
/** So many failed looks in a row, and it is suspected. */
const FAILED_LOOKS = 3;
/** So long it may take to do the least there is, when it has just come up and when it is suspected: then less than the silence it is suspected for. Milliseconds. */
const FIRST_WORK = 120_000;
const PROOF = 20_000;
const PROOF_OF_SILENCE = 2 / 3;

/** Looks at one start of an engine, as its phase wants it, until its phase changes. Gives a function that ends it. */
export function watchEngine(phase: PhaseName, watching: Watching): () => void {
  const look = LOOKS[phase];
  if (look === undefined) return () => undefined;
  let over = false;
  let cancel = () => {};
  const round = look.begin({ ...watching, tell: (event) => void (over || watching.tell(event)) });
  const next = (wait: number) => {
    if (!over) cancel = watching.timer(wait, () => void round().then(() => next(look.every(watching))));
  };
  next(look.first(watching));
  return () => {
    over = true;
    cancel();
  };
}

interface Look {
  first(watching: Watching): number;
  every(watching: Watching): number;
  begin(watching: Watching): () => Promise<void>;
}

const atOnce = () => 0;
const often = () => OFTEN;
const nowAndThen = ({ silence }: Watching) => Math.min(NOW_AND_THEN, silence / LOOKS_IN_SILENCE);

const LOOKS: Readonly<Partial<Record<PhaseName, Look>>> = {
  loading: { first: atOnce, every: often, begin: untilItAnswers },
  warming: { first: atOnce, every: often, begin: untilItWorks },
  ready: { first: nowAndThen, every: nowAndThen, begin: whetherItIsWell },
  suspect: { first: atOnce, every: often, begin: whetherItHangs },
};

function untilItAnswers({ place, generation, health, logs, tell }: Watching): () => Promise<void> {
  const about = { engine: place.spec.name, generation };
  let said = "";
  return async () => {
    if ((await health.answers(place)) === undefined) {
      tell({ type: "answers", ...about });
      return;
    }
    const words = await logs();
    if (words !== said) tell({ type: "progressed", ...about });
    said = words;
  };
}

function untilItWorks({ place, generation, health, tell }: Watching): () => Promise<void> {
  const about = { engine: place.spec.name, generation };
  return async () => {
    const why = await health.worksWithin(place, FIRST_WORK);
    tell(why === undefined ? { type: "warmed", ...about } : { type: "not-warmed", ...about, why });
  };
}

/** `/health` of an engine that hangs goes on being well: it is judged by what its requests get, and by whether it gets on at all. */
function whetherItIsWell({ place, generation, health, clock, silence, lastSign, tell }: Watching): () => Promise<void> {
  const about = { engine: place.spec.name, generation };
  let failed = 0;
  let progress: number | undefined;
  let gotOn = clock.elapsed();
  return async () => {
    failed = (await health.isHealthy(place)) ? 0 : failed + 1;
    if (failed >= FAILED_LOOKS) {
      tell({ type: "suspected", ...about, why: `${failed} looks at its /health in a row failed` });
      return;
    }
    const sign = lastSign();
    const now = clock.elapsed();
    if (sign === undefined || now - sign < silence) {
      gotOn = now;
      return;
    }
    const tokens = await health.progress(place);
    if (tokens !== progress) gotOn = now;
    progress = tokens;
    if (now - gotOn >= silence) tell({ type: "suspected", ...about, why: `its requests have got nothing for ${Math.round((now - sign) / 1000)} s` });
  };
}

/** One that refuses at once is most often about to be told gone, with what it died of: it is given the same time as one that is silent. */
function whetherItHangs({ place, generation, health, clock, silence, tell }: Watching): () => Promise<void> {
  const about = { engine: place.spec.name, generation };
  const proof = Math.min(PROOF, silence * PROOF_OF_SILENCE);
  const began = clock.elapsed();
  return async () => {
    const before = await health.progress(place);
    const why = await health.worksWithin(place, proof);
    const after = await health.progress(place);
    const getsOn = before !== undefined && after !== undefined && after > before;
    if (why === undefined || getsOn) tell({ type: "cleared", ...about });
    else if (clock.elapsed() - began >= proof) tell({ type: "hung", ...about, why: `it hangs: ${why}` });
  };
}
