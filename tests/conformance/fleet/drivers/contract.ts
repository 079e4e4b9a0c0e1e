import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type DriverEvent, DriverFailure, type DriverReason, type EngineDriver, type FoundEngine, type Launch } from "../../../../src/fleet/drivers/driver.ts";
import type { Faults } from "../../../fakes/engine/options.ts";
import { until } from "../../../harness/until.ts";
import type { AskedLaunch } from "./launches.ts";

/** A place where engines run, for one run of the suite. */
export interface DriverHouse {
  /** A driver of that installation; the suite closes it. All of a house see the same engines. */
  driver(install: string): Promise<EngineDriver>;
  /** A start of the fake engine, as `fakeLaunch` makes it, that runs in this house. */
  launch(asked: AskedLaunch): Launch;
  /** The same, with a command that is not there. */
  unrunnable(asked: AskedLaunch): Launch;
  /** Whether engines may be given GPUs here. */
  readonly gpus: boolean;
  /** What drivers do and this one cannot, each with why; absent: it can all. What holds instead is tested. */
  readonly cannot?: Cannot;
  /** The suite has removed what it made. */
  close(): Promise<void>;
}

export interface Cannot {
  /** An engine is given the arguments of its launch, and so serves the name of its start. */
  readonly passArguments?: string;
}

/** Longer than any engine takes to end that wants to. Milliseconds. */
const GRACE = 15_000;
/** Engines are processes, or containers, on a busy machine. Milliseconds. */
const PATIENCE = 60_000;

