import { expect, test } from "bun:test";
import type { Exchange, Reply } from "../../gateway/visit/exchange.ts";
import type { Beating } from "../../gateway/visit/pulse.ts";
import { Visit } from "../../gateway/visit/visit.ts";
import { type Happening, Happenings } from "../../telemetry/happenings.ts";
import { handTurned } from "../../vocabulary/clock.fixture.ts";
import { type EventDesk, eventRoutes, ownEventRoutes } from "./events.ts";

/** A gateway to which things happen, and clients that follow. */
function house() {
  const happenings = new Happenings(() => 0);
  const beating = new Set<Beating>();
  let stopping = false;
  const desk: EventDesk = {
    happenings,
    pulse: { join: (one) => void beating.add(one), leave: (one) => void beating.delete(one) },
    stopping: () => stopping,
    modelsOf: (engine, { models = [] }) => (engine === "llama_0" ? models : []),
  };
  const routes = [...eventRoutes(desk), ...ownEventRoutes({ events: desk })];
  return {
    happen: (why: string, more: Partial<Happening> = {}) => happenings.tell({ type: "window", why, ...more }),
    /** So many milliseconds from now. */
    beat: (later = 0) => {
      for (const each of beating) each.beat(performance.now() + later);
    },
    joined: () => beating.size,
    stop: () => {
      stopping = true;
    },
    async ask(headers: Record<string, string> = {}, search = "", path = "/admin/events") {
      const visit = new Visit("req_1", handTurned().clock);
      visit.caller = { keyId: "key_ann", keyName: "ann", role: "member", models: ["llama"] };
      let ended: string | undefined;
      visit.owes(({ outcome }) => {
        ended = outcome;
      });
      const reply = (await routes.find((route) => route.path === path)?.handle({ visit, headers: new Headers(headers), search } as Exchange)) as Reply;
      const frames = typeof reply.body === "string" ? undefined : reply.body[Symbol.asyncIterator]();
      const next = async () => {
        const { value, done } = (await frames?.next()) ?? { value: undefined, done: true };
        return done ? "over" : Buffer.from(value).toString();
      };
      return { reply, visit, next, ended: () => ended };
    },
  };
}

const idsIn = (text: string) => [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));

test("what is remembered comes first, then what happens, as one frame each", async () => {
  const { ask, happen } = house();
  happen("one");
  happen("two");
  const { reply, next } = await ask();
  expect(reply.headers["content-type"]).toStartWith("text/event-stream");
  const first = await next();
  expect(first).toStartWith('id: 1\nevent: window\ndata: {"id":1,"at":"1970-01-01T00:00:00.000Z","type":"window",');
  expect([idsIn(first), first.endsWith("\n\n")]).toEqual([[1, 2], true]);
  const third = next();
  happen("three");
  expect(idsIn(await third)).toEqual([3]);
});

const STARTS: readonly [what: string, headers: Record<string, string>, search: string, ids: number[]][] = [
  ["all", {}, "", [1, 2, 3]],
  ["from the last one seen", { "last-event-id": "2" }, "", [3]],
  ["as the query says", {}, "since=1", [2, 3]],
  ["the header wins", { "last-event-id": "2" }, "since=1", [3]],
  ["all after a restart", { "last-event-id": "700" }, "", [1, 2, 3]],
  ["all where the last one is none of ours", { "last-event-id": "abc" }, "", [1, 2, 3]],
];
test.each(STARTS)("%s", async (_what, headers, search, ids) => {
  const { ask, happen } = house();
  for (const why of ["one", "two", "three"]) happen(why);
  expect(idsIn(await (await ask(headers, search)).next())).toEqual(ids);
});

test("a quiet stream says that it is there: at its beginning, and now and then", async () => {
  const { ask, beat } = house();
  const { next } = await ask();
  expect(await next()).toBe(": ka\n\n");
  const comment = next();
  beat();
  beat(15_001);
  expect(await comment).toBe(": ka\n\n");
});

test("it ends when the client leaves, and lets go of everything", async () => {
  const { ask, joined } = house();
  const { next, visit, ended } = await ask();
  await next();
  const last = next();
  expect(joined()).toBe(1);
  visit.depart();
  expect([await last, ended(), joined()]).toEqual(["over", "client-left", 0]);
});

test("it ends when the gateway stops", async () => {
  const { ask, beat, stop, joined } = house();
  const { next, ended } = await ask();
  await next();
  const last = next();
  stop();
  beat();
  expect([await last, ended(), joined()]).toEqual(["over", "ok", 0]);
});

const LISTS: readonly [headers: Record<string, string>, search: string, list: boolean][] = [
  [{ accept: "application/json" }, "", true],
  [{ accept: "text/event-stream, application/json" }, "", false],
  [{ accept: "*/*" }, "", false],
  [{}, "format=json", true],
  [{ accept: "application/json" }, "format=stream", false],
];
test.each(LISTS)("who sends %j and %p is given a list: %p", async (headers, search, list) => {
  const { ask, happen } = house();
  happen("one");
  const { reply } = await ask(headers, search);
  expect(typeof reply.body === "string").toBe(list);
  if (typeof reply.body === "string") expect(JSON.parse(reply.body)).toMatchObject({ data: [{ id: 1, why: "one", alert: false, engine: null }], next: null });
});

test("members are told how their models' engines change, and neither why nor of others", async () => {
  const { ask, happen } = house();
  const started = { type: "engine", from: "absent", to: "creating" } as const;
  happen("the window night is open");
  happen("ann orders: start", { type: "order", engine: "llama_0", from: "absent" });
  happen("a request waits for it", { ...started, engine: "llama_0", generation: 4 });
  happen("a request waits for it", { ...started, engine: "other" });
  const { reply } = await ask({}, "format=json", "/api/me/events");
  const row = { id: 3, at: "1970-01-01T00:00:00.000Z", type: "model", models: ["llama"], state: "creating" };
  expect(JSON.parse(String(reply.body))).toEqual({ data: [row], next: null });
  const { next } = await ask({}, "", "/api/me/events");
  // What was not for them does not come as an empty frame either.
  expect(await next()).toBe(`id: 3\nevent: model\ndata: ${JSON.stringify(row)}\n\n`);
  const more = next();
  happen("the window day is open");
  happen("it is up", { ...started, engine: "llama_0", to: "ready" });
  expect(idsIn(await more)).toEqual([6]);
});
