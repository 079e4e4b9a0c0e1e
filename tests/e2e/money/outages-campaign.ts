/**
 * Pauses and kills Redis and PostgreSQL under a paying, limited load, `SECONDS` at a time, and holds how long answers take beside how long they took
 * before; writes docs/campaigns/outages-<date>.md.
 */
import { withPostgresServer } from "../../../src/store/database/postgres/postgres-server.fixture.ts";
import { withRedisServer } from "../../../src/store/redis/redis-server.fixture.ts";
import { objectOf } from "../../../src/vocabulary/json.ts";
import { startFakeUpstream } from "../../fakes/upstream/server.ts";
import { endCampaign } from "../../harness/campaign-page.ts";
import { startGateway } from "../../harness/gateway.ts";
import { until } from "../../harness/until.ts";
import { ask, configOf, EXACT, manage, userWith } from "./house.ts";

const SECONDS = Number(process.env["SECONDS"] ?? 10);
const CLIENTS = 8;
/** Milliseconds between an answer and the next question: the gateway is used, not drowned. */
const PAUSE = 10;
/** What an outage may add to the 99th percentile, and within what all is well after it. Milliseconds. */
const MOST_ADDED = 20;
const RECOVERY = 10_000;
const RICH = 10_000_000;

interface Answer {
  readonly what: string;
  readonly milliseconds: number;
}

const rows: string[] = [];
const mistakes: string[] = [];
let answers: Answer[] = [];
let usual = 0;

const percentile = (sorted: readonly number[], part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;

/** What became of everything asked in a while. */
async function whileIs(phase: string): Promise<void> {
  answers = [];
  await Bun.sleep(SECONDS * 1000);
  const times = answers.map(({ milliseconds }) => milliseconds).sort((a, b) => a - b);
  const refused = answers.filter(({ what }) => what !== "200");
  const [middle, late, longest] = [percentile(times, 0.5), percentile(times, 0.99), percentile(times, 1)];
  if (usual === 0) usual = late;
  const added = late - usual;
  if (times.length === 0 || refused.length > 0)
    mistakes.push(`- ${phase}: ${refused.length} of ${times.length} were refused, the first with ${refused[0]?.what}`);
  if (!(added <= MOST_ADDED)) mistakes.push(`- ${phase}: the 99th percentile is ${added.toFixed(1)} ms more than before`);
  rows.push(`| ${[phase, times.length, refused.length, ...[middle, late, longest, added].map((value) => value.toFixed(1))].join(" | ")} |`);
  console.log(rows.at(-1));
}

await withPostgresServer((postgres) =>
  withRedisServer(async (redis) => {
    const upstream = await startFakeUpstream(EXACT);
    const limits = { per_user: { requests_per_second: 100_000 }, per_key: { requests_per_minute: 10_000_000 }, global: { requests_per_second: 100_000 } };
    const gateway = await startGateway({
      config: configOf(upstream, { more: { limits } }),
      environment: { DATABASE_URL: postgres.database(), REDIS_URL: redis.url },
    });
    const key = await userWith(gateway, "ann", RICH);
    // So long an answer makes the gateway borrow enough for all that is to come.
    await ask(gateway, key, { maxTokens: 1_000_000 });
    let over = false;
    const clients = Array.from({ length: CLIENTS }, async () => {
      while (!over) {
        const began = performance.now();
        const what = await ask(gateway, key).catch(String);
        answers.push({ what, milliseconds: performance.now() - began });
        await Bun.sleep(PAUSE);
      }
    });
    const isReady = async () => objectOf(await (await fetch(`${gateway.url}/ready`)).json())["status"] === "ready";
    const back = async (who: string, bring: () => void | Promise<void>) => {
      await bring();
      const began = performance.now();
      await until(`${who} to be used again`, isReady, RECOVERY).catch((error: Error) => mistakes.push(`- ${error.message}`));
      await whileIs(`${who} is back, after ${((performance.now() - began) / 1000).toFixed(1)} s`);
    };
    // The first moments of a process are no measure of anything.
    await Bun.sleep(3_000);
    await whileIs("all is well");
    redis.pause();
    await whileIs("Redis is paused");
    await back("Redis", () => redis.resume());
    await redis.kill();
    await whileIs("Redis is killed");
    await back("Redis", () => redis.restart());
    await postgres.pause();
    await whileIs("PostgreSQL is paused");
    await back("PostgreSQL", () => postgres.resume());
    await postgres.kill();
    await whileIs("PostgreSQL is killed");
    await back("PostgreSQL", () => postgres.restart());
    over = true;
    await Promise.all(clients);
    const books = await manage(gateway, "GET", "/admin/books");
    if (books["ok"] !== true) mistakes.push(`- the books: ${JSON.stringify(books)}`);
    await gateway.stop();
    await upstream.stop();
  }),
);

endCampaign({
  name: "outages",
  title: "Redis and PostgreSQL away",
  text: `Written by \`npm run campaign -- outages\`. One gateway with billing enabled over PostgreSQL, limits counted in Redis, and ${CLIENTS} clients who pay and ask
again ${PAUSE} ms after each answer; the upstream takes 5 ms for its first words. What each table row says holds for ${SECONDS} s and begins in the middle of
traffic; the gateway is never restarted. An outage may add ${MOST_ADDED} ms to the 99th percentile, may refuse nobody whose money was lent to the gateway, and is
over within ${RECOVERY / 1000} s of the server's return. In the end \`GET /admin/books\` finds every sum right.

Times are milliseconds.

| while | answers | refused | median | 99th percentile | longest | 99th percentile more than at first |
|---|---|---|---|---|---|---|
${rows.join("\n")}`,
  mistakes,
});