/** What the supervisor relies on, whatever runs engines: `driver.ts` is the contract, this is its proof. */
export function describeDriver(name: string, make: () => Promise<DriverHouse>): void {
  describe(`a driver: ${name}`, () => {
    let house: DriverHouse;
    beforeAll(async () => {
      house = await make();
    }, PATIENCE);
    afterAll(() => house.close(), PATIENCE);

    let installs = 0;
    /** A test of its own installation, at whose end nothing is left. */
    const contract = (what: string, body: (scene: Scene) => Promise<void>) =>
      test(
        what,
        async () => {
          const scene = await openScene(house, `contract${++installs}`);
          try {
            await body(scene);
          } finally {
            await scene.close();
          }
        },
        PATIENCE,
      );

    contract("creates, starts, serves, stops, and takes away", async ({ driver, launch, only }) => {
      const one = launch({ generation: 7 });
      const labels = { name: one.name, engine: "tiny", generation: 7, hash: one.spec.hash, gpus: [] };
      await driver.create(one);
      expect(await driver.list()).toEqual([{ ...labels, status: "created" }]);
      const { baseUrl, pid } = await driver.start(one.name);
      await serves(baseUrl);
      expect(await only()).toEqual({ ...labels, status: "running", baseUrl, ...(pid !== undefined && { pid }) });
      expect(await servedNames(baseUrl)).toEqual(house.cannot?.passArguments === undefined ? ["fake/tiny", one.name] : ["fake/tiny"]);
      await driver.stop(one.name, GRACE);
      expect(await only()).toEqual({ ...labels, status: "exited", exit: { code: 0, outOfMemory: false } });
      await expect(fetch(`${baseUrl}/models`)).rejects.toThrow();
      await driver.remove(one.name);
      expect(await driver.list()).toEqual([]);
    });

    contract("does what is done already, without doing it again", async ({ driver, launch, only }) => {
      const { name } = launch({});
      for (const _ of [1, 2]) await driver.create(launch({}));
      const first = await driver.start(name);
      await serves(first.baseUrl);
      expect(await driver.start(name)).toEqual(first);
      await driver.create(launch({}));
      expect(await only()).toMatchObject({ status: "running", baseUrl: first.baseUrl });
      expect(await counts(first.baseUrl)).toMatchObject({ starts: 1 });
      for (const _ of [1, 2]) await driver.stop(name, GRACE);
      for (const _ of [1, 2]) await driver.remove(name);
      expect(await driver.list()).toEqual([]);
    });

    contract("stops and removes what is not there; starts and reads nothing of it", async ({ driver, launch }) => {
      const { name } = launch({ engine: "nobody" });
      await driver.stop(name, GRACE);
      await driver.remove(name);
      expect(await reasonOf(driver.start(name))).toBe("failed");
      expect(await reasonOf(driver.logs(name, 10))).toBe("failed");
    });

    contract("stops and removes what was never started", async ({ driver, launch }) => {
      await driver.create(launch({}));
      await driver.stop(launch({}).name, GRACE);
      await driver.remove(launch({}).name);
      expect(await driver.list()).toEqual([]);
    });

    contract("makes one of a name, however many ask at once", async ({ driver, launch }) => {
      const { name } = launch({});
      await Promise.all([1, 2, 3].map(() => driver.create(launch({}))));
      expect(await driver.list()).toHaveLength(1);
      const reached = await Promise.all([1, 2, 3].map(() => driver.start(name)));
      expect(new Set(reached.map(({ baseUrl }) => baseUrl)).size).toBe(1);
    });

    contract("runs several beside each other", async ({ driver, started }) => {
      const urls = await Promise.all(["one", "other", "third"].map(async (engine) => (await started({ engine })).baseUrl));
      expect(new Set(urls).size).toBe(3);
      expect((await driver.list()).map(({ engine, status }) => [engine, status]).sort()).toEqual([
        ["one", "running"],
        ["other", "running"],
        ["third", "running"],
      ]);
    });

    contract("never removes one that runs", async ({ driver, started, only }) => {
      const { launch, baseUrl } = await started({});
      expect(await reasonOf(driver.remove(launch.name))).toBe("failed");
      expect(await only()).toMatchObject({ status: "running", baseUrl });
      await serves(baseUrl);
    });

    contract("lets an engine end in its own time", async ({ driver, started, only, told }) => {
      const { launch } = await started({ fake: { stopDelay: 300 } });
      await driver.stop(launch.name, GRACE);
      expect(await only()).toMatchObject({ status: "exited", exit: { code: 0 } });
      await until("its end to be told", () => told.length === 1);
    });

    contract("makes an engine end that does not want to", async ({ driver, started, only, told }) => {
      const { launch, baseUrl } = await started({ fake: { ignoreTerm: true } });
      await driver.stop(launch.name, 200);
      await expect(fetch(`${baseUrl}/models`)).rejects.toThrow();
      expect(await only()).toMatchObject({ status: "exited", exit: { code: 137, outOfMemory: false } });
      await until("its end to be told", () => told.length === 1);
      expect(told).toEqual([{ type: "exited", name: launch.name, exit: { code: 137, outOfMemory: false } }]);
    });

    contract("tells of an exit once, with its code, to all who watch", async ({ driver, started, only, told }) => {
      const others: DriverEvent[] = [];
      const early: DriverEvent[] = [];
      driver.watch((event) => others.push(event));
      driver.watch((event) => early.push(event))();
      const { launch, baseUrl } = await started({});
      await crash(baseUrl, { exitCode: 7 });
      const exited: DriverEvent = { type: "exited", name: launch.name, exit: { code: 7, outOfMemory: false } };
      await until("its end to be told", () => told.length > 0 && others.length > 0);
      await driver.stop(launch.name, GRACE);
      expect(await only()).toMatchObject({ status: "exited", exit: { code: 7 } });
      expect({ told, others, early }).toEqual({ told: [exited], others: [exited], early: [] });
    });

    contract("keeps the last words of one that has exited, until it is removed", async ({ driver, launch, told }) => {
      const { name } = launch({});
      await driver.create(launch({ fake: { loading: "memory-held", exitCode: 1 } }));
      await driver.start(name);
      await until("its end to be told", () => told.length > 0);
      const said = await driver.logs(name, 100);
      expect(said).toContain("is less than desired GPU memory utilization");
      expect(said.split("\n").length).toBeGreaterThan(3);
      expect((await driver.logs(name, 1)).split("\n")).toEqual([said.split("\n").at(-1) ?? ""]);
      await driver.remove(name);
      expect(await reasonOf(driver.logs(name, 10))).toBe("failed");
    });

    contract("reads what a running engine says", async ({ driver, started }) => {
      const { launch } = await started({});
      await until("it to say so", async () => (await driver.logs(launch.name, 100)).includes("Application startup complete"));
    });

    contract("refuses what can never run", async ({ driver }) => {
      const launch = house.unrunnable({ install: "never" });
      const stranger = await house.driver("never");
      const run = async () => {
        await stranger.create(launch);
        await stranger.start(launch.name);
      };
      try {
        expect(await reasonOf(run())).toBe("refused");
        expect((await stranger.list()).filter(({ status }) => status === "running")).toEqual([]);
        expect(await driver.list()).toEqual([]);
      } finally {
        await stranger.remove(launch.name);
        await stranger.close();
      }
    });

    contract("knows nothing of another installation's engines", async ({ driver, started }) => {
      const { launch, baseUrl } = await started({});
      const stranger = await house.driver("stranger");
      try {
        expect(await stranger.list()).toEqual([]);
        // Another's name: ours of that name is not there, and nothing comes of it.
        expect(await reasonOf(stranger.create({ ...launch, install: "stranger" }))).toBe("name-taken");
        await stranger.stop(launch.name, 0);
        await stranger.remove(launch.name);
        await serves(baseUrl);
        expect(await driver.list()).toMatchObject([{ name: launch.name, status: "running" }]);
      } finally {
        await stranger.close();
      }
    });

    contract("closes, and the next driver finds, watches and stops what it made", async ({ driver, successor, started, only, told }) => {
      const { launch, baseUrl, pid } = await started({ generation: 3 });
      const facts = await only();
      await driver.close();
      await serves(baseUrl);
      const next = await successor();
      const heard: DriverEvent[] = [];
      next.watch((event) => heard.push(event));
      expect(facts).toMatchObject({ name: launch.name, generation: 3, baseUrl, ...(pid !== undefined && { pid }) });
      expect(await next.list()).toEqual([facts]);
      expect(await next.logs(launch.name, 100)).toContain("Starting to load model");
      await next.stop(launch.name, GRACE);
      await expect(fetch(`${baseUrl}/models`)).rejects.toThrow();
      await until("its end to be told", () => heard.length > 0);
      expect(heard).toMatchObject([{ type: "exited", name: launch.name }]);
      expect(told).toEqual([]);
      expect((await next.list()).map(({ status }) => status)).toEqual(["exited"]);
      await next.remove(launch.name);
      expect(await next.list()).toEqual([]);
    });

    contract("is told of the end of what an earlier driver started", async ({ driver, successor, started }) => {
      const { launch, baseUrl } = await started({});
      await driver.close();
      const next = await successor();
      const heard: DriverEvent[] = [];
      next.watch((event) => heard.push(event));
      await next.list();
      await crash(baseUrl, { exitCode: 5 });
      await until("its end to be told", () => heard.length > 0);
      expect(heard).toMatchObject([{ type: "exited", name: launch.name, exit: { outOfMemory: false } }]);
      expect(await next.list()).toMatchObject([{ name: launch.name, status: "exited" }]);
    });

    contract("finds that one has ended while nobody looked", async ({ driver, successor, started }) => {
      const { launch, baseUrl } = await started({});
      await driver.close();
      await crash(baseUrl, { exitCode: 5 });
      const next = await successor();
      await until("it to be seen", async () => (await next.list())[0]?.status === "exited");
      expect(await next.list()).toMatchObject([{ name: launch.name, status: "exited", exit: { outOfMemory: false } }]);
      expect(await next.logs(launch.name, 10)).toContain("Application startup complete");
    });

    contract("removes what an earlier driver only created", async ({ driver, successor, launch }) => {
      await driver.create(launch({}));
      await driver.close();
      const next = await successor();
      expect(await next.list()).toMatchObject([{ name: launch({}).name, status: "created" }]);
      await next.remove(launch({}).name);
      expect(await next.list()).toEqual([]);
    });

    contract("tells which GPUs an engine was given", async ({ driver, launch }) => {
      if (!house.gpus) return expect(launch({}).gpus).toEqual([]);
      await driver.create(launch({ gpus: [{ id: "1", uuid: "GPU-b" }, { id: "0" }] }));
      expect(await driver.list()).toMatchObject([{ gpus: ["1", "0"] }]);
    });
  });
}

