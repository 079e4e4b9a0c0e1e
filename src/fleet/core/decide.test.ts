import { describe, expect, test } from "bun:test";
import type { EngineSpec } from "../../vocabulary/engine.ts";
import { GIB, testCardEngine, World } from "./world.fixture.ts";

const SECOND = 1000;
const MINUTE = 60_000;
const TWO_CARDS = { 0: 24 * GIB, 1: 24 * GIB };

/** A world in which these are ready, and have been for a while, or not. */
async function worldWith(
  specs: readonly EngineSpec[],
  { ready = [], gpus = { 0: 24 * GIB } as Readonly<Record<string, number>>, since = 2 * MINUTE } = {} as Given,
): Promise<World> {
  const world = new World(specs, gpus);
  for (const name of ready) {
    const one = world.ask(name);
    await world.pass(6 * SECOND);
    one.leave();
  }
  await world.pass(since);
  return world;
}

interface Given {
  readonly ready?: readonly string[];
  readonly gpus?: Readonly<Record<string, number>>;
  readonly since?: number;
}

const starts = ({ effects }: World) => effects.flatMap((effect) => (effect.type === "start" ? effect.engine : [])).join(" ");
const A = testCardEngine("a", { idleTimeout: 30 * MINUTE });
const B = testCardEngine("b", { vram: 20 * GIB, idleTimeout: 30 * MINUTE });
const SMALL = testCardEngine("small", { vram: 6 * GIB, idleTimeout: 30 * MINUTE });
const LARGE = testCardEngine("large", { gpus: ["0", "1"], vram: 22 * GIB });

describe("coming up", () => {
  test("two hundred that ask at once are one start, and all come in", async () => {
    const world = await worldWith([A]);
    const all = Array.from({ length: 200 }, () => world.ask("a"));
    await world.pass(6 * SECOND);
    expect([starts(world), new Set(all.map(({ state }) => state)), world.phase("a")]).toEqual(["a", new Set(["active"]), "ready"]);
  });

  test("nobody waits for what is up", async () => {
    const world = await worldWith([A], { ready: ["a"] });
    expect(world.ask("a").state).toBe("active");
  });

  test("one whom all have left is not loaded on for long, and one who comes back finds it", async () => {
    const world = await worldWith([testCardEngine("a", { startTimeout: 60 * MINUTE })]);
    world.habits.load = 10 * MINUTE;
    world.ask("a").leave();
    await world.pass(20 * SECOND);
    expect(world.phase("a")).toBe("loading");
    const back = world.ask("a");
    await world.pass(20 * SECOND);
    back.leave();
    await world.pass(29 * SECOND);
    expect(world.phase("a")).toBe("loading");
    await world.pass(5 * SECOND);
    expect([world.phase("a"), starts(world)]).toEqual(["absent", "a"]);
  });

  test("what could never run says why, and sends nobody off", async () => {
    const world = await worldWith([A, testCardEngine("huge", { vram: 30 * GIB }), testCardEngine("lost", { gpus: ["7"] })], { ready: ["a"] });
    const [huge, lost] = [world.ask("huge"), world.ask("lost")];
    await world.pass(SECOND);
    expect(huge.failure?.message).toBe(
      "The engine huge cannot be started: it needs 30.0 GiB of GPU 0, which has 24.0 GiB in all. An operator has to mend that.",
    );
    expect(lost.failure?.message).toBe("The engine lost cannot be started: there is no GPU 7 here, only 0. An operator has to mend that.");
    expect(world.phase("a")).toBe("ready");
  });

  test("two on one GPU start one after the other, two on two at once", async () => {
    const world = await worldWith([A, SMALL, testCardEngine("c", { gpus: ["1"] })], { gpus: TWO_CARDS });
    for (const name of ["a", "small", "c"]) world.ask(name);
    await world.pass(SECOND);
    expect(world.phases).toBe("a=loading small=queued c=loading");
    await world.pass(5 * SECOND);
    expect(world.phases).toBe("a=ready small=loading c=ready");
  });
});

