import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import type { DockerOptions } from "../../../../src/fleet/drivers/docker/docker-options.ts";
import type { DriverEvent, DriverReason, EngineDriver, FoundEngine } from "../../../../src/fleet/drivers/driver.ts";
import { listOf, objectOf, stringOf } from "../../../../src/vocabulary/json.ts";
import { type DockerEngine, startDockerEngine, whyNoDocker } from "../../../harness/docker.ts";
import { until } from "../../../harness/until.ts";
import { clear, dockerDriver, dockerLaunch, failureOf, programLaunch, run } from "./docker-house.ts";

/** What is Docker's own, with containers as they are made on a Docker Engine that this test starts. */
const why = whyNoDocker();
describe.skipIf(why !== undefined)(`containers of a real Docker Engine${why === undefined ? "" : `, ${why}`}`, () => {
  const PATIENCE = 60_000;
  let docker: DockerEngine;
  beforeAll(async () => {
    docker = await startDockerEngine();
  }, PATIENCE);
  afterAll(() => docker.remove(), PATIENCE);

  /** A test with drivers whose engines are gone at its end. */
  const withDriver = (what: string, work: (driver: EngineDriver) => Promise<void>, different?: Partial<DockerOptions>) =>
    test(
      what,
      async () => {
        const driver = dockerDriver(docker, "test", different);
        try {
          await work(driver);
        } finally {
          await clear(driver);
        }
      },
      PATIENCE,
    );
  const ended = async (driver: EngineDriver, name: string): Promise<FoundEngine | undefined> => {
    const find = async () => (await driver.list()).find((engine) => engine.name === name);
    await until(`${name} to end`, async () => (await find())?.status === "exited");
    return find();
  };
  const stateOf = async (name: string) => objectOf(objectOf((await docker.ask("GET", `/containers/${name}/json`)).body)["State"]);
  const foreign = (name: string, different = {}) =>
    docker.ask("POST", `/containers/create?name=${name}`, {
      Image: docker.image,
      Entrypoint: ["sleep", "1000"],
      HostConfig: { Binds: [...docker.binds] },
      ...different,
    });

  describe("what they may", () => {
    withDriver("no capability, and no way to get one", async (driver) => {
      const launch = programLaunch({}, "cat", "/proc/self/status");
      await run(driver, launch);
      await ended(driver, launch.name);
      const said = await driver.logs(launch.name, 100);
      expect(said).toMatch(/^CapEff:\s+0000000000000000$/m);
      expect(said).toMatch(/^CapBnd:\s+0000000000000000$/m);
      expect(said).toMatch(/^NoNewPrivs:\s+1$/m);
    });

    withDriver("nobody calls them but this machine", async (driver) => {
      const port = Number(new URL(await run(driver, dockerLaunch({}))).port);
      const [{ Gateway } = {}] = listOf(objectOf(objectOf((await docker.ask("GET", "/networks/bridge")).body)["IPAM"])["Config"]).map(objectOf);
      const opens = (host: string) =>
        new Promise<boolean>((resolve) => {
          const socket = connect({ host, port }, () => resolve(true));
          socket.on("error", () => resolve(false));
        });
      expect(stringOf(Gateway)).toMatch(/^10\./);
      expect([await opens("127.0.0.1"), await opens(stringOf(Gateway) ?? "")]).toEqual([true, false]);
    });

    withDriver(
      "as much of the machine's memory as they are given",
      async (driver) => {
        const told: DriverEvent[] = [];
        driver.watch((event) => told.push(event));
        const launch = programLaunch({}, "tail", "/dev/zero");
        await run(driver, launch);
        const exit = { code: 137, outOfMemory: true };
        expect((await ended(driver, launch.name))?.exit).toEqual(exit);
        await until("its end to be told", () => told.length > 0);
        expect(told).toEqual([{ type: "exited", name: launch.name, exit }]);
      },
      { memory: 2 ** 25 },
    );

    withDriver("to say what they like, of which the last is read", async (driver) => {
      const launch = programLaunch({}, "sh", "-c", "seq 1 500 >&2; exit 4");
      await run(driver, launch);
      expect((await ended(driver, launch.name))?.exit).toEqual({ code: 4, outOfMemory: false });
      expect(await driver.logs(launch.name, 3)).toBe("498\n499\n500");
    });
  });

  describe("a network", () => {
    test(
      "publishes nothing; who is in it knows them by name",
      async () => {
        await docker.ask("POST", "/networks/create", { Name: "llm_net" });
        const driver = dockerDriver(docker, "test", { network: "llm_net" });
        try {
          const launch = dockerLaunch({});
          const baseUrl = await run(driver, launch);
          expect(baseUrl).toBe(`http://${launch.name}:8000/v1`);
          const asker = programLaunch({ engine: "asker" }, "getent", "hosts", launch.name);
          await run(driver, asker);
          await ended(driver, asker.name);
          // From one container to the other this machine's firewall may not let us; from here to either it does.
          const [address] = (await driver.logs(asker.name, 1)).split(" ");
          await until("it to answer", () =>
            fetch(`http://${address}:8000/health`).then(
              ({ ok }) => ok,
              () => false,
            ),
          );
          const { Ports } = objectOf(objectOf((await docker.ask("GET", `/containers/${launch.name}/json`)).body)["NetworkSettings"]);
          expect(Ports).toEqual({ "8000/tcp": null });
        } finally {
          await clear(driver);
        }
      },
      PATIENCE,
    );
  });

  describe("names", () => {
    withDriver("one that somebody else has stays theirs, whatever is asked", async (driver) => {
      const launch = dockerLaunch({});
      await foreign(launch.name);
      await docker.ask("POST", `/containers/${launch.name}/start`);
      const { name } = launch;
      const asked = [() => driver.create(launch), () => driver.start(name), () => driver.logs(name, 1)];
      for (const ask of asked) {
        const { reason, message } = await failureOf(ask());
        expect([reason, message]).toEqual(["name-taken", expect.stringContaining(`docker rm ${name}`)]);
      }
      // Ours of that name is not there: to be ended it need not be.
      await driver.stop(name, 0);
      await driver.remove(name);
      expect(await driver.list()).toEqual([]);
      expect(await stateOf(launch.name)).toMatchObject({ Status: "running" });
      await docker.ask("DELETE", `/containers/${launch.name}?force=true`);
    });

    withDriver("another start of the same engine is not this one", async (driver) => {
      await driver.create(dockerLaunch({}));
      expect((await failureOf(driver.create(dockerLaunch({}, { hash: "changed" })))).reason).toBe("name-taken");
    });

    withDriver("of twenty who make one at once, all have it", async (driver) => {
      const drivers = Array.from({ length: 4 }, () => dockerDriver(docker, "test"));
      const launch = dockerLaunch({});
      await Promise.all(drivers.flatMap((one) => Array.from({ length: 5 }, () => one.create(launch))));
      expect(await driver.list()).toMatchObject([{ name: launch.name, status: "created" }]);
      await Promise.all(drivers.map((one) => one.close()));
    });

    withDriver("labels without an engine are none of ours", async (driver) => {
      await foreign("half-labelled", { Labels: { "signalbox.install": "test" } });
      expect(await driver.list()).toEqual([]);
      await docker.ask("DELETE", "/containers/half-labelled");
    });
  });

  describe("what Docker refuses", () => {
    const cases: readonly [string, Partial<DockerOptions>, Parameters<typeof dockerLaunch>, DriverReason, RegExp][] = [
      [
        "an image that is not there",
        {},
        [{}, { image: "nowhere/engine:1" }],
        "image-missing",
        /nowhere\/engine:1 is not there.*docker pull nowhere\/engine:1$/,
      ],
      [
        "an image that nobody has",
        { pull: "missing" },
        [{}, { image: "127.0.0.1:1/engine" }],
        "image-missing",
        /could not be pulled \(.*connection refused\).*docker pull 127.0.0.1:1\/engine$/,
      ],
      ["GPUs on a machine without", {}, [{ gpus: [{ id: "0" }] }], "refused", /NVIDIA Container Toolkit.*could not select device driver/],
      ["a runtime that is not there", { runtime: "nvidia" }, [{ gpus: [{ id: "0" }] }], "refused", /fleet.docker.runtime.*nvidia/],
      ["a network that is not there", { network: "nowhere" }, [{}], "refused", /docker network create.*nowhere/],
      ["a bind without a place", {}, [{}, { volumes: ["models:models"] }], "refused", /volumes.*models/],
      ["a command that is not there", {}, [{}, { command: ["vllm"] }], "refused", /command.*vllm/],
      ["a user nobody knows", { user: "nobody-here" }, [{}], "refused", /fleet.docker.user.*nobody-here/],
      ["an address of another machine", { publishAt: "192.0.2.1" }, [{}], "refused", /publish_at is no address of Docker's machine/],
    ];
    for (const [what, options, asked, reason, words] of cases) {
      withDriver(
        what,
        async (driver) => {
          const failure = await failureOf(run(driver, dockerLaunch(...asked)));
          expect(failure.reason).toBe(reason);
          expect(failure.message).toMatch(words);
        },
        options,
      );
    }
  });

  withDriver(
    "tensors of an engine over two GPUs have room",
    async (driver) => {
      const launch = programLaunch({}, "df", "-k", "/dev/shm");
      await run(driver, { ...launch, spec: { ...launch.spec, tensorParallel: 2 } });
      await ended(driver, launch.name);
      expect(await driver.logs(launch.name, 5)).toMatch(/\b131072\b/);
    },
    { sharedMemory: 2 ** 27 },
  );
});
