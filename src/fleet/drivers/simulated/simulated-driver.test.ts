import { expect, test } from "bun:test";
import { simulatedGpus } from "../../gpus/simulated.ts";
import { launchOf } from "../process/launch.fixture.ts";
import { openSimulatedDriver } from "./simulated-driver.ts";

const GIB = 2 ** 30;

/** A driver whose time passes when it is told to. */
function house() {
  const gpus = simulatedGpus([{ id: "0", name: "Simulated", total: 24 * GIB }]);
  const due: (() => void)[] = [];
  const served: { readonly name: string; loaded(): boolean; over: boolean }[] = [];
  const driver = openSimulatedDriver({
    gpus,
    timer(_milliseconds, then) {
      due.push(then);
      return () => void due.splice(due.indexOf(then), 1);
    },
    serve({ name }, loaded) {
      const one = { name, loaded, over: false };
      served.push(one);
      return {
        url: "http://127.0.0.1:9",
        async stop() {
          one.over = true;
        },
      };
    },
  });
  const used = async () => (await gpus.read())[0]?.used;
  return { driver, served, used, pass: () => due.shift()?.(), waits: () => due.length };
}

const LAUNCH = launchOf([], { name: "signalbox-test-a-1" }, { model: "tiny", gpus: ["0"], vram: 8 * GIB });

test("an engine loads step by step, serves, and leaves nothing behind", async () => {
  const { driver, served, used, pass, waits } = house();
  await driver.create(LAUNCH);
  expect(await driver.list()).toMatchObject([{ name: LAUNCH.name, status: "created" }]);
  const first = await driver.start(LAUNCH.name);
  expect(await driver.start(LAUNCH.name)).toEqual(first);
  expect([first.baseUrl, served.length, served[0]?.loaded(), await used()]).toEqual(["http://127.0.0.1:9/v1", 1, false, 2 * GIB]);
  while (waits() > 0) pass();
  expect([served[0]?.loaded(), await used()]).toEqual([true, 8 * GIB]);
  expect(await driver.list()).toMatchObject([{ status: "running", pid: first.pid }]);
  expect(await driver.logs(LAUNCH.name, 1)).toBe("Loading weights of tiny: 100 %");
  await driver.stop(LAUNCH.name, 0);
  await driver.remove(LAUNCH.name);
  expect([served[0]?.over, await used(), await driver.list()]).toEqual([true, 0, []]);
});

test("one that is stopped while it loads loads no further", async () => {
  const { driver, used, waits } = house();
  await driver.create(LAUNCH);
  await driver.start(LAUNCH.name);
  await driver.close();
  expect([waits(), await used()]).toEqual([0, 0]);
});
