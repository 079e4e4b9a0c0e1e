import { expect } from "bun:test";
import { seeded } from "../../../../../src/vocabulary/seeded.fixture.ts";
import { until } from "../../../../harness/until.ts";
import { isWhole } from "../asking.ts";
import { KILLS_SCENE, killGateways } from "../kills.ts";
import type { LifeCase } from "../life-case.ts";

/** From the gateway's start on, what ran before it is adopted or taken away within so long. Milliseconds. */
const SOON = 5000;

/** Gateways killed with `kill -9` while they do something with an engine, and started again. */
export const KILLED: readonly LifeCase[] = [
  {
    type: "alone",
    what: "killed while an engine loads: the next one goes on with the same load",
    async play(open) {
      const scene = await open({ engines: { loads: { fake: { loadingTime: 2500 } } } });
      const waiting = scene.ask("loads", { stream: true }).catch(() => undefined);
      const before = await scene.one("loads");
      await scene.gateway.kill();
      await waiting;
      expect(await scene.running()).toEqual([before]);
      await scene.open();
      expect(isWhole(await scene.ask("loads"))).toBe(true);
      expect([await scene.running(), scene.starts("loads"), scene.mostOf("loads")]).toEqual([[before], 1, 1]);
    },
  },
  {
    type: "alone",
    what: "killed while an engine streams: the client's answer is cut, the engine is adopted",
    async play(open) {
      const scene = await open({ engines: { streams: { fake: { tokenDelay: 10, answerTokens: 1000 } } } });
      const streaming = scene.ask("streams", { stream: true, tokens: 1000 }).catch(() => undefined);
      await until("it to answer", async () => Number((await scene.counts("streams"))["generatedTokens"]) > 5);
      const before = await scene.one("streams");
      await scene.gateway.kill();
      const answer = await streaming;
      expect(answer === undefined || !isWhole(answer)).toBe(true);
      await scene.open();
      await until("nobody to be generated for", async () => (await scene.counts("streams"))["running"] === 0, SOON);
      expect(isWhole(await scene.ask("streams", { tokens: 1 }))).toBe(true);
      expect([await scene.running(), scene.starts("streams"), scene.mostOf("streams")]).toEqual([[before], 1, 1]);
    },
  },
  {
    type: "alone",
    what: "killed while an engine stops: it is gone or back, and never twice",
    async play(open) {
      const scene = await open({
        engines: { stops: { fake: { stopDelay: 1500 }, config: { idle_timeout: "200ms" } } },
        fleet: { backoff: "200ms" },
      });
      await scene.ask("stops");
      await until("it to be asked to end", async () => (await scene.counts("stops"))["terminated"] === true);
      await scene.gateway.kill();
      await scene.open();
      await until("it to be answered again", async () => isWhole(await scene.ask("stops")), SOON);
      expect(scene.mostOf("stops")).toBe(1);
    },
  },
  {
    type: "alone",
    what: "killed between create and start: what was made is taken away, and the engine comes when it is asked for",
    async play(open, house) {
      const scene = await open({ engines: { made: {} } });
      await scene.gateway.kill();
      await house.leaveCreated({ install: scene.install, engine: "made", generation: 1 }, scene.folder);
      await scene.open();
      expect(await house.left(scene.install)).toEqual([]);
      expect(isWhole(await scene.ask("made"))).toBe(true);
      expect([scene.starts("made"), scene.mostOf("made")]).toEqual([1, 1]);
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
