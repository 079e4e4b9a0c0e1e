import type { Batch, Holding, TakenLine } from "../../vocabulary/batch.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { RunParts } from "../parts.ts";
import { refusalOf } from "../refusal.ts";
import type { ModelRests } from "./model-rests.ts";

/** A line that was taken, and as whom it is asked. */
export interface Claimed {
  readonly type: "line";
  readonly line: TakenLine;
  readonly requestId: string;
  readonly caller: Caller | Failure;
}

/** What there is to do next: to ask a line; nothing for so long, in milliseconds; nothing of this batch, which was cancelled or is another's. */
export type Next = Claimed | { readonly type: "wait"; readonly for: number } | { readonly type: "stopped" };

/** What is known of a batch while it runs. */
export interface Waiting {
  readonly batch: Batch;
  readonly holding: Holding;
  /** Models of the lines that wait. Those that turn out to have none are taken out. */
  readonly models: Set<string>;
  readonly rests: ModelRests;
}

/** Looks again at whoever is busy, and at whoever is closed. Milliseconds. */
const BUSY = 500;
const CLOSED = 60_000;

/** Takes the next line whose model is up and has room that nobody else needs. Rejects when nobody can say. */
export async function nextLine({ batch, holding, models, rests }: Waiting, parts: RunParts): Promise<Next> {
  const caller = await parts.callerNow(batch.author).catch(refusalOf);
  const except: string[] = [];
  let wait = CLOSED;
  for (const model of models) {
    const pause = await pauseFor(model, caller, rests, parts);
    if (pause === 0) continue;
    except.push(model);
    wait = Math.min(wait, pause);
  }
  if (except.length === models.size) return { type: "wait", for: wait };
  const requestId = parts.requestId();
  const line = await parts.book.claim({ ...holding, requestId, except });
  if (line === "stopped") return { type: "stopped" };
  if (line !== undefined) return { type: "line", line, requestId, caller };
  for (const model of models) if (!except.includes(model)) models.delete(model);
  return { type: "wait", for: except.length === 0 ? CLOSED : wait };
}

/** Milliseconds until it is looked whether a line of this model may be asked; 0: one may be. */
async function pauseFor(model: string, caller: Caller | Failure, rests: ModelRests, { capacity, clock }: RunParts): Promise<number> {
  const now = clock.now();
  const free = rests.freeFrom(model, now);
  if (free !== undefined) return free - now;
  // Whoever may not ask is told so, whatever the hour.
  if (caller instanceof Failure) return 0;
  const served = await capacity.whenServed(model, caller);
  if (!served.now) return Math.max(1, (served.from ?? Number.POSITIVE_INFINITY) - now);
  return (await capacity.idle(model, caller)) ? 0 : BUSY;
}
