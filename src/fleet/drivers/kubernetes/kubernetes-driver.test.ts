import { afterEach, describe, expect, test } from "bun:test";
import { fakeLaunch } from "../../../../tests/conformance/fleet/drivers/launches.ts";
import { type FakeCluster, NAMESPACE, startFakeCluster, TOKEN } from "../../../../tests/fakes/kubernetes/cluster.ts";
import { type EngineManifests, engineManifests, rulesForAll } from "../../../../tests/fakes/kubernetes/manifests.ts";
import { mergePatch } from "../../../../tests/fakes/kubernetes/object-store.ts";
import { stubborn } from "../../../../tests/fakes/kubernetes/programs.ts";
import { until } from "../../../../tests/harness/until.ts";
import { objectOf } from "../../../vocabulary/json.ts";
import { type DriverEvent, DriverFailure, type EngineDriver, type Exit, type Launch } from "../driver.ts";
import { apiClient } from "./api/client.ts";
import { clusterAt } from "./cluster.ts";
import { kubernetesDriver } from "./kubernetes-driver.ts";
import { readDeployment } from "./objects/deployment.ts";
import { untilGone } from "./waiting.ts";

const cleanUp: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

/** A fake cluster with the Deployment and the Service of `llama`, and a driver of the installation `home`. */
async function open({ patience = 30_000, ...manifests }: Partial<EngineManifests> & { readonly patience?: number } = {}) {
  const cluster = await startFakeCluster({ gpus: 1, rules: rulesForAll() });
  cleanUp.push(cluster.stop);
  cluster.apply(...engineManifests({ name: "llama", engine: "llama", grace: 1, ...manifests }));
  const driverOf = (install: string) => {
    const driver = kubernetesDriver({ cluster: clusterAt({ url: cluster.server.url, namespace: NAMESPACE, token: TOKEN }), install, patience });
    cleanUp.push(driver.close);
    return driver;
  };
  return { cluster, driver: driverOf("home"), driverOf };
}

const launch = (changes: Partial<Launch["spec"]> = {}, generation = 1, install = "home") =>
  fakeLaunch({ install, engine: "llama", generation, gpus: [{ id: "0" }] }, { driver: "kubernetes", ...changes });
const NAME = launch().name;
const FACTS = { name: NAME, engine: "llama", generation: 1, hash: "hash-llama", gpus: ["0"] };
const URL_OF_LLAMA = "http://llama.llm.svc:8000/v1";

async function failing(work: Promise<unknown>): Promise<string> {
  try {
    return `no failure: ${JSON.stringify(await work)}`;
  } catch (error) {
    if (!(error instanceof DriverFailure)) throw error;
    return `${error.reason}: ${error.message.replaceAll(/llama-5d9c7b6f4-\w{5}/g, "<pod>")}`;
  }
}

async function running(driver: EngineDriver): Promise<void> {
  await driver.create(launch());
  await driver.start(NAME);
}

function listening(driver: EngineDriver): DriverEvent[] {
  const told: DriverEvent[] = [];
  driver.watch((event) => told.push(event));
  return told;
}

const scaleByHand = ({ store }: FakeCluster, replicas: number) =>
  void store.write("deployments", mergePatch(store.find("deployments", "llama") ?? {}, { spec: { replicas } }));
const replicasOf = ({ store }: FakeCluster) => objectOf(store.find("deployments", "llama")?.["spec"])["replicas"];
const annotationsOf = ({ store }: FakeCluster) => objectOf(objectOf(store.find("deployments", "llama")?.["metadata"])["annotations"]);