describe("making room", () => {
  test("who is not used goes at once", async () => {
    const world = await worldWith([A, B], { ready: ["a"] });
    const one = world.ask("b");
    await world.pass(7 * SECOND);
    expect([one.state, world.phases]).toEqual(["active", "a=absent b=ready"]);
  });

  test("who is busy goes once the other has waited long enough, and has finished", async () => {
    const world = await worldWith([A, B], { ready: ["a"] });
    const busy = world.ask("a");
    const one = world.ask("b");
    await world.pass(19 * SECOND);
    expect(world.phases).toBe("a=ready b=queued");
    await world.pass(2 * SECOND);
    expect(world.phases).toBe("a=draining b=queued");
    const late = world.ask("a");
    await world.pass(MINUTE);
    expect([world.phases, busy.state, late.state]).toEqual(["a=draining b=queued", "active", "waiting"]);
    busy.leave();
    await world.pass(7 * SECOND);
    expect([world.phases, one.state, busy.state]).toEqual(["a=queued b=ready", "active", "answered"]);
  });

  test("who has just come up is left in peace for a while if it is used", async () => {
    const world = await worldWith([A, B], { ready: ["a"], since: 0 });
    world.ask("a");
    world.ask("b");
    await world.pass(50 * SECOND);
    expect(world.phases).toBe("a=ready b=queued");
    await world.pass(12 * SECOND);
    expect(world.phases).toBe("a=draining b=queued");
  });

  test("two that want one GPU take turns under steady traffic", async () => {
    const world = await worldWith([A, B]);
    const answered = { a: 0, b: 0 };
    for (let second = 0; second < 1200; second++) {
      for (const name of ["a", "b"] as const) world.ask(name);
      await world.pass(SECOND);
      for (const one of world.asked) {
        if (one.state !== "active") continue;
        one.leave();
        answered[one.engine as "a" | "b"]++;
      }
    }
    expect(world.breaches).toEqual([]);
    expect(Math.min(answered.a, answered.b)).toBeGreaterThan(900);
    expect(starts(world).split(" ").length).toBeLessThan(24);
  });

  test("one over two GPUs is not starved by small ones", async () => {
    const small = ["s0", "s1", "s2", "s3"].map((name, index) => testCardEngine(name, { gpus: [String(index % 2)], vram: 11 * GIB, idleTimeout: 30 * MINUTE }));
    const world = await worldWith([LARGE, ...small], { ready: ["s0", "s1"], gpus: TWO_CARDS });
    world.ask("s0");
    world.ask("s1");
    const large = world.ask("large");
    await world.pass(SECOND);
    // There is room for these; whoever came first keeps it.
    const later = [world.ask("s2"), world.ask("s3")];
    await world.pass(25 * SECOND);
    expect(world.phases).toBe("large=queued s0=draining s1=draining s2=queued s3=queued");
    for (const one of world.asked) if (one.state === "active") one.leave();
    await world.pass(10 * SECOND);
    expect([large.state, ...later.map(({ state }) => state)]).toEqual(["active", "waiting", "waiting"]);
  });

  test("nobody goes for a batch as long as somebody is served", async () => {
    const world = await worldWith([A, B], { ready: ["a"] });
    const busy = world.ask("a");
    const batch = world.ask("b", -50);
    await world.pass(10 * MINUTE);
    expect([world.phases, batch.state]).toEqual(["a=ready b=queued", "waiting"]);
    busy.leave();
    await world.pass(20 * SECOND);
    expect([world.phases, batch.state]).toEqual(["a=absent b=ready", "active"]);
  });

  test("who is pinned stays", async () => {
    const world = await worldWith([A, B], { ready: ["a"] });
    world.tell({ type: "operator", engine: "a", order: "pin" });
    world.ask("b");
    await world.pass(10 * MINUTE);
    expect(world.phases).toBe("a=ready b=queued");
  });

  test("of several those unused for longest go, and no more than must", async () => {
    const world = await worldWith([SMALL, A, testCardEngine("c", { vram: 7 * GIB, idleTimeout: 30 * MINUTE })], { ready: ["small", "a", "c"] });
    world.ask("small").leave();
    world.configure([...world.specs, testCardEngine("new", { vram: 8 * GIB })]);
    world.ask("new");
    await world.pass(7 * SECOND);
    expect(world.phases).toBe("small=ready a=absent c=ready new=ready");
  });

  test("who waits for what somebody else holds keeps nothing from those it could do without", async () => {
    const world = await worldWith([LARGE, SMALL], { gpus: TWO_CARDS });
    world.foreign.set("0", 4 * GIB);
    await world.pass(10 * SECOND);
    const large = world.ask("large");
    await world.pass(SECOND);
    const small = world.ask("small");
    await world.pass(10 * SECOND);
    expect([large.state, small.state]).toEqual(["waiting", "active"]);
    small.leave();
    world.foreign.clear();
    await world.pass(30 * SECOND);
    expect([large.state, world.phases]).toEqual(["active", "large=ready small=absent"]);
  });

  test("what somebody else holds is waited for", async () => {
    const world = await worldWith([A]);
    world.foreign.set("0", 20 * GIB);
    await world.pass(0);
    world.tell({ type: "measured", at: world.now, gpus: [{ id: "0", capacity: 24 * GIB, foreign: 20 * GIB }] });
    world.ask("a");
    await world.pass(SECOND);
    const phase = world.supervisor.state.engines.get("a")?.phase;
    expect(phase).toMatchObject({ type: "queued", short: "it needs 10.0 GiB on each GPU, and only 4.0 GiB of GPU 0 is free" });
  });
});

