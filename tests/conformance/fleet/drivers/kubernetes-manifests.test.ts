import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { clusterAt } from "../../../../src/fleet/drivers/kubernetes/cluster.ts";
import { kubernetesDriver } from "../../../../src/fleet/drivers/kubernetes/kubernetes-driver.ts";
import { objectOf } from "../../../../src/vocabulary/json.ts";
import { type FakeCluster, NAMESPACE, SERVICE_ACCOUNT, startFakeCluster, TOKEN } from "../../../fakes/kubernetes/cluster.ts";
import { exampleManifests, exampleRules } from "../../../fakes/kubernetes/manifests.ts";
import { stubborn } from "../../../fakes/kubernetes/programs.ts";
import { until } from "../../../harness/until.ts";
import { fakeLaunch } from "./launches.ts";

const manifests = exampleManifests();
const ofKind = (kind: string) => objectOf(manifests.find((each) => each["kind"] === kind));
const ENGINE = "llama-8b";

describe("examples/kubernetes-engine.yaml", () => {
  let cluster: FakeCluster;
  beforeAll(async () => {
    cluster = await startFakeCluster({ rules: exampleRules() });
    cluster.apply(...manifests);
  });
  afterAll(() => cluster.stop());

  test("is all a driver needs, from the claim to the end of a pod that does not want to end; and its Role allows nothing else", async () => {
    const driver = kubernetesDriver({ cluster: clusterAt({ url: cluster.server.url, namespace: NAMESPACE, token: TOKEN }), install: "home", patience: 50 });
    const ended: string[] = [];
    driver.watch((event) => ended.push(event.type));
    const launch = fakeLaunch({ install: "home", engine: ENGINE }, { driver: "kubernetes" });
    await driver.create(launch);
    cluster.kubelet.fates.set(ENGINE, { mountMissing: true });
    await expect(driver.start(launch.name)).rejects.toThrow("FailedMount");
    cluster.kubelet.fates.set(ENGINE, { run: stubborn });
    expect(await driver.start(launch.name)).toEqual({ baseUrl: "http://llama-8b.llm.svc:8000/v1" });
    expect(await driver.logs(launch.name, 1)).toBe("vllm has begun");
    await until("the watches to be open", () => cluster.server.watches.open === 2);
    await driver.stop(launch.name, 10);
    await driver.remove(launch.name);
    await driver.close();
    expect(ended).toEqual(["exited"]);

    const asked = cluster.server.asked.map(({ verb, group, resource }) => `${verb} ${resource}.${group}`);
    const allowed = exampleRules().flatMap(({ verbs, apiGroups, resources }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}.${group}`))),
    );
    expect([...new Set(asked)].sort()).toEqual([...allowed].sort());
    expect(new Set(cluster.server.asked.map(({ user }) => user))).toEqual(new Set([SERVICE_ACCOUNT]));
  });

  test("lets only the engine's own Deployment be patched: whoever may patch one may make it run anything", () => {
    const patching = exampleRules().filter(({ verbs }) => verbs.includes("patch"));
    expect(patching.map(({ resourceNames }) => resourceNames)).toEqual([[ENGINE]]);
  });

  test("fits together: labels, selectors, ports, names", () => {
    const [deployment, service] = [ofKind("Deployment"), ofKind("Service")];
    const spec = objectOf(deployment["spec"]);
    const pods = objectOf(objectOf(objectOf(spec["template"])["metadata"])["labels"]);
    expect(spec["replicas"]).toBe(0);
    for (const each of [deployment, service]) expect(objectOf(each["metadata"])["labels"]).toEqual({ "signalbox.io/engine": ENGINE });
    expect(objectOf(objectOf(spec["selector"])["matchLabels"])).toEqual(pods);
    expect(objectOf(objectOf(service["spec"])["selector"])).toEqual(pods);
    expect(ofKind("RoleBinding")).toMatchObject({
      roleRef: { kind: "Role", name: objectOf(ofKind("Role")["metadata"])["name"] },
      subjects: [{ kind: "ServiceAccount", name: objectOf(ofKind("ServiceAccount")["metadata"])["name"], namespace: NAMESPACE }],
    });
  });
});
