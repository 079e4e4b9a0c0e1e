import { expect } from "bun:test";
import { seeded } from "../../../../../src/vocabulary/seeded.fixture.ts";
import { until } from "../../../../harness/until.ts";
import { isWhole } from "../asking.ts";
import { KILLS_SCENE, killGateways } from "../kills.ts";
import type { LifeCase } from "../life-case.ts";

/** From the gateway's start on, what ran before it is adopted or taken away within so long. Milliseconds. */
const SOON = 5000;

/** What engines are doing when their gateway is killed. */
const ENGINES = {
  loads: { fake: { loadingTime: 3000 } },
  streams: { fake: { tokenDelay: 10, answerTokens: 10_000 } },
  stops: { fake: { stopDelay: 2500 }, config: { idle_timeout: "200ms" } },
  made: {},
};

/** Gateways killed with `kill -9` while they do something with engines, and started again. */
export const KILLED: readonly LifeCase[] = [
  {
    type: "alone",
    what: "killed while one engine loads, one streams, one stops, and one is made and not started: all are adopted or taken away, none runs twice",
    async play(open, house) {
      const scene = await open({ engines: ENGINES, fleet: { backoff: "200ms" } });
      const streaming = scene.ask("streams", { stream: true, tokens: 10_000 }).catch(() => undefined);
      await until("one to answer", async () => Number((await scene.counts("streams"))["generatedTokens"]) > 5);
      await scene.ask("stops");
      const ending = until("one to be asked to end", async () => (await scene.counts("stops"))["terminated"] === true);
      const waiting = scene.ask("loads", { stream: true }).catch(() => undefined);
      const [, ...going] = await Promise.all([ending, scene.one("loads"), scene.one("streams")]);
      await scene.gateway.kill();
      await house.leaveCreated({ install: scene.install, engine: "made", generation: 1 }, scene.folder);
      const cut = (await Promise.all([streaming, waiting])).filter((answer) => answer === undefined || !isWhole(answer));
      expect(cut).toHaveLength(2);

      await scene.open();
      expect((await house.left(scene.install)).filter((name) => name.includes("-made-"))).toEqual([]);
      await until("nobody to be generated for", async () => (await scene.counts("streams"))["running"] === 0, SOON);
      const answers = await Promise.all(["loads", "streams", "made"].map((engine) => scene.ask(engine, { tokens: 1 })));
      expect(answers.map(isWhole)).toEqual([true, true, true]);
      await until("one that was on its way out to be back", async () => isWhole(await scene.ask("stops")), SOON);
      expect(await scene.running()).toEqual(expect.arrayContaining(going));
      expect(["loads", "streams", "made"].map(scene.starts)).toEqual([1, 1, 1]);
      expect(Object.keys(ENGINES).map((engine) => scene.mostOf(engine))).toEqual([1, 1, 1, 1]);
    },
  },
  {
    type: "alone",
    what: "killed again and again under traffic: nobody runs twice, and nobody is left behind",
    async play(open) {
      const { answered, most, mistakes } = await killGateways(await open(KILLS_SCENE), { kills: 2, random: seeded(1) });
      expect([answered > 0, most, mistakes]).toEqual([true, 1, []]);
    },
  },
];