describe("an engine's life", () => {
  test("claimed, scaled up, scaled down, given back: and nothing else of the Deployment is touched", async () => {
    const { cluster, driver } = await open();
    const template = JSON.stringify(objectOf(cluster.store.find("deployments", "llama")?.["spec"])["template"]);
    await driver.create(launch());
    expect(await driver.list()).toEqual([{ ...FACTS, status: "created" }]);
    expect([replicasOf(cluster), cluster.store.list("pods")]).toEqual([0, []]);
    expect(annotationsOf(cluster)).toEqual({
      "signalbox.io/install": "home",
      "signalbox.io/name": NAME,
      "signalbox.io/generation": "1",
      "signalbox.io/hash": "hash-llama",
      "signalbox.io/gpus": "0",
      "signalbox.io/url": URL_OF_LLAMA,
    });
    expect(await driver.start(NAME)).toEqual({ baseUrl: URL_OF_LLAMA });
    expect(await driver.list()).toEqual([{ ...FACTS, status: "running", baseUrl: URL_OF_LLAMA }]);
    expect(await driver.logs(NAME, 10)).toBe("engine has begun");
    await driver.stop(NAME, 5000);
    expect([replicasOf(cluster), cluster.store.list("pods")]).toEqual([0, []]);
    expect(await driver.list()).toEqual([{ ...FACTS, status: "exited", exit: { code: 0, outOfMemory: false } }]);
    expect(await driver.logs(NAME, 10)).toBe("");
    await driver.remove(NAME);
    expect(await driver.list()).toEqual([]);
    expect(annotationsOf(cluster)).toEqual({});
    expect(JSON.stringify(objectOf(cluster.store.find("deployments", "llama")?.["spec"])["template"])).toBe(template);
  });

  test("the same with a Deployment that `workload` names and nobody has labelled, and a `url`", async () => {
    const { driver } = await open({ engine: undefined });
    await driver.create(launch({ workload: "llama", url: "http://10.0.0.5:8000/v1" }));
    expect(await driver.start(NAME)).toEqual({ baseUrl: "http://10.0.0.5:8000/v1" });
    expect(await driver.list()).toEqual([{ ...FACTS, status: "running", baseUrl: "http://10.0.0.5:8000/v1" }]);
  });

  test("a start after another is of the next generation, and its Service is found by `workload`", async () => {
    const { driver } = await open();
    await running(driver);
    await driver.stop(NAME, 5000);
    await driver.create(launch({ workload: "llama" }, 2));
    expect(await driver.list()).toEqual([{ ...FACTS, name: "signalbox-home-llama-2", generation: 2, status: "created" }]);
    expect(await driver.start("signalbox-home-llama-2")).toEqual({ baseUrl: URL_OF_LLAMA });
  });

  test("a pod that does not end within the grace is told to end at once", async () => {
    const { cluster, driver } = await open({ grace: 600 });
    cluster.kubelet.fates.set("llama", { run: stubborn });
    await running(driver);
    const told = listening(driver);
    await driver.stop(NAME, 50);
    expect(cluster.store.list("pods")).toEqual([]);
    await until("its end to be told", () => told.length > 0);
    expect(told).toEqual([{ type: "exited", name: NAME, exit: { code: 137, outOfMemory: false } }]);
  });

  test("a start that is under way ends with its stop", async () => {
    const { cluster, driver } = await open();
    cluster.kubelet.fates.set("llama", { fetches: true });
    await driver.create(launch());
    const start = failing(driver.start(NAME));
    await until("its pod to be made", () => cluster.store.list("pods").length === 1);
    await driver.stop(NAME, 5000);
    expect(await start).toBe(`failed: ${NAME} was stopped before it ran.`);
    expect(cluster.store.list("pods")).toEqual([]);
  });
});

