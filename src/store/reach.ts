import type { PostgresPlace } from "./database/place.ts";
import type { Migrator } from "./database/postgres/migrator.worker.ts";
import { StoreTrouble } from "./trouble.ts";
import { WorkerLink } from "./workers/worker-link.ts";

/** A database on its way to be of use. */
export interface Reached {
  /** Settles once it is up to date; never when given up before. */
  readonly ready: Promise<void>;
  isReady(): boolean;
  /** Why it is not yet. */
  trouble(): string | undefined;
  giveUp(): void;
}

/** Milliseconds between attempts. */
const EVERY = 1_000;
/** Milliseconds for one: another gateway may be at it. */
const PATIENCE = 70_000;

/**
 * Reaches PostgreSQL and brings it up to date; without one there is nothing to do. When it is away the first time, attempts go on behind.
 * Rejects with `StoreTrouble` when the first attempt finds something that no waiting mends.
 */
export async function reach(place: PostgresPlace | undefined): Promise<Reached> {
  if (place === undefined) return { ready: Promise.resolve(), isReady: () => true, trouble: () => undefined, giveUp: () => undefined };
  let trouble: string | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const attempt = async (): Promise<void> => {
    await bringUpToDate(place);
    trouble = undefined;
    resolve();
  };
  const goOn = (error: Error): void => {
    trouble = error.message;
    timer = setTimeout(() => void attempt().catch(goOn), EVERY);
  };
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof StoreTrouble) || error.kind !== "away") throw error;
    goOn(error);
  }
  return { ready, isReady: () => trouble === undefined, trouble: () => trouble, giveUp: () => clearTimeout(timer) };
}

async function bringUpToDate(place: PostgresPlace): Promise<void> {
  const worker = new Worker(new URL("./database/postgres/migrator.worker.ts", import.meta.url), { smol: true });
  const link = new WorkerLink<Migrator>(worker, { name: "migrator", deadlineMs: PATIENCE });
  try {
    await link.ask("bringUpToDate", place);
  } finally {
    link.end();
  }
}
