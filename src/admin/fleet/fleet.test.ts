import { describe, expect, test } from "bun:test";
import { createCalendar } from "../../fleet/calendar.ts";
import { testMemory } from "../../fleet/keeping/fleet-memory.fixture.ts";
import type { EngineReport, GpuReport } from "../../fleet/report.ts";
import { testExchange } from "../../gateway/visit/exchange.fixture.ts";
import type { Reply } from "../../gateway/visit/exchange.ts";
import { Happenings } from "../../telemetry/happenings.ts";
import { testEngine } from "../../vocabulary/engine.fixture.ts";
import { asFailure } from "../../vocabulary/failure.ts";
import type { FleetDesk } from "./fleet-desk.ts";
import { fleetRoutes } from "./routes.ts";

const events = { happenings: new Happenings(() => 0), stopping: () => false, pulse: { join: () => {}, leave: () => {} }, modelsOf: () => [] };

/** What a route answers, or the kind of its failure. */
async function ask(fleet: FleetDesk | undefined, method: string, path: string): Promise<{ readonly answer: unknown; readonly change?: Reply["change"] }> {
  const [bare = "", search = ""] = path.split("?");
  const routes = fleetRoutes({ fleet, events });
  const route = routes.find((each) => each.method === method && (each.path === bare || (each.path.endsWith("/*") && bare.startsWith(each.path.slice(0, -1)))));
  const exchange = testExchange({ search, rest: bare.slice((route?.path.length ?? 0) - 1), body: async () => "{}" });
  exchange.visit.caller = { keyId: "key_1", keyName: "ann", role: "operator" };
  try {
    const reply = await route?.handle(exchange);
    return { answer: JSON.parse(String(reply?.body)), change: reply?.change };
  } catch (thrown) {
    return { answer: asFailure(thrown).message };
  }
}

describe("without engines", () => {
  const NONE = "There are no engines here. Describe them in the config under fleet.engines, and restart.";
  const ANSWERS: readonly [method: string, path: string, answer: unknown][] = [
    ["GET", "/admin/engines", { data: [], next: null }],
    ["GET", "/admin/gpus", { data: [], next: null, trouble: null }],
    [
      "GET",
      "/admin/schedule",
      expect.objectContaining({ window: null, override: null, plan: expect.objectContaining({ spans: [expect.objectContaining({ started: [] })] }) }),
    ],
    ["GET", "/admin/engines/a", NONE],
    ["POST", "/admin/engines/a/start", NONE],
    ["POST", "/admin/schedule/override", NONE],
    ["DELETE", "/admin/schedule/override", NONE],
  ];
  test.each(ANSWERS)("%s %s", async (method, path, answer) => {
    expect((await ask(undefined, method, path)).answer).toEqual(answer);
  });
});

const GIB = 2 ** 30;
const REPORT: EngineReport = {
  spec: testEngine({ name: "a", gpus: ["0"], vram: 10 * GIB, maxConcurrent: 4, maxQueue: 2 }),
  state: "queued",
  why: "others are making room for it",
  generation: 3,
  pinned: false,
  mayRun: true,
  inFlight: 0,
  waiting: 2,
  arrivals: { warm: 0, joined: 1, cold: 1 },
  since: 60_000,
  failures: 1,
  lastError: "it ended by itself, with exit code 1",
  caps: { maxConcurrent: 2, since: 0 },
};
const GPU: GpuReport = {
  reading: { id: "0", name: "RTX 4090", total: 24 * GIB, limit: 20 * GIB, used: 13 * GIB, utilisation: 0.5, processes: [], readAt: 0 },
  use: { id: "0", ours: new Map([["a", 9 * GIB]]), foreign: 4 * GIB, strangers: [{ pid: 7, name: "python" }], estimated: true },
  granted: new Map([["a", 10 * GIB]]),
};