describe("leaving", () => {
  test("who is asked by nobody for long goes, and is back when asked", async () => {
    const world = await worldWith([testCardEngine("a", { idleTimeout: 5 * MINUTE })], { ready: ["a"], since: 0 });
    await world.pass(4 * MINUTE);
    world.ask("a").leave();
    await world.pass(4 * MINUTE);
    expect(world.phase("a")).toBe("ready");
    await world.pass(2 * MINUTE);
    expect(world.phase("a")).toBe("absent");
    const one = world.ask("a");
    await world.pass(6 * SECOND);
    expect(one.state).toBe("active");
  });

  test("memory that does not come back is waited for, and then is somebody else's", async () => {
    const world = await worldWith([A, B], { ready: ["a"] });
    world.habits.release = 20 * SECOND;
    world.ask("b");
    await world.pass(15 * SECOND);
    expect(world.phases).toBe("a=stopping b=queued");
    await world.pass(15 * SECOND);
    expect(world.phase("b")).toBe("ready");
    world.habits.release = 10 * MINUTE;
    world.crash("b");
    await world.pass(20 * SECOND);
    expect(world.phase("b")).toBe("stopping");
    await world.pass(30 * SECOND);
    expect(world.supervisor.state.gpus.get("0")?.foreign).toBe(20 * GIB);
    expect(world.phase("b")).toBe("queued");
  });

  test("an operator's stop holds until the next window, or a request", async () => {
    const world = await worldWith([A]);
    world.want({ window: "day", toRun: new Set(["a"]) });
    await world.pass(6 * SECOND);
    world.tell({ type: "operator", engine: "a", order: "stop" });
    await world.pass(MINUTE);
    expect(world.phase("a")).toBe("absent");
    world.want({ window: "night", toRun: new Set(["a"]) });
    await world.pass(6 * SECOND);
    expect(world.phase("a")).toBe("ready");
  });

  test("outside its hours one finishes what it has begun, and is not asked any more", async () => {
    const world = await worldWith([A], { ready: ["a"] });
    const busy = world.ask("a");
    world.want({ window: "night", mayRun: new Set(), drainUntil: world.now + 5 * MINUTE });
    const late = world.ask("a");
    await world.pass(4 * MINUTE);
    expect([busy.state, late.failure?.kind]).toEqual(["active", "not-scheduled"]);
    world.mayCut = true;
    await world.pass(2 * MINUTE);
    expect([busy.state, world.phase("a")]).toEqual(["cut", "absent"]);
  });

  test("who is described otherwise comes back as that; who is not described any more does not", async () => {
    const world = await worldWith([A, SMALL], { ready: ["a", "small"] });
    const busy = world.ask("a");
    world.configure([{ ...A, vram: 12 * GIB, hash: "a-2" }]);
    await world.pass(2 * SECOND);
    expect(world.phases).toBe("a=draining");
    busy.leave();
    const one = world.ask("a");
    await world.pass(8 * SECOND);
    expect([one.state, world.supervisor.state.engines.get("a")?.spec.vram]).toEqual(["active", 12 * GIB]);
  });

  test("when all is to stop, all stops and nobody starts", async () => {
    const world = await worldWith([A, B], { ready: ["a"] });
    const one = world.ask("b");
    world.tell({ type: "closing", keep: false });
    await world.pass(2 * SECOND);
    expect([world.phases, one.failure?.kind, world.running]).toEqual(["a=absent b=absent", "overloaded", []]);
  });

  test("or goes on, when it is to be kept", async () => {
    const world = await worldWith([A], { ready: ["a"] });
    world.tell({ type: "closing", keep: true });
    await world.pass(60 * MINUTE);
    expect(world.running).toEqual(["a"]);
  });
});

