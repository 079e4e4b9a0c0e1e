import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { gateFor } from "../../limits/gate.ts";
import { waitAt } from "../../limits/waiting.ts";
import { testModel } from "../../vocabulary/model.fixture.ts";
import { failureOf, keyed, runningWith, seated, targetOf } from "../running/running.fixture.ts";
import { outliersAmong, type Peer, watchOutliers } from "./outliers.ts";

const runningParts = runningWith({ gateFor, waitAt });

/** `300` answers in 300 ms, `300 2/20` also failed twice of twenty times, `-` is not known, `z` rests. */
function peers(...words: string[]): Peer[] {
  return words.map((word, index) => {
    const [, firstToken, failures = "0", attempts = "0", asleep] = /^(\d+|-)(?: (\d+)\/(\d+))?( z)?$/.exec(word) ?? [];
    return {
      id: "abcdef"[index] ?? "",
      firstToken: firstToken === "-" ? undefined : Number(firstToken),
      failures: Number(failures),
      attempts: Number(attempts),
      resting: asleep !== undefined,
    };
  });
}

describe("outliers", () => {
  test.each<[string, string[], string]>([
    ["nobody among equals", ["300", "310", "320"], ""],
    ["who is four times as slow as the others' median", ["300", "310", "1300"], "c"],
    ["not who is nearly so", ["300", "310", "1200"], ""],
    ["not who is slow by what nobody minds", ["20", "30", "500"], ""],
    ["one of two", ["300", "2000"], "b"],
    ["not the only one", ["9000"], ""],
    ["not who has no peers that are known", ["9000", "-", "-"], ""],
    ["nobody who is not known himself", ["300", "300", "-"], ""],
    ["half of them at most, the worst first", ["300", "300", "300", "3000", "5000", "4000"], "e f d"],
    ["less when some rest already", ["300", "300", "300 z", "3000"], "d"],
    ["nobody when half of them rest", ["300", "3000", "300 z", "300 z"], ""],
    ["who fails half of the time where the others hardly do", ["- 1/20", "- 0/20", "- 10/20"], "c"],
    ["not after a few attempts", ["- 0/20", "- 0/20", "- 9/9"], ""],
    ["not who fails less than that", ["- 0/20", "- 0/20", "- 9/20"], ""],
    ["not where the others fail as well", ["- 2/20", "- 2/20", "- 15/20"], ""],
    ["not where nobody knows of the others", ["- 0/5", "- 0/5", "- 15/20"], ""],
    ["who fails before who is slow", ["300 0/20", "9000 0/20", "300 12/20", "300 0/20", "300 0/20 z"], "c"],
  ])("%s", (_name, words, ids) => {
    expect(
      outliersAmong(peers(...words), 4)
        .map(({ id }) => id)
        .join(" "),
    ).toBe(ids);
  });

  test("say why", () => {
    expect(outliersAmong(peers("300", "2000"), 4)[0]?.reason).toBe("rests: 2000 ms to its first token, where its peers take 300 ms");
    expect(outliersAmong(peers("- 0/20", "- 11/20"), 4)[0]?.reason).toBe("rests: 11 of its last 20 attempts failed, unlike its peers'");
  });

  test("are never more than half of all, together with those that rest", () => {
    const peer = fc.record({
      id: fc.uuid(),
      firstToken: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: undefined }),
      attempts: fc.nat(20),
      failures: fc.nat(20),
      resting: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(peer, { minLength: 1, maxLength: 9 }), (all) => {
        const found = outliersAmong(all, 4);
        const resting = all.filter((each) => each.resting);
        if (found.length > 0) expect(found.length + resting.length).toBeLessThanOrEqual(all.length / 2);
        expect(new Set([...found, ...resting].map(({ id }) => id)).size).toBe(found.length + resting.length);
      }),
    );
  });
});

describe("the watch over them", () => {
  const watched = () => {
    const parts = runningParts();
    const deployments = [keyed("a"), keyed("b"), keyed("c")];
    const settings = { enabled: true, slower: 4, rest: 30_000 };
    let looks = 0;
    const models = () => {
      looks++;
      return [testModel("m", deployments), testModel("alone", [keyed("d")])];
    };
    const look = watchOutliers({ standings: parts.standings, models, settings: () => settings, clock: parts.clock });
    /** So many answers of each, all at once. */
    const answers = (times: Record<string, number>, count = 6) => {
      for (let time = 0; time < count; time++)
        for (const deployment of deployments) {
          const took = times[deployment.id];
          if (took === undefined) continue;
          const began = parts.clock.elapsed();
          const seat = seated(parts.enter({ ...targetOf(deployment), evenResting: true }));
          parts.turnTo(began + took);
          seat.answered();
          seat.finished(undefined);
          seat.leave();
        }
    };
    const resting = () => deployments.map(({ id }) => (parts.standings.known(id)?.resting(parts.clock.elapsed()) === undefined ? "-" : id)).join("");
    return { ...parts, deployments, settings, look, looks: () => looks, answers, resting };
  };

  test("lets the slow one rest, longer each time in a row, until it keeps up", () => {
    const { answers, look, resting, clock, turnTo } = watched();
    const rests: number[] = [];
    const until = () => {
      const began = clock.elapsed();
      while (resting() !== "---") turnTo(clock.elapsed() + 1000);
      rests.push(Math.round((clock.elapsed() - began) / 1000));
    };
    for (const slow of [true, true, true, false, true]) {
      answers({ a: 100, b: 120, c: slow ? 2000 : 110 });
      look();
      expect(resting()).toBe(slow ? "--c" : "---");
      until();
    }
    expect(rests).toEqual([30, 60, 90, 0, 30]);
  });

  test("judges nobody by a few answers, nor by what it saw before a rest", () => {
    const { answers, look, resting, turnTo, clock } = watched();
    answers({ a: 100, b: 100, c: 3000 }, 4);
    look();
    expect(resting()).toBe("---");
    answers({ a: 100, b: 100, c: 3000 }, 4);
    look();
    expect(resting()).toBe("--c");
    turnTo(clock.elapsed() + 30_000);
    answers({ a: 100, b: 100 });
    look();
    expect(resting()).toBe("---");
  });

  test("lets who fails rest before its breaker opens", () => {
    const { answers, deployments, look, resting, enter, standings } = watched();
    answers({ a: 100, b: 100, c: 100 }, 10);
    const [, , c] = deployments;
    for (let time = 0; time < 20 && c !== undefined; time++) {
      const seat = seated(enter(targetOf(c)));
      if (time % 2 === 0) seat.failed(failureOf("upstream-error"));
      else seat.finished(undefined);
    }
    look();
    expect(resting()).toBe("--c");
    expect(standings.known("c")?.resting(0)).toBe("rests: 10 of its last 20 attempts failed, unlike its peers'");
  });

  test("looks once a second at most, and not at all when it is switched off", () => {
    const { look, looks, turnTo, settings } = watched();
    for (let time = 0; time < 100; time++) look();
    expect(looks()).toBe(1);
    turnTo(999);
    look();
    expect(looks()).toBe(1);
    turnTo(1000);
    look();
    expect(looks()).toBe(2);
    settings.enabled = false;
    turnTo(2000);
    look();
    expect(looks()).toBe(2);
  });
});
