import { describe, expect, test } from "bun:test";
import { until } from "../../../../tests/harness/until.ts";
import type { Json, JsonObject } from "../../../vocabulary/json.ts";
import { type DriverEvent, DriverFailure, type EngineDriver } from "../driver.ts";
import { createDockerDriver } from "./docker-driver.ts";
import type { DockerOptions } from "./docker-options.ts";
import { dockerOptions, launchOf } from "./launch.fixture.ts";
import { type ScriptedDocker, type Told, withScriptedDocker } from "./scripted-docker.fixture.ts";
import type { DockerTiming } from "./watch-containers.ts";

/** What neither a real Docker nor a Podman is easily brought to say; tests/conformance/fleet/drivers/docker.test.ts asks a real Docker everything else. */
const TIMING: DockerTiming = { retry: [5, 20], pulse: 20, stall: 100 };
const NAME = launchOf().name;

type Work = (driver: EngineDriver, docker: ScriptedDocker) => Promise<unknown>;
function withDriver(script: Parameters<typeof withScriptedDocker>[0], work: Work, options: Partial<DockerOptions> = {}) {
  return withScriptedDocker(script, async (docker) => {
    const driver = createDockerDriver(dockerOptions({ ...options, host: docker.host }), TIMING);
    try {
      return await work(driver, docker);
    } finally {
      await driver.close();
    }
  });
}

async function failureOf(promise: Promise<unknown>): Promise<{ reason: string; message: string }> {
  const error = await promise.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof DriverFailure)) throw new Error(`No driver's failure: ${error}`);
  return { reason: error.reason, message: error.message };
}

const LABELS = { "signalbox.install": "here", "signalbox.engine": "llama", "signalbox.generation": "3", "signalbox.hash": "4f2a", "signalbox.gpus": "" };
function container(state: JsonObject, labels: JsonObject = LABELS): JsonObject {
  const ports = state["Status"] === "running" ? { "8000/tcp": [{ HostIp: "127.0.0.1", HostPort: "34511" }] } : {};
  return { Id: "c1", Name: `/${NAME}`, Config: { Labels: labels }, State: state, NetworkSettings: { Ports: ports } };
}
const RUNNING = container({ Status: "running", Pid: 77, ExitCode: 0, FinishedAt: "0001-01-01T00:00:00Z" });
const exited = (state: JsonObject = {}) => container({ Status: "exited", ExitCode: 1, FinishedAt: "2026-11-22T06:41:04Z", ...state });
const said = (status: number, message: string): Told => [status, { message }];
const INSPECT = `GET /containers/${NAME}/json`;
const CREATE = "POST /containers/create";

describe("refusals keep Docker's words, and say what to do", () => {
  const cases: readonly [string, Told, string, RegExp][] = [
    ["no NVIDIA", said(500, 'could not select device driver "nvidia" with capabilities: [[gpu]]'), "refused", /NVIDIA Container Toolkit/],
    ["no such GPU", said(500, "nvidia-container-cli: device error: GPU-zzz: unknown device: unknown"), "refused", /its GPUs.*GPU-zzz/],
    [
      "port taken",
      said(500, "driver failed programming external connectivity: Bind for 127.0.0.1:8000 failed: port is already allocated"),
      "port-taken",
      /publish_at/,
    ],
    ["port taken, Podman", said(500, "rootlessport listen tcp 127.0.0.1:8000: bind: address already in use"), "port-taken", /publish_at/],
    ["no network", said(404, "network llm_net not found"), "refused", /docker network create/],
    ["no network, Podman", said(500, "unable to find network with name or ID llm_net: network not found"), "refused", /docker network create/],
    ["no command", said(400, 'exec: "vllm": executable file not found in $PATH: unknown'), "refused", /command/],
    ["no room", said(500, "mkdir /var/lib/docker/x: no space left on device"), "failed", /make room/],
    ["a proxy", [403], "refused", /does not allow/],
    ["a proxy alone", [503], "driver-gone", /does not reach/],
    ["anything else", said(500, "the moon is full"), "failed", /the moon is full/],
  ];
  for (const [what, told, reason, words] of cases) {
    test(what, () =>
      withDriver({ [INSPECT]: [[200, RUNNING]], "POST /containers/c1/start": [told] }, async (driver) => {
        const failure = await failureOf(driver.start(NAME));
        expect(failure.reason).toBe(reason);
        expect(failure.message).toMatch(words);
        expect(failure.message).toStartWith(`The container ${NAME} could not be started`);
      }),
    );
  }

  test("an engine's secrets are not repeated", () =>
    withDriver({ [CREATE]: [said(400, "invalid environment: HF_TOKEN=hf_secret_token")] }, async (driver) => {
      const failure = await failureOf(driver.create(launchOf({ env: { HF_TOKEN: "hf_secret_token" } })));
      expect(failure).toEqual({ reason: "refused", message: "A container for llama could not be made. Docker says: invalid environment: HF_TOKEN=…" });
    }));
});

