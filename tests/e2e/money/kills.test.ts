import { expect, setDefaultTimeout, test } from "bun:test";
import { seeded } from "../../../src/vocabulary/seeded.fixture.ts";
import { killAgainAndAgain } from "./kills.ts";

// Programs are started here; nothing is measured.
setDefaultTimeout(120_000);

test("killed and stopped under load, in files: every whole answer is paid once, and every sum is right", async () => {
  const { whole, paid, asked, mistakes } = await killAgainAndAgain({ kills: 5, stops: 2, random: seeded(7) });
  expect(mistakes).toEqual([]);
  expect(whole).toBeGreaterThan(50);
  expect(paid).toBeGreaterThanOrEqual(whole);
  expect(asked).toBeGreaterThanOrEqual(paid);
});