/** A fleet of one engine, and what it was ordered. */
function desk(report: Partial<EngineReport> = {}, logs = "") {
  const orders: string[] = [];
  const schedule = { windows: [{ name: "day", engines: [], preload: [] }] };
  const parts = { schedule: () => schedule, lead: () => 0, memory: testMemory(), clock: { now: () => 0 }, insistOnHere: () => undefined };
  const calendar = { ...createCalendar(parts), opensFor: () => 3_600_000 };
  const fleet: FleetDesk = {
    engines: () => [{ ...REPORT, ...report }],
    gpus: () => [GPU],
    gpuTrouble: () => "nvidia-smi is not here.",
    order: (engine, order, by) => void orders.push(`${by}: ${order} ${engine}`),
    logs: async () => logs,
    calendar,
    queuedAt: () => 5,
    clean: (text) => text.replaceAll("hf_secret", "[redacted]"),
  };
  return { fleet, orders };
}

test("an engine with all that is known of it; who waits at its gate and who waits for it are queued alike", async () => {
  expect((await ask(desk().fleet, "GET", "/admin/engines/a")).answer).toMatchObject({
    name: "a",
    state: "queued",
    why: "others are making room for it",
    since: "1970-01-01T00:01:00.000Z",
    generation: 3,
    queued: 7,
    waiting: 2,
    idle_until: null,
    available_from: null,
    failures: 1,
    last_error: "it ended by itself, with exit code 1",
    limits: { max_concurrent: 4, max_queue: 2 },
    fit: null,
    learnt: { max_concurrent: 2, max_num_seqs: null, since: "1970-01-01T00:00:00.000Z" },
  });
});

test("a GPU: what there is, what was given, what is used and by whom", async () => {
  expect((await ask(desk().fleet, "GET", "/admin/gpus")).answer).toEqual({
    data: [
      {
        id: "0",
        name: "RTX 4090",
        uuid: null,
        total_bytes: 24 * GIB,
        limit_bytes: 20 * GIB,
        used_bytes: 13 * GIB,
        free_bytes: 11 * GIB,
        granted_bytes: { a: 10 * GIB },
        measured_bytes: { a: 9 * GIB },
        estimated: true,
        foreign_bytes: 4 * GIB,
        foreign_processes: [{ pid: 7, name: "python", bytes: null }],
        utilisation: 0.5,
        temperature: null,
        read_at: "1970-01-01T00:00:00.000Z",
      },
    ],
    next: null,
    trouble: "nvidia-smi is not here.",
  });
});

const LOGS: readonly [said: string, lines: string[]][] = [
  ["", []],
  ["one\ntwo\n", ["one", "two"]],
  ["token hf_secret", ["token [redacted]"]],
  ["\u001b[32mINFO\u001b[0m well\u0007", ["INFO well"]],
  ["a\n[INFO] b\tc\r", ["a", "[INFO] b\tc"]],
];
test.each(LOGS)("its words %j are told as %j", async (said, lines) => {
  expect((await ask(desk({}, said).fleet, "GET", "/admin/engines/a/logs")).answer).toEqual({ engine: "a", lines });
});

describe("orders", () => {
  test("are given in the caller's name, and written down", async () => {
    const { fleet, orders } = desk();
    const { answer, change } = await ask(fleet, "POST", "/admin/engines/a/pin");
    expect([orders, answer, change]).toEqual([
      ["ann: pin a"],
      expect.objectContaining({ name: "a" }),
      { kind: "engine", id: "a", before: {}, after: { order: "pin" } },
    ]);
  });

  const REFUSED: readonly [report: Partial<EngineReport>, path: string, says: string][] = [
    [{ mayRun: false }, "/admin/engines/a/start", "a may not run now: the window day is open, and may from 1970-01-01T01:00:00.000Z on. Pin it,"],
    [{}, "/admin/engines/a/burn", "Orders are start, stop, pin, unpin."],
    [{}, "/admin/engines/b/start", 'There is no engine "b".'],
  ];
  test.each(REFUSED)("%j: %s is refused", async (report, path, says) => {
    const { fleet, orders } = desk(report);
    expect([(await ask(fleet, "POST", path)).answer, orders]).toEqual([expect.stringContaining(says), []]);
  });

  test("a pinned one may be started at any hour", async () => {
    const { fleet, orders } = desk({ mayRun: false, pinned: true });
    await ask(fleet, "POST", "/admin/engines/a/start");
    expect(orders).toEqual(["ann: start a"]);
  });
});
