import { afterEach, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FakeGpuState, fakeGpus } from "../../../../tests/fakes/gpu/fake-gpus.ts";
import { until } from "../../../../tests/harness/until.ts";
import { handTurned } from "../../../vocabulary/clock.fixture.ts";
import { MIB } from "../../sizes.ts";
import type { GpuReading } from "../gpu.ts";
import { type NvidiaSmiOptions, nvidiaSmi } from "./nvidia-smi.ts";

const TWO = [
  { index: 0, uuid: "GPU-a", name: "NVIDIA GeForce RTX 3090", total: 24576 },
  { index: 1, uuid: "GPU-b", name: "NVIDIA GeForce RTX 3090", total: 24576, temperature: 44, utilisation: 12 },
] as const;

const leaving: (() => void)[] = [];
afterEach(() => {
  for (const leave of leaving.splice(0)) leave();
});

/** A source over a fake of its own. `told` gives the next readings that come by themselves and satisfy it. */
function source(state: FakeGpuState, options: NvidiaSmiOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-gpus-"));
  const fake = fakeGpus(folder, state);
  const waiting = new Set<(readings: readonly GpuReading[]) => void>();
  const changed = (readings: readonly GpuReading[]) => {
    for (const one of waiting) one(readings);
  };
  const gpus = nvidiaSmi({ command: fake.command, every: 1000, changed, ...options });
  leaving.push(() => {
    gpus.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const told = (fits: (readings: readonly GpuReading[]) => boolean) =>
    new Promise<readonly GpuReading[]>((resolve) => {
      waiting.add((readings) => {
        if (fits(readings)) resolve(readings);
      });
    });
  return { gpus, fake, told };
}

test("a reading is made after it is asked for", async () => {
  const { gpus, fake } = source({ gpus: TWO });
  expect(gpus.trouble()).toContain("not measured yet");
  expect(await gpus.read()).toMatchObject([
    { id: "0", uuid: "GPU-a", total: 24576 * MIB, used: MIB, temperature: 30, utilisation: 0, processes: [] },
    { id: "1", uuid: "GPU-b", used: MIB, temperature: 44, utilisation: 0.12 },
  ]);
  expect(gpus.trouble()).toBeUndefined();
  fake.set({ gpus: TWO, processes: [{ gpu: "GPU-b", pid: 42, name: "python3", used: 1000 }] });
  expect(await gpus.read()).toMatchObject([
    { id: "0", processes: [] },
    { id: "1", used: 1001 * MIB, processes: [{ pid: 42, name: "python3", used: 1000 * MIB }] },
  ]);
  expect(gpus.current()[1]?.used).toBe(1001 * MIB);
});

test("figures come by themselves, and so does who uses what, and that nobody does any more", async () => {
  const { fake, told } = source({ gpus: TWO, processes: [{ gpu: "GPU-a", pid: 42, name: "python3", used: 1000 }] });
  const [first] = await told(([gpu]) => gpu?.processes.length === 1);
  expect(first?.processes).toEqual([{ pid: 42, name: "python3", used: 1000 * MIB }]);
  fake.set({ gpus: TWO });
  const [last] = await told(([gpu]) => gpu?.processes.length === 0);
  expect(last?.used).toBe(MIB);
});

test("one that dies is started again, later each time, and its readings stay until then", async () => {
  const hand = handTurned();
  const { gpus, fake, told } = source({ gpus: TWO }, { timer: hand.timer, clock: hand.clock });
  await told(() => true);
  fake.set({ gpus: [], fails: { says: "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 570.195", code: 18 } });
  await until("its trouble", () => gpus.trouble() !== undefined);
  expect(gpus.trouble()).toContain("was updated under the running kernel module");
  expect(gpus.current().length).toBe(2);
  expect(await gpus.read()).toEqual(gpus.current());
  fake.set({ gpus: TWO });
  const again = told(() => true);
  hand.turnTo(1000);
  await again;
  expect(gpus.trouble()).toBeUndefined();
});

test.each<[string, FakeGpuState["fails"], string]>([
  ["no driver", { says: "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", code: 9 }, "the NVIDIA driver is not loaded"],
  ["no GPU", { says: "No devices were found", code: 6 }, "finds no GPU"],
  ["a container that lost them", { says: "Failed to initialize NVML: Unknown Error", code: 255 }, "start it again"],
  ["an old driver", { says: 'Field "mig.mode.current" is not a valid field to query.', code: 2 }, "too old"],
  ["something else", { says: "Segmentation fault", code: 139 }, 'ended with 139 and said "Segmentation fault"'],
])("why there are no figures: %s", async (_case, fails, expected) => {
  const { gpus } = source({ gpus: [], fails });
  expect(await gpus.read()).toEqual([]);
  expect(gpus.trouble()).toContain(expected);
});

test("a machine without it says so", async () => {
  const { gpus } = source({ gpus: [] }, { command: ["nvidia-smi-that-is-not-there"] });
  expect(await gpus.read()).toEqual([]);
  expect(gpus.trouble()).toContain("there is no nvidia-smi-that-is-not-there on this machine's path");
});

test("one that hangs is ended", async () => {
  const hand = handTurned();
  const { gpus } = source({ gpus: [] }, { command: ["sh", "-c", "sleep 60"], timer: hand.timer });
  const reading = gpus.read();
  hand.turnTo(15_000);
  expect(await reading).toEqual([]);
  expect(gpus.trouble()).toContain("said nothing for 15 s");
});

test("the program on the path is the same one", async () => {
  const { fake } = source({ gpus: TWO });
  const onPath = nvidiaSmi({ command: [join(fake.folder, "nvidia-smi")] });
  leaving.push(() => onPath.close());
  expect((await onPath.read()).map(({ id }) => id)).toEqual(["0", "1"]);
});
