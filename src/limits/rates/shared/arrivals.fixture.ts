import { withRedisServer } from "../../../store/redis/redis-server.fixture.ts";
import { handTurned } from "../../../vocabulary/clock.fixture.ts";
import { type Arrivals, arrive } from "../arrivals.fixture.ts";
import { withCounters } from "./counters.fixture.ts";

/** Runs the work with one Redis; what it is given lets some arrive at two counters over it, which begins empty each time. */
export function withSharedArrivals<Result>(work: (arriveShared: (some: Arrivals) => Promise<number>) => Promise<Result>): Promise<Result> {
  return withRedisServer((server) =>
    work(async (some) => {
      await server.flush();
      const hands = handTurned();
      const time = () => Math.round(hands.clock.elapsed() * 1000);
      return withCounters(server.url, [{ time }, { time }], (...all) =>
        arrive(
          some,
          all.map(({ counter }) => counter),
          hands,
        ),
      );
    }),
  );
}
