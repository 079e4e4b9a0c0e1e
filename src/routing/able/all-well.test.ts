import { expect, test } from "bun:test";
import { testDeployment } from "../../vocabulary/model.fixture.ts";
import { type TestStanding, testStandings } from "../standing.fixture.ts";
import { allWell } from "./all-well.ts";
import type { Option } from "./option.ts";

const ROUTE = { dialect: "openai-chat", path: "/chat/completions" } as const;

function house(rows: Record<string, TestStanding>) {
  const standings = testStandings(rows);
  const alarmed = { alarms: 0 };
  let looks = 0;
  const options = Object.keys(rows).map((id, index): Option => {
    const deployment = testDeployment(id);
    const standing = standings.of(deployment);
    const watched = Object.create(standing, {
      resting: {
        value: () => {
          looks++;
          return standing.resting(0);
        },
      },
    });
    return { index, deployment, route: ROUTE, soleKey: undefined, standing: watched, slot: index, level: 0, capacity: 1, tariff: undefined };
  });
  const isWell = allWell(options, alarmed);
  return {
    alarmed,
    /** The answer, and how many were looked at for it. */
    ask: () => {
      looks = 0;
      return [isWell(0), looks] as const;
    },
  };
}

test("plain ones are looked at once, and again after an alarm", () => {
  const rows: Record<string, TestStanding> = { a: { isPlain: true }, b: { isPlain: true } };
  const { ask, alarmed } = house(rows);
  expect([ask(), ask()]).toEqual([
    [true, 2],
    [true, 0],
  ]);
  rows["b"] = { rests: "down" };
  alarmed.alarms++;
  expect([ask(), ask()]).toEqual([
    [false, 2],
    [false, 2],
  ]);
  rows["b"] = { isPlain: true };
  expect([ask(), ask()]).toEqual([
    [true, 2],
    [true, 0],
  ]);
});

test("where something has to be looked up for one of them, all are looked at each time", () => {
  const { ask } = house({ a: { isPlain: true }, b: { isPlain: false } });
  expect([ask(), ask()]).toEqual([
    [true, 2],
    [true, 2],
  ]);
});
