import { expect } from "bun:test";
import { until } from "../../../../harness/until.ts";
import { isWhole } from "../asking.ts";
import type { LifeCase } from "../life-case.ts";

/** Engines that want the same GPU, or the same requests. */
export const SHARING: readonly LifeCase[] = [
  {
    type: "shared",
    what: "one that does not want to end is made to, and only then is its memory another's",
    engines: () => ({
      stubborn: { fake: { ignoreTerm: true }, config: { gpus: ["held"], vram: "20GiB", idle_timeout: "200ms" } },
      patient: { config: { gpus: ["held"], vram: "20GiB" } },
    }),
    gpus: ["held"],
    async play(scene) {
      expect(isWhole(await scene.ask("stubborn"))).toBe(true);
      await until("it to be asked to end", async () => (await scene.counts("stubborn"))["terminated"] === true);
      expect(isWhole(await scene.ask("patient", { stream: true }))).toBe(true);
      expect([scene.starts("patient"), scene.mostOf("stubborn", "patient")]).toEqual([1, 1]);
    },
  },
  {
    type: "alone",
    what: "two that do not fit together take turns under steady traffic: both are answered, neither starves, never both at once",
    async play(open) {
      const card = { gpus: ["0"], vram: "20GiB" };
      const fake = { tokenDelay: 5 };
      const scene = await open({
        engines: { left: { fake, config: card }, right: { fake, config: card } },
        fleet: { gpus: [{ id: 0, memory: "24GiB" }], max_swap_wait: "500ms", min_ready: "700ms" },
      });
      const began = performance.now();
      let over = false;
      const answered = { left: 0, right: 0 };
      const wrong: unknown[] = [];
      const traffic = async (engine: "left" | "right", stream: boolean) => {
        while (!over) {
          const answer = await scene.ask(engine, { stream });
          if (isWhole(answer)) answered[engine]++;
          else wrong.push(answer);
        }
      };
      const clients = [true, false, true].flatMap((stream) => [traffic("left", stream), traffic("right", stream)]);
      await until("each to have had its turn three times", () => scene.starts("left") >= 3 && scene.starts("right") >= 3, 60_000);
      over = true;
      await Promise.all(clients);
      const starts = scene.starts("left") + scene.starts("right");
      expect(wrong).toEqual([]);
      expect(Math.min(answered.left, answered.right)).toBeGreaterThan(9);
      // Whoever is up is left in peace for a while.
      expect(starts - 2).toBeLessThan((performance.now() - began) / 700);
      expect(Math.abs(scene.starts("left") - scene.starts("right"))).toBeLessThan(2);
      expect(scene.mostOf("left", "right")).toBe(1);
    },
  },
  {
    type: "shared",
    what: "while the one a rule prefers comes up beside it, the other serves",
    engines: () => ({ preferred: { fake: { loadingTime: 1000 } }, present: { config: { preload: true } } }),
    models: {
      pair: {
        rules: [{ prefer: "best" }],
        deployments: [{ engine: "preferred", tags: ["best"] }, { engine: "present" }],
      },
    },
    async play(scene) {
      const by = async () => (await scene.ask("pair")).headers.get("x-signalbox-deployment");
      await until("the other to be up", async () => (await scene.counts("present"))["requests"] !== 0);
      expect(await by()).toContain("present");
      await until("the one that is preferred", async () => (await by())?.includes("preferred") === true);
      expect([scene.starts("preferred"), scene.starts("present")]).toEqual([1, 1]);
    },
  },
];
