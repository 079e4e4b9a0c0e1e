import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type PostgresServer, sharedPostgres } from "../../../src/store/database/postgres/postgres-server.fixture.ts";
import { withRedisServer } from "../../../src/store/redis/redis-server.fixture.ts";
import { stringOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { type GatewayProcess, startGateway } from "../../harness/gateway.ts";
import { until } from "../../harness/until.ts";
import { ask, configOf, EXACT, manage, PER_ANSWER, tally, userWith, worth } from "./house.ts";

// Programs are started here; a busy machine needs its time for that.
setDefaultTimeout(90_000);

const postgres = sharedPostgres();
let upstream: FakeUpstream;
beforeAll(async () => {
  upstream = await startFakeUpstream(EXACT);
});
afterEach(() => upstream.forget());
afterAll(() => upstream.stop());

/** Two gateways over one database. */
interface Pair {
  readonly one: GatewayProcess;
  readonly other: GatewayProcess;
  /** What is in the account, and what of it is lent to gateways. */
  account(id: string): string;
}

async function withPair(work: (pair: Pair) => Promise<void>, { redis, billing = true }: { readonly redis?: string; readonly billing?: boolean }) {
  const server: PostgresServer = await postgres();
  const url = server.database();
  const environment = { DATABASE_URL: url, ...(redis === undefined ? {} : { REDIS_URL: redis }) };
  const start = () => startGateway({ config: configOf(upstream, { billing }), environment });
  const started = await Promise.all([start(), start()]);
  const [one, other] = started;
  try {
    await work({ one, other, account: (id) => server.sql(url, `select balance || ' ' || lent from signalbox.accounts where id = '${id}'`) });
  } finally {
    await Promise.all(started.map((gateway) => gateway.stop()));
  }
}

/** Two hundred at once, half at each gateway. */
const twoHundred = async ({ one, other }: Pair, key: string, model: string) =>
  tally(await Promise.all(Array.from({ length: 200 }, (_, index) => ask(index % 2 === 0 ? one : other, key, { model }))));

const EXACTLY_THREE = { "200": 3, "429 insufficient_quota": 197 };

/** Both gateways find the sums right, and nothing is held or lent. */
async function expectSettled(pair: Pair, account: string, balance: bigint): Promise<void> {
  for (const gateway of [pair.one, pair.other]) expect(await manage(gateway, "GET", "/admin/books")).toMatchObject({ ok: true });
  expect(pair.account(account)).toBe(`${balance} 0`);
}

const REDIS: readonly (readonly [name: string, around: (work: (url?: string) => Promise<void>) => Promise<void>])[] = [
  ["with Redis", (work) => withRedisServer((server) => work(server.url))],
  ["without Redis", (work) => work()],
];

describe.each(REDIS)("two gateways over one PostgreSQL %s, and two hundred requests at once", (_name, around) => {
  test("serve three of them from a balance worth three, at flat and at tiered prices, and more once it is credited anywhere", () =>
    around((redis) =>
      withPair(
        async (pair) => {
          const { one, other } = pair;
          for (const model of ["flat", "tiered"]) {
            const key = await userWith(one, model, 3);
            expect(await twoHundred(pair, key, model)).toEqual(EXACTLY_THREE);
            expect(upstream.seen.length).toBe(3);
            await expectSettled(pair, `user:${model}`, 0n);
            for (const gateway of [one, other])
              expect(await manage(gateway, "GET", `/admin/users/${model}`)).toMatchObject({ balance_nano: "0", held_nano: "0" });

            await manage(one, "POST", `/admin/users/${model}/credit`, { amount: worth(1), reason: "one more" });
            await until("the other gateway to know of it", async () => (await ask(other, key, { model })) === "200");
            expect(await twoHundred(pair, key, model)).toEqual({ "429 insufficient_quota": 200 });
            upstream.forget();
          }
        },
        { redis },
      ),
    ));

  test("serve three of them from a key's budget worth three, where balances are not enforced", () =>
    around((redis) =>
      withPair(
        async (pair) => {
          const made = await manage(pair.other, "POST", "/admin/keys", { name: "three", budgets: [{ amount: worth(3), window: "total" }] });
          expect(await twoHundred(pair, stringOf(made["key"]) ?? "", "flat")).toEqual(EXACTLY_THREE);
          expect(upstream.seen.length).toBe(3);
          await expectSettled(pair, `budget:key:${made["id"]}:total`, -3n * PER_ANSWER);
        },
        { redis, billing: false },
      ),
    ));
});
