import { expect, test } from "bun:test";
import { GIB } from "../sizes.ts";
import { configuredGpus, measuredGpus } from "./configured.ts";
import { parentOf } from "./parent-of.ts";
import { simulatedGpus } from "./simulated.ts";

const twoCards = () =>
  simulatedGpus([
    { id: "0", name: "NVIDIA GeForce RTX 3090", total: 24 * GIB },
    { id: "1", name: "NVIDIA GeForce RTX 3090", total: 24 * GIB },
  ]);

test("the config alone needs no tool", async () => {
  const source = configuredGpus([
    { id: "0", memory: 24 * GIB },
    { id: "dgx/0", device: "GPU-5", memory: 80 * GIB },
  ]);
  expect(await source.read()).toMatchObject([
    { id: "0", total: 24 * GIB, used: 0, processes: [] },
    { id: "dgx/0", uuid: "GPU-5", total: 80 * GIB },
  ]);
  expect(source.trouble()).toBeUndefined();
  expect(configuredGpus([{ id: "3" }]).trouble()).toBe("fleet.gpus does not say how much memory GPU 3 has, and nothing measures it.");
});

test("the config says which and how much, the tool what is used", async () => {
  const tool = twoCards();
  tool.use("1", { pid: 7, name: "python3", used: GIB });
  const source = measuredGpus([{ id: "big", device: "GPU-simulated-1", memory: 20 * GIB }], tool);
  expect(await source.read()).toMatchObject([{ id: "big", total: 24 * GIB, limit: 20 * GIB, used: GIB, processes: [{ pid: 7 }] }]);
  expect(source.trouble()).toBeUndefined();
  source.close();
});

test("more than there is limits nothing", () => {
  expect(measuredGpus([{ id: "0", memory: 25 * GIB }], twoCards()).current()[0]?.limit).toBeUndefined();
});

test("a GPU that is not shown is as the config says, and that is told", () => {
  const source = measuredGpus([{ id: "0" }, { id: "5", memory: 8 * GIB }], twoCards());
  expect(source.current().map(({ id, total }) => [id, total])).toEqual([
    ["0", 24 * GIB],
    ["5", 8 * GIB],
  ]);
  expect(source.trouble()).toBe("fleet.gpus names GPU 5, which nvidia-smi does not show: it shows GPU 0, 1.");
});

test("without the tool there is the config, and the tool's trouble", () => {
  const tool = simulatedGpus([]);
  tool.fail("GPUs are not measured: no driver.");
  const source = measuredGpus([{ id: "0", memory: 8 * GIB }], tool);
  expect(source.current()).toMatchObject([{ id: "0", total: 8 * GIB }]);
  expect(source.trouble()).toBe("GPUs are not measured: no driver.");
});

test("simulated GPUs use what they are told to, and keep what they knew in trouble", async () => {
  const gpus = twoCards();
  gpus.use("0", { pid: 1, name: "engine", used: 18 * GIB });
  gpus.tell("0", { temperature: 71, utilisation: 0.9 });
  expect(await gpus.read()).toMatchObject([{ used: 18 * GIB, temperature: 71, utilisation: 0.9 }, { used: 0 }]);
  gpus.fail("gone");
  gpus.use("0", { pid: 1, name: "engine", used: 0 });
  expect((await gpus.read())[0]?.used).toBe(18 * GIB);
  gpus.fail();
  expect((await gpus.read())[0]?.used).toBe(0);
});

test("this process was started by another", () => {
  expect(parentOf(process.pid)).toBe(process.ppid);
  expect(parentOf(2 ** 30)).toBeUndefined();
});
