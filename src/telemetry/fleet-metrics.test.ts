import { expect, test } from "bun:test";
import type { EngineGauge, GpuGauge } from "./fleet-metrics.ts";
import { type Happening, Happenings } from "./happenings.ts";
import { createMetrics } from "./metrics.ts";

const NO_ARRIVALS = { warm: 0, joined: 0, cold: 0 };

/** Metrics of a fleet, and the hands that move it. Time is milliseconds. */
function house() {
  let now = 0;
  let engines: EngineGauge[] = [];
  let gpus: GpuGauge[] = [];
  const happenings = new Happenings(() => now);
  const fleet = { states: ["absent", "loading", "ready"], engines: () => engines, gpus: () => gpus, happenings };
  const metrics = createMetrics({ knownModel: () => true, knownDeployment: () => true, fleet });
  return {
    now: (time: number) => {
      now = time;
    },
    set: (these: EngineGauge[], those: GpuGauge[] = []) => {
      [engines, gpus] = [these, those];
    },
    change: (from: string, to: string, more: Partial<Happening> = {}) => happenings.tell({ type: "engine", engine: "a", from, to, why: "", ...more }),
    series: async (name: string) => (await metrics.text()).split("\n").filter((line) => line.startsWith(`${name}{`)),
  };
}

test("an engine is in one of its states; one that is gone leaves no series behind", async () => {
  const { set, series } = house();
  set([{ engine: "a", state: "loading", arrivals: { warm: 3, joined: 2, cold: 1 } }]);
  expect(await series("engine_state")).toEqual([
    'engine_state{engine="a",state="absent"} 0',
    'engine_state{engine="a",state="loading"} 1',
    'engine_state{engine="a",state="ready"} 0',
  ]);
  expect(await series("engine_requests_total")).toEqual([
    'engine_requests_total{engine="a",start="warm"} 3',
    'engine_requests_total{engine="a",start="joined"} 2',
    'engine_requests_total{engine="a",start="cold"} 1',
  ]);
  set([{ engine: "b", state: "ready", arrivals: NO_ARRIVALS }]);
  expect((await series("engine_state")).filter((line) => line.includes('engine="a"'))).toEqual([]);
});

test("a GPU's memory by whose it is, and how busy it is where it tells", async () => {
  const { set, series } = house();
  const memory = { total: 24, used: 10, granted: 12, foreign: 1, free: 14 };
  set(
    [],
    [
      { gpu: "0", memory, utilisation: 0.5 },
      { gpu: "1", memory },
    ],
  );
  expect(await series("gpu_memory_bytes")).toContain('gpu_memory_bytes{gpu="1",kind="granted"} 12');
  expect((await series("gpu_memory_bytes")).length).toBe(10);
  expect(await series("gpu_utilization")).toEqual(['gpu_utilization{gpu="0"} 0.5']);
});

const UP = [
  ["queued", "creating"],
  ["creating", "loading"],
  ["loading", "warming"],
] as const;
const STARTS: readonly [what: string, changes: readonly (readonly [from: string, to: string, alert?: true])[], outcomes: string[]][] = [
  [
    "up at once",
    [
      ["absent", "creating"],
      ["creating", "loading"],
      ["loading", "warming"],
      ["warming", "ready"],
    ],
    ["ok"],
  ],
  ["up after it waited for room", [["absent", "queued"], ...UP, ["warming", "ready"]], ["ok"]],
  ["failed", [["absent", "queued"], ...UP, ["warming", "stopping", true], ["stopping", "backoff"]], ["failed"]],
  ["called off", [["absent", "queued"], ...UP, ["warming", "stopping"], ["stopping", "absent"]], ["called_off"]],
  [
    "not begun",
    [
      ["absent", "queued"],
      ["queued", "absent"],
    ],
    [],
  ],
  [
    "adopted",
    [
      ["absent", "loading"],
      ["loading", "warming"],
      ["warming", "ready"],
    ],
    [],
  ],
  [
    "suspected for a while",
    [
      ["ready", "suspect"],
      ["suspect", "ready"],
    ],
    [],
  ],
  [
    "stopped",
    [
      ["ready", "draining"],
      ["draining", "stopping"],
      ["stopping", "absent"],
    ],
    [],
  ],
];
test.each(STARTS)("one that is %s is counted so", async (_what, changes, outcomes) => {
  const { change, series } = house();
  for (const [from, to, alert] of changes) change(from, to, { alert });
  expect(await series("engine_starts_total")).toEqual(outcomes.map((outcome) => `engine_starts_total{outcome="${outcome}",engine="a"} 1`));
});

test("a start takes from when it was wanted until it is ready", async () => {
  const { now, change, series } = house();
  change("absent", "queued");
  now(4000);
  change("queued", "creating");
  now(9000);
  change("warming", "ready");
  expect(await series("engine_start_seconds_sum")).toEqual(['engine_start_seconds_sum{engine="a"} 9']);
});
