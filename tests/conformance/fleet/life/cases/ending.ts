import { expect } from "bun:test";
import { until } from "../../../../harness/until.ts";
import { isWhole } from "../asking.ts";
import type { LifeCase } from "../life-case.ts";

/** What becomes of engines when their gateway stops as it is told to. */
export const ENDING: readonly LifeCase[] = [
  {
    type: "alone",
    what: "a gateway that stops leaves nothing behind, and touches nobody else's engines",
    async play(open, house) {
      const engines = { one: {}, two: { fake: { loadingTime: 60_000 } } };
      const [scene, others] = await Promise.all([open({ engines }), open({ engines })]);
      await Promise.all([scene.ask("one"), others.ask("one")]);
      const theirs = await others.running();
      const waiting = scene.ask("two", { stream: true });
      await scene.one("two");
      await scene.gateway.end();
      expect((await waiting).error.message).toContain("This Signalbox stopped before the answer was finished");
      expect([await scene.running(), await house.left(scene.install)]).toEqual([[], []]);
      expect(await others.running()).toEqual(theirs);
      expect(isWhole(await others.ask("one"))).toBe(true);
    },
  },
  {
    type: "alone",
    what: "or keeps what runs, and the next one goes on with it",
    async play(open, house) {
      const scene = await open({ engines: { kept: {}, changed: {} }, fleet: { on_exit: "keep" } });
      await Promise.all([scene.ask("kept"), scene.ask("changed")]);
      const before = await scene.running("kept");
      await scene.gateway.end();
      expect(await scene.running("kept")).toEqual(before);
      await scene.open();
      expect(isWhole(await scene.ask("kept"))).toBe(true);
      expect([await scene.running("kept"), scene.starts("kept")]).toEqual([before, 1]);
      expect(await house.left(scene.install)).toHaveLength(2);
    },
  },
  {
    type: "alone",
    what: "a second gateway over the same folder is refused, and the first goes on",
    async play(open, house) {
      const scene = await open({ engines: { one: {} } });
      expect(isWhole(await scene.ask("one"))).toBe(true);
      await expect(house.open(scene.folder)).rejects.toThrow(/Another Signalbox is running with the data folder/);
      expect(isWhole(await scene.ask("one"))).toBe(true);
      expect(scene.starts("one")).toBe(1);
      await until("nothing else", async () => (await scene.running()).length === 1);
    },
  },
];
