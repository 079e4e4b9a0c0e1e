import { afterAll, expect, test } from "bun:test";
import { sharedPlace } from "../../../src/cache/places/shared.ts";
import { stands, withRedis } from "../../../src/store/redis/opened.fixture.ts";
import { withRedisServer } from "../../../src/store/redis/redis-server.fixture.ts";
import { startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";
import { CHAT, kept } from "./kept.ts";

/** Answers in a Redis that two gateways share, and that goes away. */
const fake = await startFakeUpstream();
afterAll(() => fake.stop());

test("what one keeps the other gives; without Redis both go on", () =>
  withRedisServer((server) =>
    withRedis({ url: server.url }, async (store) => {
      await stands(store);
      const place = sharedPlace(store);
      const boxes = [0, 1].map(() => startBox({ models: { m: [{ kind: "openai", url: fake.url }] }, cache: { place } }));
      const ask = async (at: number) => {
        const response = (await boxes[at]?.post("/v1/chat/completions", CHAT)) as Response;
        await response.text();
        await kept();
        return [response.status, response.headers.get("x-signalbox-cache")];
      };
      expect(await ask(0)).toEqual([200, "miss"]);
      // It is kept once Redis has said so; nobody waits for that.
      await until("the answer to be kept", () => store.trouble() === undefined);
      while ((await ask(1))[1] !== "hit") await new Promise((resolve) => setTimeout(resolve, 5));
      await server.kill();
      await until("Redis to be missed", () => store.trouble() !== undefined);
      expect([await ask(0), await ask(1)]).toEqual([
        [200, "miss"],
        [200, "miss"],
      ]);
      expect(boxes[0]?.cache?.state().troubles).toBeGreaterThan(0);
      await server.restart();
      await stands(store);
      while ((await ask(0))[1] !== "hit") await new Promise((resolve) => setTimeout(resolve, 5));
      for (const box of boxes) await box.stop();
    }),
  ));