describe("whose a Deployment is", () => {
  test.each<[string, (world: Awaited<ReturnType<typeof open>>) => Promise<unknown>, string]>([
    [
      "another installation's that runs",
      async ({ driver, driverOf }) => {
        await running(driver);
        await driverOf("away").create(launch({}, 1, "away"));
      },
      "name-taken: The Deployment llama runs for another installation, home.",
    ],
    [
      "another installation's that rests",
      async ({ driver, driverOf }) => {
        await driver.create(launch());
        const away = driverOf("away");
        await away.create(launch({}, 1, "away"));
        return [await driver.list(), (await away.list()).length];
      },
      "no failure: [[],1]",
    ],
    [
      "an earlier generation's that runs",
      async ({ driver }) => {
        await running(driver);
        await driver.create(launch({}, 2));
      },
      `name-taken: The Deployment llama still runs as ${NAME}.`,
    ],
    [
      "nobody's that runs",
      async ({ cluster, driver }) => {
        scaleByHand(cluster, 1);
        await driver.create(launch());
      },
      "name-taken: The Deployment llama runs already, and nobody's Signalbox has started it: scale it to 0, or use the driver static.",
    ],
    [
      "labelled as another engine",
      ({ driver }) => driver.create({ ...launch({ name: "qwen", workload: "llama" }) }),
      "name-taken: The Deployment llama is labelled as another engine, llama.",
    ],
    [
      "taken between claim and start",
      async ({ driver, driverOf }) => {
        await driver.create(launch());
        await driverOf("away").create(launch({}, 1, "away"));
        await driver.start(NAME);
      },
      `failed: No Deployment is claimed as ${NAME}: it must be created first.`,
    ],
    [
      "not there",
      ({ driver }) => driver.create(launch({ name: "qwen" })),
      "refused: There is no Service labelled signalbox.io/engine=qwen in the namespace llm: make one, or give the engine a url.",
    ],
    [
      "not there, though there is a url",
      ({ driver }) => driver.create(launch({ workload: "qwen", url: "http://10.0.0.5/v1" })),
      "refused: There is no Deployment named qwen in the namespace llm: make one.",
    ],
    [
      "one of two",
      async ({ cluster, driver }) => {
        cluster.apply(...engineManifests({ name: "other", engine: "llama" }));
        await driver.create(launch({ url: "http://10.0.0.5/v1" }));
      },
      "refused: There are several Deployments labelled signalbox.io/engine=llama in the namespace llm (llama, other): say which with workload.",
    ],
  ])("%s", async (_name, act, expected) => {
    expect(await failing(act(await open()))).toBe(expected);
  });

  test("somebody else changes it at the same time: it is read again, and decided upon anew", async () => {
    const { cluster, driver } = await open();
    let meddled = 0;
    cluster.server.beforePatch = () => {
      if (meddled++ < 3)
        cluster.store.write(
          "deployments",
          mergePatch(cluster.store.find("deployments", "llama") ?? {}, { metadata: { annotations: { meddled: `${meddled}` } } }),
        );
    };
    await driver.create(launch());
    expect(meddled).toBe(4);
    expect(annotationsOf(cluster)).toMatchObject({ meddled: "3", "signalbox.io/name": NAME });
    // And one who takes it meanwhile has it.
    cluster.server.beforePatch = () => {
      cluster.server.beforePatch = undefined;
      cluster.store.write(
        "deployments",
        mergePatch(cluster.store.find("deployments", "llama") ?? {}, { metadata: { annotations: { "signalbox.io/install": "away" } } }),
      );
    };
    expect(await failing(driver.start(NAME))).toBe(`failed: Somebody else has taken the Deployment llama from ${NAME}.`);
    expect(replicasOf(cluster)).toBe(0);
  });
});

