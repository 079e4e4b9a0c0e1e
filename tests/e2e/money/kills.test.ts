import { expect, setDefaultTimeout, test } from "bun:test";
import { sharedPostgres } from "../../../src/store/database/postgres/postgres-server.fixture.ts";
import { seeded } from "../../../src/vocabulary/seeded.fixture.ts";
import { killAgainAndAgain } from "./kills.ts";

// Programs are started here; nothing is measured.
setDefaultTimeout(120_000);

const postgres = sharedPostgres();

test.each([
  { books: "files", kills: 5, stops: 2, database: async () => undefined },
  { books: "PostgreSQL", kills: 3, stops: 1, database: async () => (await postgres()).database() },
])("killed and stopped under load, with books in $books: every whole answer is paid once, and every sum is right", async ({ kills, stops, database }) => {
  const { whole, paid, asked, mistakes } = await killAgainAndAgain({ kills, stops, random: seeded(7), database: await database() });
  expect(mistakes).toEqual([]);
  expect(whole).toBeGreaterThan(50);
  expect(paid).toBeGreaterThanOrEqual(whole);
  expect(asked).toBeGreaterThanOrEqual(paid);
});
