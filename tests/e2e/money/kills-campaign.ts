/**
 * Kills a gateway under load at as many random moments as `KILLS` says and stops it at `STOPS` more, from the seed `SEED`, once with its books in
 * files and once in PostgreSQL; writes docs/campaigns/kills-<date>.md.
 */
import { withPostgresServer } from "../../../src/store/database/postgres/postgres-server.fixture.ts";
import { seeded } from "../../../src/vocabulary/seeded.fixture.ts";
import { endCampaign } from "../../harness/campaign-page.ts";
import { type Killed, killAgainAndAgain } from "./kills.ts";

const KILLS = Number(process.env["KILLS"] ?? 200);
const STOPS = Number(process.env["STOPS"] ?? 50);
const SEED = Number(process.env["SEED"] ?? 1);

const mistakes: string[] = [];
const rows: string[] = [];

async function campaignOver(books: string, database?: string): Promise<void> {
  const began = performance.now();
  const tell = (done: number) => {
    if (done % 10 === 0) console.log(`${books}: ended ${done} times of ${KILLS + STOPS}`);
  };
  const killed: Killed = await killAgainAndAgain({ kills: KILLS, stops: STOPS, random: seeded(SEED), database, tell });
  const { asked, whole, paid, parts } = killed;
  rows.push(`| ${books} | ${asked} | ${whole} | ${paid} | ${parts} | ${Math.round((performance.now() - began) / 1000)} |`);
  mistakes.push(...killed.mistakes.map((mistake) => `- ${books}: ${mistake}`));
  console.log(rows.at(-1), killed.mistakes);
}

await campaignOver("SQLite");
await withPostgresServer((server) => campaignOver("PostgreSQL", server.database()));

endCampaign({
  name: "kills",
  title: "Killed while money is spent",
  text: `Written by \`npm run campaign -- kills\`. A gateway with billing enabled and eight clients who ask without a pause, whole and streamed, some for answers
that take longer than a second. It is ended by SIGKILL ${KILLS} times and by SIGTERM ${STOPS} times, in a random order, 50 to 1,550 ms after it has started
(seed ${SEED}), and started again over the same folder: once with its books in files, once in PostgreSQL.

Afterwards the books are held against what the clients had and what the upstream was asked: every answer that came to its last byte is paid once, in full;
nothing is paid twice, and nothing that was not asked; the balance is what was granted less the sum of what was paid; nothing is held, nothing waits to be
entered, and \`GET /admin/books\` finds every sum right. Every SIGTERM ended with 0.

| books in | asked of the upstream | answered to the last byte | paid | of those, in part | seconds |
|---|---|---|---|---|---|
${rows.join("\n")}

What is paid and was not answered to the last byte are answers whose process was killed under way: as much of them is paid as had been written down, all of
it where only the client's last bytes were missing.`,
  mistakes,
});