describe("a start that comes to nothing", () => {
  test.each<[string, (cluster: FakeCluster) => void, string]>([
    [
      "its image is nowhere",
      ({ kubelet }) => void kubelet.fates.set("llama", { imageMissing: true }),
      'image-missing: Pod <pod> waits (ImagePullBackOff): Back-off pulling image "fake/engine:1": ErrImagePull: failed to pull and unpack image "fake/engine:1": failed to resolve reference "fake/engine:1": fake/engine:1: not found',
    ],
    [
      "no node has a GPU for it",
      ({ controllers }) => void (controllers.gpus = 0),
      "failed: Pod <pod> waits (Unschedulable): 0/1 nodes are available: 1 Insufficient nvidia.com/gpu. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.",
    ],
    [
      "a volume is nowhere",
      ({ kubelet }) => void kubelet.fates.set("llama", { mountMissing: true }),
      'refused: Pod <pod> cannot be started (FailedMount): MountVolume.SetUp failed for volume "models" : hostPath type check failed: /models is not a directory',
    ],
    [
      "a quota forbids it",
      ({ controllers }) => void (controllers.forbids = 'pods "llama-5d9c7b6f4-abcde" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1'),
      'refused: Kubernetes makes no pod of llama: pods "<pod>" is forbidden: exceeded quota: gpus, requested: requests.nvidia.com/gpu=1',
    ],
  ])("%s: said in Kubernetes' words, and scaled down again", async (_name, befall, expected) => {
    const { cluster, driver } = await open({ patience: 100 });
    befall(cluster);
    await driver.create(launch());
    expect(await failing(driver.start(NAME))).toBe(expected);
    await until("its pod to be gone", () => cluster.store.list("pods").length === 0);
    expect(replicasOf(cluster)).toBe(0);
    await driver.remove(NAME);
    expect(annotationsOf(cluster)).toEqual({});
  });

  test("but an image may be fetched for as long as it takes, and a GPU that comes in time is had", async () => {
    const { cluster, driver } = await open({ patience: 100 });
    cluster.kubelet.fates.set("llama", { fetches: true });
    await driver.create(launch());
    let settled = false;
    const start = failing(driver.start(NAME)).finally(() => {
      settled = true;
    });
    await until("it to be asked several times how its pod fares", () => cluster.server.asked.filter(({ resource }) => resource === "events").length > 3);
    expect(settled).toBe(false);
    await driver.stop(NAME, 0);
    await start;
    const other = await open();
    other.cluster.controllers.gpus = 0;
    await other.driver.create(launch());
    const late = other.driver.start(NAME);
    await until("its pod to wait for a GPU", () => other.cluster.store.list("pods").some((pod) => JSON.stringify(pod).includes("Unschedulable")));
    other.cluster.controllers.gpus = 1;
    other.cluster.apply({ kind: "Service", metadata: { name: "llama", labels: { now: "1" } } });
    expect(await late).toEqual({ baseUrl: URL_OF_LLAMA });
  });

  test("somebody else scales it down", async () => {
    const { cluster, driver } = await open({ patience: 100 });
    cluster.kubelet.fates.set("llama", { fetches: true });
    await driver.create(launch());
    const start = failing(driver.start(NAME));
    await until("its pod to be made", () => cluster.store.list("pods").length === 1);
    scaleByHand(cluster, 0);
    expect(await start).toBe("failed: Somebody else has scaled the Deployment llama down.");
  });
});

describe("an engine that ends by itself", () => {
  test.each<[string, (cluster: FakeCluster) => unknown, Exit]>([
    ["its container ends", ({ kubelet }) => kubelet.crash("llama", { exitCode: 1 }), { code: 1, outOfMemory: false }],
    [
      "it is killed for the machine's memory",
      ({ kubelet }) => kubelet.crash("llama", { exitCode: 137, reason: "OOMKilled" }),
      { code: 137, outOfMemory: true },
    ],
    ["its node throws it off", ({ kubelet }) => kubelet.evict("llama"), { code: undefined, outOfMemory: true }],
    [
      "somebody deletes its pod",
      ({ store }) => store.remove("pods", String(objectOf(store.list("pods")[0]?.["metadata"])["name"])),
      { code: undefined, outOfMemory: false },
    ],
  ])("%s: told once, although Kubernetes starts it again", async (_name, befall, exit) => {
    const { cluster, driver } = await open();
    const told = listening(driver);
    await running(driver);
    await until("the watches to be open", () => cluster.server.watches.open === 2);
    await befall(cluster);
    await until("its end to be told", () => told.length > 0);
    await until("another to run in its place", () => cluster.store.list("pods").some((pod) => /"running"/.test(JSON.stringify(pod))));
    expect(await driver.list()).toEqual([{ ...FACTS, status: "exited", exit }]);
    expect(replicasOf(cluster)).toBe(1);
    await driver.stop(NAME, 5000);
    expect(told).toEqual([{ type: "exited", name: NAME, exit }]);
    await driver.remove(NAME);
    await driver.create(launch({}, 2));
    await driver.start("signalbox-home-llama-2");
    expect(await driver.list()).toMatchObject([{ generation: 2, status: "running" }]);
  });

  test("what it said before it ended is read, and it may be removed without being stopped", async () => {
    const { cluster, driver } = await open();
    const told = listening(driver);
    cluster.kubelet.fates.set("llama", {
      run: (_container, home) => {
        home.log("CUDA out of memory");
        return { terminate: () => home.ended(0), kill: () => home.ended(137) };
      },
    });
    await running(driver);
    cluster.kubelet.fates.delete("llama");
    cluster.kubelet.crash("llama", { exitCode: 1 });
    await until("its end to be told", () => told.length > 0);
    expect(await driver.logs(NAME, 10)).toBe("CUDA out of memory");
    await driver.remove(NAME);
    expect([replicasOf(cluster), cluster.store.list("pods"), await driver.list()]).toEqual([0, [], []]);
  });
});

