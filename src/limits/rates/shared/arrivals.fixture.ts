import { RedisClient } from "bun";
import { withRedisServer } from "../../../store/redis/redis-server.fixture.ts";
import { handTurned } from "../../../vocabulary/clock.fixture.ts";
import { type Arrivals, arrive } from "../arrivals.fixture.ts";
import { withCounters } from "./counters.fixture.ts";

/** Runs the work with one Redis; what it is given lets some arrive at two counters over it, which begins empty each time. */
export function withSharedArrivals<Result>(work: (arriveShared: (some: Arrivals) => Promise<number>) => Promise<Result>): Promise<Result> {
  return withRedisServer(async (server) => {
    const client = new RedisClient(server.url);
    try {
      return await work(async (some) => {
        await client.send("FLUSHALL", []);
        const hands = handTurned();
        const time = () => Math.round(hands.clock.elapsed() * 1000);
        return withCounters(server.url, [{ time }, { time }], (...all) =>
          arrive(
            some,
            all.map(({ counter }) => counter),
            hands,
          ),
        );
      });
    } finally {
      client.close();
    }
  });
}
