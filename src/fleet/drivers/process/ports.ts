import { createServer } from "node:net";
import { DriverFailure } from "../driver.ts";

/** Ports from which one is taken, both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** Below those that kernels give to outgoing connections: an engine that listens only minutes later finds its port still free. */
export const ENGINE_PORTS: PortRange = { from: 20_000, to: 29_999 };

/** So many are tried before it is given up. */
const TRIES = 200;

/** Adds to those taken a port of 127.0.0.1 where nobody listens, and gives it. Rejects with `port-taken`. */
export async function takePort({ from, to }: PortRange, taken: Set<number>): Promise<number> {
  const count = to - from + 1;
  const first = Math.floor(Math.random() * count);
  for (let step = 0; step < Math.min(count, TRIES); step++) {
    const port = from + ((first + step) % count);
    if (taken.has(port)) continue;
    // Before it is tried, so that nobody else tries the same.
    taken.add(port);
    if (await isFree(port)) return port;
    taken.delete(port);
  }
  throw new DriverFailure("port-taken", `No free port was found on 127.0.0.1 between ${from} and ${to}. See who listens there ("ss -ltnp"), and end them.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}