describe("Podman's ways", () => {
  const TAKEN = said(
    500,
    `creating container storage: the container name "${NAME}" is already in use by 4f2a. You have to remove that container to be able to reuse that name: that name is already in use`,
  );

  test("a name that is taken is a 500: by the same launch, it is made already", () =>
    withDriver({ [CREATE]: [TAKEN], [INSPECT]: [[200, RUNNING]] }, async (driver, { calls }) => {
      await driver.create(launchOf());
      expect(calls.map(({ call }) => call)).toEqual(["GET /version", CREATE, INSPECT]);
    }));

  for (const [what, labels] of [
    ["another launch", { ...LABELS, "signalbox.hash": "else" }],
    ["another installation", { ...LABELS, "signalbox.install": "there" }],
    ["anybody", {}],
  ] as const) {
    test(`a name that is taken by ${what}`, () =>
      withDriver({ [CREATE]: [TAKEN], [INSPECT]: [[200, container({ Status: "running" }, labels)]] }, async (driver) => {
        expect((await failureOf(driver.create(launchOf()))).reason).toBe("name-taken");
      }));
  }

  test("what is so already is a 304", () =>
    withDriver({ [INSPECT]: [[200, RUNNING]], "POST /containers/c1/start": [[304]], "POST /containers/c1/stop": [[304]] }, async (driver) => {
      expect(await driver.start(NAME)).toEqual({ baseUrl: "http://127.0.0.1:34511/v1", pid: 77 });
      await driver.stop(NAME, 100);
    }));

  test("to stop what has ended meanwhile is a 500", () =>
    withDriver(
      {
        [INSPECT]: [
          [200, RUNNING],
          [200, exited()],
        ],
        "POST /containers/c1/stop": [said(500, "can only stop created or running containers: container state improper")],
      },
      (driver) => driver.stop(NAME, 100),
    ));

  test("an image that is not there is not known", () =>
    withDriver(
      { [CREATE]: [said(500, "vllm/vllm-openai:v0.29.0: image not known")] },
      async (driver) => {
        expect(await failureOf(driver.create(launchOf()))).toEqual({
          reason: "image-missing",
          message: "The image vllm/vllm-openai:v0.29.0 is not there, and fleet.docker.pull is never. Pull it yourself: docker pull vllm/vllm-openai:v0.29.0",
        });
      },
      { pull: "never" },
    ));

  test("states and events have other names", () =>
    withDriver(
      {
        "GET /containers/json": [[200, [{ Id: "c1" }]]],
        "GET /containers/c1/json": [
          [200, RUNNING],
          [200, RUNNING],
          [200, RUNNING],
          [200, exited({ Status: "stopped", OOMKilled: true, ExitCode: 137 })],
        ],
        "GET /events": [eventsOf({ Action: "died", Actor: { ID: "c1", Attributes: { name: NAME, containerExitCode: "137" } } })],
      },
      async (driver) => {
        const events: DriverEvent[] = [];
        expect(await driver.list()).toMatchObject([{ status: "running" }]);
        driver.watch((event) => events.push(event));
        await until("the end", () => events.length > 0);
        expect(events).toEqual([{ type: "exited", name: NAME, exit: { code: 137, outOfMemory: true } }]);
      },
    ));
});

/** A stream of events that stays open. */
function eventsOf(...events: readonly Json[]): Told {
  return (response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    for (const event of events) response.write(`${JSON.stringify(event)}\n`);
  };
}

describe("a watch that loses its Docker", () => {
  test("says so once, tries on, and makes good what it missed", () =>
    withDriver(
      {
        "GET /containers/json": [[200, [{ Id: "c1" }]], [200, [{ Id: "c1" }]], [503], [200, [{ Id: "c1" }]]],
        "GET /containers/c1/json": [
          [200, RUNNING],
          [200, RUNNING],
          [200, exited({ ExitCode: 3 })],
        ],
        "GET /events": [eventsOf()],
      },
      async (driver, docker) => {
        const events: DriverEvent[] = [];
        driver.watch((event) => events.push(event));
        await until("two lists", () => docker.calls.filter(({ call }) => call === "GET /containers/c1/json").length === 2);
        docker.cut();
        await until("its return", () => events.at(-1)?.type === "back");
        expect(events).toEqual([
          { type: "lost", why: expect.stringMatching(/^The connection to Docker at tcp:\S+ broke/) },
          { type: "exited", name: NAME, exit: { code: 3, outOfMemory: false } },
          { type: "back" },
        ]);
      },
    ));

  test("finds out by itself that a silent one is gone", () =>
    withDriver(
      {
        "GET /containers/json": [[200, []]],
        "GET /events": [eventsOf()],
        "GET /version": [
          [200, { ApiVersion: "1.41" }],
          [500, { message: "gone" }],
        ],
      },
      async (driver) => {
        const events: DriverEvent[] = [];
        driver.watch((event) => events.push(event));
        await until("the loss", () => events.length > 0);
        expect(events[0]).toEqual({ type: "lost", why: "Docker does not tell its events. Docker says: gone" });
      },
    ));

  test("is silent once it is ended", () =>
    withDriver({ "GET /containers/json": [[200, []]], "GET /events": [eventsOf()] }, async (driver, docker) => {
      const events: DriverEvent[] = [];
      const end = driver.watch((event) => events.push(event));
      await until("its events", () => docker.calls.some(({ call }) => call === "GET /events"));
      end();
      docker.cut();
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(events).toEqual([]);
    }));
});

