import { expect } from "bun:test";
import { until } from "../../../../harness/until.ts";
import { isWhole, type Question, tokensIn } from "../asking.ts";
import type { LifeCase } from "../life-case.ts";
import type { Scene } from "../scene.ts";

/** A stream that goes on for long, and how many of its tokens have come. */
function askedForLong(scene: Scene, model: string, dialect: Question["dialect"]) {
  const come = { tokens: 0 };
  const heard = (text: string) => {
    come.tokens = tokensIn(text);
  };
  return { come, answer: scene.ask(model, { dialect, stream: true, tokens: 1000, heard }) };
}

const LONG = { answerTokens: 1000, tokenDelay: 20 };

/** Engines that crash, hang, or run out of memory. */
export const FAILING: readonly LifeCase[] = [
  ...(["openai", "anthropic"] as const).map(
    (dialect): LifeCase => ({
      type: "shared",
      what: `an engine killed in the middle of a stream: what came stays, one error in the words of ${dialect}, and it comes back`,
      engines: () => ({ [`killed-${dialect}`]: { fake: LONG, config: { max_concurrent: 1, idle_timeout: "1500ms" } } }),
      async play(scene, house) {
        const engine = `killed-${dialect}`;
        const { answer, come } = askedForLong(scene, engine, dialect);
        await until("something to come", () => come.tokens > 0);
        await house.kill(await scene.one(engine));
        const { status, text, cut, error } = await answer;
        expect([status, cut, text.match(/"error":/g)?.length]).toEqual([200, false, 1]);
        expect(error).toMatchObject(dialect === "openai" ? { code: "upstream_error", type: "server_error" } : { type: "api_error" });
        await until("its end to be known", async () => (await scene.ask(engine, { tokens: 1 })).status !== 200);
        const told = await scene.ask(engine, { dialect, tokens: 1 });
        expect([told.status, told.headers.get("retry-after")]).toEqual([dialect === "openai" ? 503 : 529, expect.stringMatching(/^[1-3]$/)]);
        expect(told.error).toMatchObject(dialect === "openai" ? { code: "engine_starting" } : { type: "overloaded_error" });
        // It was in use: it comes back though nobody asks for it.
        await until("it to be back", () => scene.starts(engine) === 2);
        // Its one seat was given back, and so was the stay: it answers, and then nobody keeps it.
        await until("it to answer again", async () => isWhole(await scene.ask(engine, { tokens: 1 })));
        await until("it to be gone", async () => (await scene.running(engine)).length === 0);
        expect(scene.mostOf(engine)).toBe(1);
        const cutOff = async () => (await scene.requests(engine)).filter((row) => row["stream"] === true);
        await until("it to be written down", async () => (await cutOff()).length > 0);
        expect(await cutOff()).toMatchObject([{ status: 200, outcome: "failed", failure: "upstream-error", usage: { prompt: 7, evidence: "counted" } }]);
      },
    }),
  ),
  {
    type: "shared",
    what: "out of memory while it loads: half as many at once, and up at the next try",
    engines: () => ({ heavy: { fake: { fitsSequences: 4 }, config: { max_concurrent: 8 } } }),
    async play(scene) {
      const told = await scene.ask("heavy");
      expect([told.status, told.error.code]).toEqual([503, "engine_starting"]);
      expect(told.error.message).toContain("4 requests in a step, not 8");
      await until("it to be up", async () => isWhole(await scene.ask("heavy")));
      expect([scene.starts("heavy"), scene.learnt("heavy")["maxNumSeqs"]]).toEqual([2, 4]);
    },
  },
  {
    type: "shared",
    what: "out of memory while it serves: it gets half as many at once from then on",
    engines: () => ({ greedy: { config: { max_concurrent: 8 } } }),
    async play(scene) {
      expect(isWhole(await scene.ask("greedy"))).toBe(true);
      await scene.fault("greedy", { outOfMemoryAfter: 2 });
      const answer = await scene.ask("greedy", { stream: true });
      expect([tokensIn(answer.text), answer.cut, answer.error.message === undefined]).toEqual([2, false, false]);
      await until("it to be back", async () => scene.starts("greedy") === 2 && isWhole(await scene.ask("greedy")));
      expect(scene.learnt("greedy")["maxConcurrent"]).toBe(4);
    },
  },
  {
    type: "shared",
    what: "an engine that is back after a crash is asked again at once: what was held against it died with it",
    engines: () => ({ mended: { fake: LONG, config: { preload: true } }, mate: { fake: LONG, config: { preload: true } } }),
    models: { mates: { deployments: [{ engine: "mended" }, { engine: "mate" }] } },
    async play(scene, house) {
      for (const name of ["mended", "mate"]) await until(`${name} to be warm`, async () => Number((await scene.counts(name))["answered"]) > 0);
      const asked = Array.from({ length: 16 }, () => askedForLong(scene, "mates", "openai"));
      await until("all to get something", () => asked.every(({ come }) => come.tokens > 0));
      await house.kill(await scene.one("mended"));
      await scene.fault("mate", { tokenDelay: 0 });
      const broken = (await Promise.all(asked.map(({ answer }) => answer))).filter((answer) => !isWhole(answer));
      expect(broken.length).toBeGreaterThan(4);
      await until("it to be warm again", async () => Number((await scene.counts("mended"))["answered"]) > 0);
      const by = async () => (await scene.ask("mates", { tokens: 1 })).headers.get("x-signalbox-deployment");
      await until("it to be asked again", async () => (await by())?.includes("mended") === true);
    },
  },
  {
    type: "alone",
    what: "an engine that hangs though its health is well is suspected, and started anew; others are answered elsewhere",
    async play(open) {
      const models = { both: { deployments: [{ engine: "hangs" }, { engine: "well" }] } };
      const engine = { fake: LONG, config: { preload: true } };
      const scene = await open({ engines: { hangs: engine, well: engine }, fleet: { silence: "2s", backoff: "200ms" }, config: { models } });
      for (const name of ["hangs", "well"]) await until(`${name} to be warm`, async () => Number((await scene.counts(name))["answered"]) > 0);
      const asked = Array.from({ length: 4 }, () => askedForLong(scene, "both", "openai"));
      await until("all to get something", () => asked.every(({ come }) => come.tokens > 0));
      await scene.fault("hangs", { hangAfter: 0 });
      await until("it to be started anew", () => scene.starts("hangs") === 2);
      await scene.fault("well", { tokenDelay: 0 });
      const answers = await Promise.all(asked.map(({ answer }) => answer));
      const broken = answers.filter((answer) => !isWhole(answer));
      expect(broken.map(({ status, cut, error }) => [status, cut, error.code])).toEqual([1, 2].map(() => [200, false, "upstream_error"]));
      expect(isWhole(await scene.ask("both", { tokens: 1 }))).toBe(true);
      expect([scene.starts("hangs"), scene.starts("well"), scene.mostOf("hangs")]).toEqual([2, 1, 1]);
    },
  },
];
