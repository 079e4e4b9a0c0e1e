import { describe, expect, test } from "bun:test";
import { MIB } from "../../sizes.ts";
import { type GpuLine, parseGpu, parseProcess } from "./parse.ts";
import { readingsOf, whatIsAmiss } from "./readings.ts";

/** Values that real machines told, in the order we ask for them. */
const LINES = {
  "RTX 3090, 535": "0, GPU-16f27f5a-dfcd-48e0-bb39-bebbe4009245, 2, 24576, 1, 0, 35, [N/A], NVIDIA GeForce RTX 3090",
  "RTX 4090 at work, 550": "1, GPU-140dfb95-91d3-eb14-bcd7-68de19f0ba9d, 2, 24564, 21837, 98, 61, [N/A], NVIDIA GeForce RTX 4090",
  "units though told not to": "0, GPU-0200523e-f473-3a45-9b4a-fbbe0e41ccf8, 1, 8116 MiB, 387 MiB, 7 %, 35, [Not Supported], GeForce GTX 1080",
  "GB10 shares the machine's memory": "0, GPU-302a7fe1-795f-752c-75b0-67be61c5e513, 1, [N/A], [N/A], 0, 41, [N/A], NVIDIA GB10",
  "A800 cut into instances, 535": "0, GPU-7a4b9355-083c-c33a-a76b-454f0054cf64, 1, 81920, 36537, [N/A], 33, Enabled, NVIDIA A800-SXM4-80GB",
  "a card that lost its sensors": "3, GPU-22222222-0000-0000-0000-000000000003, 4, 11264, 0, [Unknown Error], ERR!, N/A, Tesla K80",
  "a name with a comma": "0, GPU-1, 1, 1024, 0, 0, 30, Disabled, GRID, virtual",
} as const;

test.each<[keyof typeof LINES, Partial<GpuLine>]>([
  ["RTX 3090, 535", { index: "0", count: 2, total: 24576 * MIB, used: MIB, utilisation: 0, temperature: 35, mig: false, name: "NVIDIA GeForce RTX 3090" }],
  ["RTX 4090 at work, 550", { index: "1", used: 21837 * MIB, utilisation: 0.98, temperature: 61 }],
  ["units though told not to", { total: 8116 * MIB, used: 387 * MIB, utilisation: 0.07, name: "GeForce GTX 1080" }],
  ["GB10 shares the machine's memory", { total: undefined, used: undefined, utilisation: 0, name: "NVIDIA GB10" }],
  ["A800 cut into instances, 535", { total: 81920 * MIB, utilisation: undefined, mig: true }],
  ["a card that lost its sensors", { index: "3", utilisation: undefined, temperature: undefined, mig: false }],
  ["a name with a comma", { name: "GRID, virtual" }],
])("%s", (name, expected) => {
  expect(parseGpu(LINES[name])).toMatchObject(expected);
});

test.each([
  "",
  "Unable to determine the device handle for GPU 0000:0A:00.0: GPU is lost.  Reboot the system to recover this GPU",
  "Failed to initialize NVML: Driver/library version mismatch",
  'Field "mig.mode.current" is not a valid field to query.',
  "0, GPU-1, 1, 1024",
])("no GPU: %s", (line) => {
  expect(parseGpu(line)).toBeUndefined();
});

describe("processes", () => {
  const UUID = "GPU-16f27f5a-dfcd-48e0-bb39-bebbe4009245";
  test.each<[string, ReturnType<typeof parseProcess>]>([
    [`${UUID}, 7372, 21310, VLLM::EngineCore`, { uuid: UUID, pid: 7372, used: 21310 * MIB, name: "VLLM::EngineCore" }],
    [`${UUID}, 1519, 4, /usr/lib/xorg/Xorg, with a comma`, { uuid: UUID, pid: 1519, used: 4 * MIB, name: "/usr/lib/xorg/Xorg, with a comma" }],
    [`${UUID}, 524, [N/A], [Insufficient Permissions]`, { uuid: UUID, pid: 524, used: undefined, name: "unknown process" }],
    [`${UUID}, 88, [N/A], [Not Found]`, { uuid: UUID, pid: 88, used: undefined, name: "unknown process" }],
    ["No running processes found", undefined],
    ["", undefined],
  ])("%s", (line, expected) => {
    expect(parseProcess(line)).toEqual(expected as NonNullable<typeof expected>);
  });

  test("are put to their GPUs, and their contexts added up", () => {
    const gpus = [LINES["RTX 3090, 535"], LINES["RTX 4090 at work, 550"]].flatMap((line) => parseGpu(line) ?? []);
    const lines = [`${UUID}, 7, 100, a`, `${UUID}, 7, 20, a`, `${UUID}, 8, [N/A], b`, "GPU-else, 9, 1, c"].flatMap((line) => parseProcess(line) ?? []);
    const readings = readingsOf(gpus, lines, 5);
    expect(readings.map(({ id, readAt, processes }) => ({ id, readAt, processes }))).toEqual([
      {
        id: "0",
        readAt: 5,
        processes: [
          { pid: 7, name: "a", used: 120 * MIB },
          { pid: 8, name: "b", used: undefined },
        ],
      },
      { id: "1", readAt: 5, processes: [] },
    ]);
  });
});

test.each<[string, (keyof typeof LINES)[], string | undefined]>([
  ["nothing", ["RTX 3090, 535", "RTX 4090 at work, 550"], undefined],
  ["memory that is not told", ["GB10 shares the machine's memory"], "GPU 0 (NVIDIA GB10): its memory is not told"],
  ["instances", ["A800 cut into instances, 535"], "GPU 0 (NVIDIA A800-SXM4-80GB): cut into MIG instances"],
  ["a GPU that is lost", ["RTX 3090, 535"], "nvidia-smi counts 2 GPUs and tells of 1"],
])("what is amiss: %s", (_case, names, expected) => {
  const amiss = whatIsAmiss(names.flatMap((name) => parseGpu(LINES[name]) ?? []));
  if (expected === undefined) expect(amiss).toBeUndefined();
  else expect(amiss).toContain(expected);
});

test("a GPU whose memory is not told is no reading", () => {
  expect(
    readingsOf(
      [LINES["GB10 shares the machine's memory"]].flatMap((line) => parseGpu(line) ?? []),
      [],
      0,
    ),
  ).toEqual([]);
});
