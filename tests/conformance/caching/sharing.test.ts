import { afterAll, describe, expect, test } from "bun:test";
import { FIRST_WORD, startHeldUpstream } from "../../e2e/held-upstream.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { until } from "../../harness/until.ts";
import { CHAT, KEY, keepingBox, kept } from "./kept.ts";

/** Identical requests at the same time: one asks, the others wait for its answer. */
const held = await startHeldUpstream();
afterAll(() => held.stop());
const { fake, box } = await keepingBox((fake) => ({
  models: { m: [{ kind: "openai", url: fake.url }], held: [{ kind: "openai", url: held.url }] },
  cache: { policy: { shareInFlight: true } },
}));

/** So many clients ask at once, every other as a stream; each may leave. */
function crowd(count: number, more: object = {}) {
  const clients = Array.from({ length: count }, (_, index) => {
    const leaving = new AbortController();
    const told = box
      .post("/v1/chat/completions", { ...CHAT, stream: index % 2 === 1, ...more }, { headers: KEY, signal: leaving.signal })
      .then(async (response) => ({ status: response.status, cache: response.headers.get("x-signalbox-cache"), text: await response.text() }))
      .catch(() => ({ status: 0, cache: null, text: "left" }));
    return { told, leave: () => leaving.abort() };
  });
  return {
    clients,
    told: () => Promise.all(clients.map(({ told }) => told)),
  };
}

const over = () => until("all to be over", () => box.inFlight() === 0);

const counted = (told: readonly { readonly cache: string | null }[]) => {
  const counts: Record<string, number> = {};
  for (const { cache } of told) counts[cache ?? "none"] = (counts[cache ?? "none"] ?? 0) + 1;
  return counts;
};

describe("of twenty who ask the same", () => {
  test("one asks the upstream, and all get its answer", async () => {
    const all = crowd(20, { model: "held" });
    await until("all to be there", () => box.inFlight() === 20 && held.waiting() === 1);
    held.letGo();
    const told = await all.told();
    expect([counted(told), told.filter(({ text }) => text.includes(FIRST_WORD)).length]).toEqual([{ miss: 1, shared: 19 }, 20]);
    await over();
    await kept();
    expect([box.cache?.flights.size, box.cache?.state().entries]).toEqual([0, 1]);
  });

  test("the next one asks when the first fails, and nobody asks twice", async () => {
    fake.play([failing(400), failing(400), { answer: { text: "third time" } }]);
    const all = crowd(20);
    const told = await all.told();
    expect(told.map(({ status }) => status).filter((status) => status !== 200)).toEqual([400, 400]);
    // Some may have come when it was all over.
    const { shared = 0, hit = 0, miss } = counted(told);
    expect([fake.seen.length, shared + hit, miss, box.cache?.flights.size]).toEqual([3, 17, 3, 0]);
  });

  test("all fail when all fail", async () => {
    fake.play(failing(400));
    const all = crowd(6);
    expect((await all.told()).map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 400]);
    expect([fake.seen.length, box.cache?.flights.size]).toEqual([6, 0]);
  });

  test("the next one asks when the client of the first leaves", async () => {
    fake.play([{ stall: "before-headers" }, { answer: { text: "after all" } }]);
    const first = crowd(1);
    await fake.request(0);
    const others = crowd(5);
    await until("all to be there", () => box.inFlight() === 6);
    first.clients[0]?.leave();
    const told = await others.told();
    expect([counted(told), fake.seen.length]).toEqual([{ miss: 1, shared: 4 }, 2]);
    await over();
  });

  test("one who leaves while waiting harms nobody", async () => {
    const first = crowd(1, { model: "held" });
    await until("the first to be asked", () => held.waiting() === 1);
    const others = crowd(4, { model: "held" });
    await until("all to be there", () => box.inFlight() === 5);
    others.clients[0]?.leave();
    others.clients[3]?.leave();
    await until("two to have left", () => box.inFlight() === 3);
    held.letGo();
    expect((await others.told()).map(({ cache }) => cache)).toEqual([null, "shared", "shared", null]);
    expect((await first.told())[0]?.cache).toBe("miss");
    await over();
    expect(box.cache?.flights.size).toBe(0);
  });

  test("each asks for itself when the answer is not one to be kept", async () => {
    fake.play({ answer: { text: "I", finish: "content-filter" } });
    const all = crowd(4);
    expect([counted(await all.told()), fake.seen.length]).toEqual([{ miss: 4 }, 4]);
    await over();
    expect(box.cache?.flights.size).toBe(0);
  });
});

test("who wants a fresh answer, or none kept, neither leads nor waits", async () => {
  const told = await Promise.all(
    ["no-cache", "no-store", "no-cache"].map(async (control) => {
      const response = await box.post("/v1/chat/completions", CHAT, { headers: { ...KEY, "cache-control": control } });
      await response.text();
      return response.headers.get("x-signalbox-cache");
    }),
  );
  await kept();
  expect([told, fake.seen.length]).toEqual([["bypass", "bypass", "bypass"], 3]);
});
