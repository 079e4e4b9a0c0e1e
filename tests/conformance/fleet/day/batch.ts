import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { capacityOf } from "../../../../src/assembly/capacity.ts";
import type { LineAnswer } from "../../../../src/batches/parts.ts";
import { answered, refused, stage } from "../../../../src/batches/runner.fixture.ts";
import { openStore } from "../../../../src/store/open.ts";
import type { Batch } from "../../../../src/vocabulary/batch.ts";
import { Failure } from "../../../../src/vocabulary/failure.ts";
import type { Guest } from "./guests.ts";
import type { House } from "./house.ts";

/** A batch in a house. */
export interface BatchLines {
  readonly model: string;
  readonly lines: number;
  /** So many at once. */
  readonly parallel: number;
  /** So long each takes. Milliseconds. */
  readonly length: number;
}

export interface RunningBatch {
  /** Its lines, as they were asked. */
  readonly asked: readonly Guest[];
  /** Time stands still until its runner has done what is to be done now: it goes by the house's clock, and its store by ours. */
  rest(): Promise<void>;
  /** As it was when its runner last rested. */
  now(): Batch;
  close(): Promise<void>;
}

/** Real milliseconds in which a runner has looked whether there is anything to be asked. */
const LOOKS = 30;
/** Between two looks at a guest, by the house's clock. Milliseconds. */
const GLANCE = 1000;

/** Hands a batch in, and goes on with it by the runner itself, over a store of its own; it learns from the house's fleet when its model is up. */
export async function openBatch(house: House, { model, lines, parallel, length }: BatchLines): Promise<RunningBatch> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-batch-"));
  const store = await openStore({ dataDir: folder });
  const asked: Guest[] = [];
  const { clock, timer } = house.ticking;
  const over = (guest: Guest) =>
    new Promise<void>((resolve) => {
      const look = () => (guest.over === undefined ? void timer(GLANCE, look) : resolve());
      look();
    });
  const find = async (name: string) => {
    const found = house.gateway.models().byName.get(name);
    if (found === undefined) throw new Failure("model-not-found", `There is no model ${name}.`);
    return found;
  };
  const { runner, desk, make } = stage(store, {
    time: { clock, timer },
    shared: false,
    settings: { mostBytes: 1_000_000, parallel },
    capacity: capacityOf({ models: { find }, standings: house.gateway.routing.standings, engines: house.fleet, clock, share: () => 1 }),
    async serve({ priority }): Promise<LineAnswer> {
      const guest = house.ask({ model, length, priority });
      asked.push(guest);
      await over(guest);
      return guest.fate === "answered" ? answered() : refused(guest.failure ?? new Failure("upstream-error", guest.fate), guest.begun !== undefined);
    },
  });
  const { id } = await make(Array.from({ length: lines }, (_, line) => `${model}:${line}`));
  let batch = await desk.find(id, "ann");
  const isAsking = () => asked.some((guest) => guest.over === undefined);
  return {
    asked,
    async rest() {
      for (let look = 0; look < LOOKS && batch.status !== "completed" && !isAsking(); look++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        batch = await desk.find(id, "ann");
      }
    },
    now: () => batch,
    async close() {
      await runner.stop(0, new Failure("overloaded", ""));
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