describe("a node that is lost", () => {
  test("keeps its pods: they are not said to be gone", async () => {
    const { cluster, driver } = await open();
    await running(driver);
    cluster.kubelet.silent = true;
    let gone = false;
    const stop = failing(driver.stop(NAME, 10)).then((why) => {
      gone = true;
      return why;
    });
    await until("its end to be asked for", () => JSON.stringify(cluster.store.list("pods")).includes('"deletionGracePeriodSeconds":1'));
    expect(gone).toBe(false);
    expect(await driver.list()).toMatchObject([{ status: "running" }]);
    await driver.close();
    expect(await stop).toBe("driver-gone: The Kubernetes driver was closed.");
  });

  test("has them struck off in the end, when nobody can confirm anything any more", async () => {
    const { cluster, driver } = await open();
    await running(driver);
    cluster.kubelet.silent = true;
    const client = apiClient(clusterAt({ url: cluster.server.url, namespace: NAMESPACE, token: TOKEN }));
    cleanUp.push(async () => client.close());
    const deployment = readDeployment(cluster.store.find("deployments", "llama") ?? {});
    expect(await untilGone({ client, deployment, signal: new AbortController().signal }, { grace: 10, silence: 100 })).toEqual({
      code: undefined,
      outOfMemory: false,
    });
    // Kubernetes has made another in its place, as nobody has scaled it down here.
    await until("another", () => cluster.store.list("pods").length === 1);
  });
});

describe("an API server that is away", () => {
  test("is told as lost once, and as back, with what ended meanwhile", async () => {
    const { cluster, driver } = await open();
    const told = listening(driver);
    await running(driver);
    await until("the watches to be open", () => cluster.server.watches.open === 2);
    cluster.server.shut();
    await until("it to be told", () => told.length > 0);
    expect(await failing(driver.list())).toStartWith("driver-gone: Kubernetes' API server at http://127.0.0.1:");
    cluster.kubelet.crash("llama", { exitCode: 3 });
    cluster.server.open();
    await until("both to be told", () => told.length > 2);
    expect(told.map(({ type }) => type).sort()).toEqual(["back", "exited", "lost"]);
    expect(told).toContainEqual({ type: "exited", name: NAME, exit: { code: 3, outOfMemory: false } });
  });

  test("is asked nothing more once nobody listens, and nobody hears of it", async () => {
    const { cluster, driver } = await open();
    const told: DriverEvent[] = [];
    const end = driver.watch((event) => told.push(event));
    await until("the watch to be open", () => cluster.server.watches.open === 1);
    end();
    await until("the watch to be closed", () => cluster.server.watches.open === 0);
    await running(driver);
    await driver.stop(NAME, 5000);
    expect([told, cluster.server.watches.open]).toEqual([[], 0]);
  });
});
