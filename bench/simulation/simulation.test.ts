import { describe, expect, test } from "bun:test";
import type { StrategyName } from "../../src/vocabulary/model.ts";
import { SimulatedEngine } from "./engine.ts";
import { compare, type Load, NONE, SHARED } from "./scenarios.ts";
import { Timeline } from "./timeline.ts";

/** A quarter of what the campaign plays, and one seed. */
const means = ({ title, plan }: Load, strategies: readonly StrategyName[]) =>
  compare({ title, plan: { ...plan, requests: 1000 } }, [1], strategies).map(({ meanFirstToken }) => meanFirstToken);

describe("two simulated engines, mean time to first token", () => {
  test("prefix beats round robin by a fifth and more where prompts begin alike", () => {
    const [prefix = 0, turns = 0] = means(SHARED, ["prefix", "round_robin"]);
    expect(prefix).toBeGreaterThan(0);
    expect(prefix).toBeLessThanOrEqual(turns * 0.8);
  });

  test("and is no worse than least_busy by more than 3 % where they do not", () => {
    const [prefix = 0, leastBusy = 0] = means(NONE, ["prefix", "least_busy"]);
    expect(prefix).toBeGreaterThan(0);
    expect(prefix).toBeLessThanOrEqual(leastBusy * 1.03);
  });
});

test("an engine reads one prompt after the other, but for what is in its cache", () => {
  const time = new Timeline();
  const engine = new SimulatedEngine({ prefill: 1600, decode: 100, together: 1, blocks: 3 }, time);
  const said: string[] = [];
  const ask = (name: string, blocks: string[]) =>
    engine.work(
      { blocks, answerTokens: 10 },
      (cached) => said.push(`${time.now} ${name} begins, ${cached} cached`),
      () => said.push(`${time.now} ${name} ends`),
    );
  ask("a", ["1", "2"]);
  ask("b", ["1", "2", "3"]);
  time.at(1000, () => ask("c", ["1", "4"]));
  time.at(2000, () => ask("d", ["2"]));
  time.run();
  expect(said).toEqual([
    "20 a begins, 0 cached",
    "30 b begins, 32 cached",
    "120 a ends",
    "230 b ends",
    "1010 c begins, 16 cached",
    "1110 c ends",
    "2010 d begins, 0 cached",
    "2110 d ends",
  ]);
});
