import { expect } from "bun:test";
import { until } from "../../../../harness/until.ts";
import { isWhole } from "../asking.ts";
import type { LifeCase } from "../life-case.ts";

/** Engines come when they are called, and leave when they are done. */
export const COMING: readonly LifeCase[] = [
  {
    type: "shared",
    what: "two hundred that ask at once are one create and one start, and all are answered",
    engines: () => ({ crowd: { fake: { loadingTime: 300 } } }),
    async play(scene, { creations }) {
      const answers = await Promise.all(Array.from({ length: 200 }, (_, index) => scene.ask("crowd", { stream: index % 2 === 0 })));
      expect(answers.filter((answer) => !isWhole(answer))).toEqual([]);
      expect(scene.starts("crowd")).toBe(1);
      expect(await scene.running("crowd")).toMatchObject([{ generation: 1 }]);
      const created = (await creations?.(scene.install))?.filter((name) => name.includes("-crowd-"));
      expect(created ?? [`signalbox-${scene.install}-crowd-1`]).toEqual([`signalbox-${scene.install}-crowd-1`]);
    },
  },
  {
    type: "shared",
    what: "a stream that waits longer than hold_status is told what for, and then answered",
    engines: () => ({ slow: { fake: { loadingTime: 2500 } } }),
    async play(scene) {
      const answer = await scene.ask("slow", { stream: true });
      expect(answer.text).toMatch(/^: waiting for slow \((queued|creating|loading|warming)\)\n\n/);
      expect(isWhole(answer)).toBe(true);
    },
  },
  {
    type: "shared",
    what: "who leaves before there is room for an engine has not caused it; who stays has it",
    engines: () => ({
      tenant: { fake: { tokenDelay: 40 }, config: { gpus: ["let"], vram: "20GiB" } },
      unwanted: { config: { gpus: ["let"], vram: "20GiB" } },
      wanted: { config: { gpus: ["let"], vram: "4GiB" } },
    }),
    gpus: ["let"],
    async play(scene) {
      const busy = scene.ask("tenant", { stream: true });
      await scene.one("tenant");
      const leaving = new AbortController();
      const left = scene.ask("unwanted", { stream: true, signal: leaving.signal }).then(
        () => "answered",
        () => "left",
      );
      // Nobody after it is let past it, as long as it waits.
      const stays = scene.ask("wanted");
      leaving.abort();
      expect(isWhole(await stays)).toBe(true);
      expect(isWhole(await busy)).toBe(true);
      expect([await left, scene.starts("unwanted"), scene.starts("wanted")]).toEqual(["left", 0, 1]);
    },
  },
  {
    type: "shared",
    what: "who is not asked for long is stopped, and comes again as the next generation",
    engines: () => ({ idle: { config: { idle_timeout: "300ms" } } }),
    async play(scene) {
      expect(isWhole(await scene.ask("idle"))).toBe(true);
      await until("it to be gone", async () => (await scene.running("idle")).length === 0);
      expect(isWhole(await scene.ask("idle", { stream: true }))).toBe(true);
      expect([scene.starts("idle"), scene.mostOf("idle")]).toEqual([2, 1]);
    },
  },
  {
    type: "shared",
    what: "what can never run is refused with what to do about it, and nobody retries",
    engines: ({ unrunnable }) => ({ never: { config: unrunnable } }),
    async play(scene, { unrunnableSays }) {
      // The second is refused by what is known, the first by what was found out.
      for (const stream of [false, true]) {
        const answer = await scene.ask("never", { stream });
        expect([answer.status, answer.error.code, answer.headers.get("x-should-retry")]).toEqual([503, "no_healthy_deployment", "false"]);
        expect(answer.error.message).toMatch(unrunnableSays);
      }
      expect(scene.starts("never")).toBe(0);
    },
  },
  {
    type: "shared",
    what: "somebody else's thing of the same name is left alone: the next name is tried",
    engines: () => ({ named: {} }),
    async play(scene, house) {
      const theirs = `signalbox-${scene.install}-named-1`;
      await house.occupy(theirs, scene.folder);
      const told = await scene.ask("named");
      expect([told.status, told.error.code]).toEqual([503, "engine_starting"]);
      await until("it to be up", async () => (await scene.ask("named")).status === 200);
      expect(await scene.running("named")).toMatchObject([{ generation: 2 }]);
    },
  },
  {
    type: "shared",
    what: "a port that somebody took is no reason not to try again",
    engines: () => ({ ported: { fake: { loading: "port-taken", badStarts: 1 } } }),
    async play(scene) {
      const told = await scene.ask("ported");
      expect([told.status, told.error.code]).toEqual([503, "engine_starting"]);
      await until("it to be up", async () => (await scene.ask("ported")).status === 200);
      expect(scene.starts("ported")).toBe(2);
    },
  },
];