/** One test's installation. */
interface Scene {
  readonly driver: EngineDriver;
  /** What `driver` told since the scene began. */
  readonly told: readonly DriverEvent[];
  launch(asked: AskedLaunch): Launch;
  /** Created, started, and answering. */
  started(asked: AskedLaunch): Promise<{ readonly launch: Launch; readonly baseUrl: string; readonly pid?: number }>;
  /** The one engine of this installation. */
  only(): Promise<FoundEngine>;
  /** Another driver of the same installation, as the next gateway has it. */
  successor(): Promise<EngineDriver>;
  close(): Promise<void>;
}

async function openScene(house: DriverHouse, install: string): Promise<Scene> {
  const driver = await house.driver(install);
  const drivers = [driver];
  const told: DriverEvent[] = [];
  driver.watch((event) => told.push(event));
  const launch = (asked: AskedLaunch) => house.launch({ install, ...asked });
  const successor = async () => {
    const next = await house.driver(install);
    drivers.push(next);
    return next;
  };
  return {
    driver,
    told,
    launch,
    successor,
    async started(asked) {
      const made = launch(asked);
      await driver.create(made);
      const reached = await driver.start(made.name);
      await serves(reached.baseUrl);
      return { launch: made, ...reached };
    },
    async only() {
      const all = await driver.list();
      expect(all).toHaveLength(1);
      return all[0] as FoundEngine;
    },
    async close() {
      const broom = await successor();
      for (const { name } of await broom.list()) {
        await broom.stop(name, 0);
        await broom.remove(name);
      }
      for (const each of drivers) await each.close();
    },
  };
}

