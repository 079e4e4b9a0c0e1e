import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type PostgresServer, withPostgresServer } from "../../../src/store/database/postgres/postgres-server.fixture.ts";
import { type RedisServer, withRedisServer } from "../../../src/store/redis/redis-server.fixture.ts";
import { objectOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";
import { until } from "../../harness/until.ts";
import { ask, configOf, EXACT, manage, PER_ANSWER, tally, userWith } from "./house.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(90_000);

/** Within so long of its database's return a gateway is as before, without a restart. Milliseconds. */
const RECOVERY = 10_000;
const RICH = 1_000_000;
/** A request that may become so long makes the gateway borrow enough for thousands of short ones. Tokens. */
const LONG = 100_000;
const AWAY = "503 overloaded";

let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream(EXACT);
});
afterEach(() => upstream.forget());
afterAll(() => upstream.stop());

/** A gateway over servers that things befall. */
interface Scene {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
  /** Starts one, anew over the same folder. */
  start(folder?: string): Promise<GatewayProcess>;
  /** Answers that were entered, and what was paid for them; the books as the gateway finds them. */
  expectPaid(answers: number, gateway: GatewayProcess): Promise<void>;
}

function scene(work: (scene: Scene) => Promise<void>): Promise<void> {
  return withPostgresServer((postgres) =>
    withRedisServer(async (redis) => {
      const url = postgres.database();
      const config = configOf(upstream, { more: { database: { timeout: "3s" } } });
      const gateways: GatewayProcess[] = [];
      const start = async (folder?: string) => {
        const gateway = await startGateway({ config, folder, environment: { DATABASE_URL: url, REDIS_URL: redis.url } });
        gateways.push(gateway);
        return gateway;
      };
      const entered = () => postgres.sql(url, "select count(*) || ' ' || sum(amount) from signalbox.entries where kind = 'capture'");
      const expectPaid = async (answers: number, gateway: GatewayProcess) => {
        expect(upstream.seen.length).toBe(answers);
        const expected = `${answers} ${-PER_ANSWER * BigInt(answers)}`;
        await until("all answers to be entered", () => entered() === expected).catch(() => expect(entered()).toBe(expected));
        expect(await manage(gateway, "GET", "/admin/books")).toMatchObject({ ok: true });
        const left = BigInt(RICH - answers) * PER_ANSWER;
        expect(await manage(gateway, "GET", "/admin/users/ann")).toMatchObject({ balance_nano: String(left), held_nano: "0" });
      };
      try {
        await work({ postgres, redis, start, expectPaid });
      } finally {
        for (const gateway of gateways) await gateway.stop();
      }
    }),
  );
}

const readinessOf = async ({ url }: GatewayProcess) => objectOf(await (await fetch(`${url}/ready`)).json())["status"];
const untilIs = (gateway: GatewayProcess, wanted: string) => until(`it to be ${wanted}`, async () => (await readinessOf(gateway)) === wanted, RECOVERY);

/** Clients who ask all the while, and what became of all they asked. */
function traffic(gateway: GatewayProcess, key: string) {
  const answers: string[] = [];
  let over = false;
  const clients = Array.from({ length: 4 }, async () => {
    while (!over && !answers.includes("none")) {
      answers.push(await ask(gateway, key).catch(() => "none"));
      await Bun.sleep(10);
    }
  });
  return {
    /** Until so many more were answered. */
    more(count: number): Promise<void> {
      const wanted = answers.length + count;
      return until(`${count} more answers`, () => answers.length >= wanted);
    },
    async end(): Promise<Record<string, number>> {
      over = true;
      await Promise.all(clients);
      return tally(answers);
    },
  };
}

describe("with balances enforced", () => {
  test.each([
    {
      befalls: "killed",
      lose: ({ postgres }: Scene) => postgres.kill(),
      bring: ({ postgres }: Scene) => postgres.restart(),
    },
    {
      befalls: "paused",
      lose: async ({ postgres }: Scene) => postgres.pause(),
      bring: async ({ postgres }: Scene) => postgres.resume(),
    },
  ])("a PostgreSQL that is $befalls under way stops nobody whose money is here, and every answer is entered once when it is back", ({ lose, bring }) =>
    scene(async (all) => {
      const gateway = await all.start();
      const key = await userWith(gateway, "ann", RICH);
      const [unseen, unlent] = [await userWith(gateway, "bob", RICH), await userWith(gateway, "eve", RICH)];
      // Her key is known here; none of her money was borrowed.
      expect((await fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${unlent}` } })).status).toBe(200);
      expect(await ask(gateway, key, { maxTokens: LONG })).toBe("200");

      const clients = traffic(gateway, key);
      await clients.more(20);
      await lose(all);
      await clients.more(20);
      expect(await Promise.all([ask(gateway, unseen), ask(gateway, unlent)])).toEqual([AWAY, AWAY]);
      await untilIs(gateway, "degraded");
      await clients.more(20);
      // Redis has nothing to say about money.
      await all.redis.kill();
      await clients.more(20);
      await all.redis.restart();
      await bring(all);
      await untilIs(gateway, "ready");
      await clients.more(20);
      const answers = await clients.end();
      const served = answers["200"] ?? 0;
      // Whoever had needed the database would have been told that it is away.
      expect(answers).toEqual({ "200": served });
      await all.expectPaid(served + 1, gateway);
      // A database that was away is asked again after a while.
      for (const other of [unseen, unlent]) await until("others to be served again", async () => (await ask(gateway, other)) === "200", RECOVERY);
    }),
  );

  test("one that is away before the start is no reason to call anybody wrong; what a killed gateway had settled meanwhile is entered once it is there", () =>
    scene(async ({ postgres, start, expectPaid }) => {
      const first = await start();
      const key = await userWith(first, "ann", RICH);
      const asked = async (gateway: GatewayProcess, times: number) => {
        for (let time = 0; time < times; time++) expect(await ask(gateway, key)).toBe("200");
      };
      await asked(first, 3);
      await postgres.kill();
      await asked(first, 5);
      await first.end("SIGKILL");

      const second = await start(first.folder);
      expect(await readinessOf(second)).toBe("not ready");
      expect(await ask(second, key)).toBe(AWAY);
      await postgres.restart();
      await untilIs(second, "ready");
      await asked(second, 2);
      await expectPaid(10, second);
    }));
});