describe("pulling", () => {
  const MISSING = said(404, "No such image: vllm/vllm-openai:v0.29.0");
  const PULL = "POST /images/create";
  const lines = (response: { write(text: string): unknown }, ...objects: readonly Json[]) => {
    for (const object of objects) response.write(`${JSON.stringify(object)}\n`);
  };

  test("an image that is missing is pulled once for all who wait, and its progress is what there is to read of them", async () => {
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    const pulling: Told = (response) => {
      response.writeHead(200);
      lines(
        response,
        { status: "Pulling from vllm/vllm-openai", id: "v0.29.0" },
        { status: "Downloading", id: "layer1", progressDetail: { current: 2 ** 29, total: 2 ** 30 } },
        { status: "Downloading", id: "layer2", progressDetail: { current: 1, total: 3 * 2 ** 30 } },
        { status: "Pull complete", id: "layer2", progressDetail: {} },
      );
      void mayEnd.then(() => response.end());
    };
    await withDriver({ [CREATE]: [MISSING, MISSING, [201, { Id: "c1" }]], [PULL]: [pulling] }, async (driver, { calls }) => {
      const [one, other] = [launchOf(), launchOf({ name: "signalbox-here-llama-4" })];
      const made = Promise.all([driver.create(one), driver.create(other)]);
      await until("the pull's progress", async () => (await driver.logs(other.name, 10).catch(() => "")).includes("1 of 2 layers"));
      expect(await driver.logs(one.name, 10)).toBe("Pulling vllm/vllm-openai:v0.29.0: 1 of 2 layers, 3.5 of 4.0 GiB");
      end();
      await made;
      expect(calls.filter(({ call }) => call === PULL).map(({ query }) => [...query])).toEqual([
        [
          ["fromImage", "vllm/vllm-openai"],
          ["tag", "v0.29.0"],
        ],
      ]);
    });
  });

  const failsOnTheWay: Told = (response) => {
    lines(response, { error: "toomanyrequests", errorDetail: {} });
    response.end();
  };
  const failures: readonly [string, Told, RegExp][] = [
    ["refused at once", said(404, "pull access denied for vllm/vllm-openai"), /pull access denied/],
    ["failed on the way", failsOnTheWay, /toomanyrequests/],
    ["without progress", eventsOf(), /no progress for 0.1 s/],
  ];
  for (const [what, told, words] of failures) {
    test(what, () =>
      withDriver({ [CREATE]: [MISSING], [PULL]: [told] }, async (driver) => {
        const failure = await failureOf(driver.create(launchOf()));
        expect(failure.reason).toBe("image-missing");
        expect(failure.message).toMatch(words);
        expect(failure.message).toEndWith("docker pull vllm/vllm-openai:v0.29.0");
      }),
    );
  }

  test("what was pulled and is missing all the same is not pulled for ever", () =>
    withDriver({ [CREATE]: [MISSING], [PULL]: [(response) => void response.writeHead(200).end()] }, async (driver, { calls }) => {
      expect((await failureOf(driver.create(launchOf()))).reason).toBe("image-missing");
      expect(calls.filter(({ call }) => call === PULL)).toHaveLength(1);
    }));
});

test("what is closed answers nobody, and waits for nobody", () =>
  withDriver({ "GET /containers/json": [() => undefined] }, async (driver) => {
    const listed = failureOf(driver.list());
    await driver.close();
    expect((await listed).reason).toBe("driver-gone");
  }));

test.each([
  ["unix:///nowhere/docker.sock", /no Docker socket/],
  ["tcp://127.0.0.1:1", /Nobody answers/],
])("no Docker at %s", async (host, words) => {
  const failure = await failureOf(createDockerDriver(dockerOptions({ host })).list());
  expect(failure.reason).toBe("driver-gone");
  expect(failure.message).toMatch(words);
});

test("what answers, but is no Docker", () =>
  withDriver({ "GET /version": [[200, { version: "0.29.0" }]] }, async (driver) => {
    expect((await failureOf(driver.list())).message).toContain("is no Docker");
  }));

test("without an image nothing is made", async () => {
  const failure = await failureOf(createDockerDriver(dockerOptions({ image: undefined })).create(launchOf()));
  expect(failure).toEqual({ reason: "refused", message: "No image is named for llama: set its image, or fleet.docker.image for all engines." });
});
