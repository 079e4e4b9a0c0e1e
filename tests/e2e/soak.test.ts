import { afterAll, beforeAll, expect, test } from "bun:test";
import { type SoakPlan, soak } from "../../bench/campaigns/soak.ts";
import { benchConfig } from "../../bench/gateway-config.ts";
import { type Server, startUpstream } from "../../bench/servers.ts";
import { startGateway } from "../harness/gateway.ts";

/** The short form of `npm run campaign -- soak`. */
const PLAN: SoakPlan = { requests: 2000, aborts: 200, connections: 16, parts: 4 };

let upstream: Server;
let gateway: Awaited<ReturnType<typeof startGateway>>;
beforeAll(async () => {
  upstream = await startUpstream();
  gateway = await startGateway({ config: benchConfig(upstream.port, "on") });
}, 30_000);
afterAll(async () => {
  await gateway.stop();
  await upstream.stop();
});

test("2,000 answers and 200 aborted streams: none fails, every upstream stream is let go, memory and descriptors stay", async () => {
  const { url, key, pid, stop } = gateway;
  const ask = (kind: string) => ({ path: "/v1/chat/completions", headers: { authorization: `Bearer ${key}` }, model: `bench-${kind}` });
  const result = await soak({ name: "signalbox", port: Number(new URL(url).port), pid, ask, stop }, upstream, PLAN);
  const [before] = result.samples;
  const after = result.samples.at(-1);
  expect(result.failures).toBe(0);
  expect([after?.answered, after?.aborted]).toEqual([PLAN.requests, PLAN.aborts]);
  expect(result.upstream.open).toBe(0);
  expect(result.upstream.aborted).toBe(result.upstream.requests);
  // Kept-alive connections to the upstream stay open: at most one per connection of ours, and one per stream at once.
  expect((after?.descriptors ?? 0) - (before?.descriptors ?? 0)).toBeLessThan(PLAN.connections * 2 + 16);
  expect((after?.rssMiB ?? 0) - (before?.rssMiB ?? 0)).toBeLessThan(96);
}, 60_000);