describe("failing", () => {
  test("who crashes comes back, each time later; who waits is told when", async () => {
    const world = await worldWith([A], { ready: ["a"] });
    const waits: number[] = [];
    for (let time = 0; time < 7; time++) {
      const before = world.ask("a");
      world.crash("a");
      await world.pass(SECOND);
      const told = world.ask("a");
      await world.pass(0);
      expect([before.state, told.failure?.kind, told.failure?.facts.retryAfter === undefined]).toEqual(["cut", "engine-starting", false]);
      const [since, started] = [world.now, starts(world)];
      while (starts(world) === started) await world.pass(500);
      waits.push(Math.round((world.now - since) / SECOND));
      await world.pass(8 * SECOND);
    }
    expect(waits).toEqual([10, 20, 40, 80, 160, 300, 300]);
  });

  test("who was on the way out when its gateway died is no failure of the next one's: who waits for it has the next start", async () => {
    const world = await worldWith([A]);
    world.tell({ type: "adopted", runner: "process", engines: [{ engine: "a", generation: 4, baseUrl: "http://a" }] });
    const one = world.ask("a");
    world.tell({ type: "exited", engine: "a", generation: 4, exit: { outOfMemory: false } });
    await world.pass(10 * SECOND);
    const engine = world.supervisor.state.engines.get("a");
    expect([one.state, engine?.generation, engine?.failures, starts(world)]).toEqual(["active", 5, 0, "a"]);
  });

  test("after ten minutes in health it is as if it had never failed", async () => {
    const world = await worldWith([A], { ready: ["a"] });
    for (let time = 0; time < 3; time++) {
      world.crash("a");
      await world.pass(50 * SECOND);
    }
    world.ask("a");
    await world.pass(11 * MINUTE);
    expect(world.supervisor.state.engines.get("a")?.failures).toBe(0);
  });

  test.each([
    ["image-missing", "failed", "engine-failed"],
    ["refused", "failed", "engine-failed"],
    ["name-taken", "backoff", "engine-starting"],
    ["port-taken", "backoff", "engine-starting"],
    ["driver-gone", "backoff", "engine-starting"],
    ["exits", "backoff", "engine-starting"],
  ] as const)("%s leads to %s", async (failing, phase, kind) => {
    const world = await worldWith([A]);
    world.habits.failing = failing;
    const one = world.ask("a");
    // Of what only its driver is to blame for it is tried again in a second.
    await world.pass(failing === "driver-gone" ? 700 : 4 * SECOND);
    expect([world.phase("a"), one.failure?.kind]).toEqual([phase, kind]);
    if (phase === "failed") return;
    await world.pass(15 * SECOND);
    const again = world.ask("a");
    await world.pass(7 * SECOND);
    expect(again.state).toBe("active");
  });

  test("a start in which nothing happens ends", async () => {
    const world = await worldWith([A]);
    world.habits.failing = "hangs";
    const one = world.ask("a");
    await world.pass(58 * SECOND);
    expect(one.state).toBe("waiting");
    await world.pass(4 * SECOND);
    expect(one.failure?.message).toContain("nothing happened for 60 s while it was loading");
  });

  test("only a change or an operator helps one that has failed for good", async () => {
    const world = await worldWith([A]);
    world.habits.failing = "image-missing";
    world.ask("a");
    await world.pass(2 * SECOND);
    expect(world.phase("a")).toBe("failed");
    world.tell({ type: "operator", engine: "a", order: "start" });
    await world.pass(7 * SECOND);
    expect(world.phase("a")).toBe("ready");
  });

  test("who is suspected is asked by nobody new, and is either cleared or starts anew", async () => {
    const world = await worldWith([A], { ready: ["a"] });
    const suspect = () => world.tell({ type: "suspected", engine: "a", generation: world.supervisor.state.engines.get("a")?.generation ?? 0, why: "silence" });
    suspect();
    const one = world.ask("a");
    await world.pass(0);
    expect(one.state).toBe("waiting");
    world.tell({ type: "cleared", engine: "a", generation: 1 });
    await world.pass(0);
    expect(one.state).toBe("active");
    suspect();
    world.tell({ type: "hung", engine: "a", generation: 1, why: "it hangs" });
    await world.pass(30 * SECOND);
    expect([world.phase("a"), world.supervisor.state.engines.get("a")?.generation]).toEqual(["ready", 2]);
  });

  test("where nobody answers is asked by nobody new, before anybody has told that it is gone", async () => {
    const world = await worldWith([A], { ready: ["a"] });
    const first = world.ask("a");
    first.unreachable();
    const second = world.ask("a");
    await world.pass(0);
    expect([world.phase("a"), second.state]).toEqual(["suspect", "waiting"]);
    world.crash("a");
    await world.pass(0);
    expect([second.state, second.failure?.kind]).toEqual(["refused", "engine-starting"]);
    await world.pass(30 * SECOND);
    // What is told late is told of a start that is gone.
    first.unreachable();
    expect(world.phase("a")).toBe("ready");
  });

  test("while its driver is away nothing is started, and what runs goes on", async () => {
    const world = await worldWith([A, SMALL], { ready: ["a"] });
    world.tell({ type: "driver", runner: "process", lost: "nobody listens there" });
    const [there, cold] = [world.ask("a"), world.ask("small")];
    await world.pass(SECOND);
    expect([there.state, cold.failure?.message]).toEqual(["active", "The engine small is not up: nobody listens there. It will be tried again; ask in 5 s."]);
    world.tell({ type: "driver", runner: "process" });
    const again = world.ask("small");
    await world.pass(7 * SECOND);
    expect(again.state).toBe("active");
  });
});