const rootOf = (baseUrl: string) => baseUrl.replace(/\/v1$/, "");

async function serves(baseUrl: string): Promise<void> {
  const healthy = () =>
    fetch(`${rootOf(baseUrl)}/health`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await until(`an engine at ${baseUrl}`, healthy, PATIENCE);
}

async function servedNames(baseUrl: string): Promise<string[]> {
  const { data } = (await (await fetch(`${baseUrl}/models`)).json()) as { data: { id: string }[] };
  return data.map(({ id }) => id);
}

async function counts(baseUrl: string): Promise<unknown> {
  return await (await fetch(`${rootOf(baseUrl)}/fake/counts`)).json();
}

/** It ends by itself, in the middle of an answer. */
async function crash(baseUrl: string, faults: Faults): Promise<void> {
  await fetch(`${rootOf(baseUrl)}/fake/fault`, { method: "POST", body: JSON.stringify({ ...faults, dieAfter: 2 }) });
  const body = JSON.stringify({ model: "fake/tiny", stream: true, messages: [{ role: "user", content: "hi" }] });
  const answer = await fetch(`${baseUrl}/chat/completions`, { method: "POST", body });
  await expect(answer.text()).rejects.toThrow();
}

async function reasonOf(work: Promise<unknown>): Promise<DriverReason | "none"> {
  try {
    await work;
    return "none";
  } catch (error) {
    if (!(error instanceof DriverFailure)) throw error;
    expect(error.message.length).toBeGreaterThan(20);
    return error.reason;
  }
}
