import { createServer } from "node:net";
import { clusterAt } from "../../../../src/fleet/drivers/kubernetes/cluster.ts";
import { kubernetesDriver } from "../../../../src/fleet/drivers/kubernetes/kubernetes-driver.ts";
import { NAMESPACE, startFakeCluster, TOKEN } from "../../../fakes/kubernetes/cluster.ts";
import { engineManifests, rulesForAll } from "../../../fakes/kubernetes/manifests.ts";
import { fakeEngine } from "../../../fakes/kubernetes/programs.ts";
import { type Cannot, describeDriver } from "./contract.ts";
import { fakeLaunch } from "./launches.ts";

/** What the contract asks for and a driver of the operator's own Deployments does not do. */
const CANNOT: Cannot = {
  passArguments: "the pods are the operator's: their arguments stand in the manifest, and the name of a start is none of them",
};

/** Over a fake cluster, as no cluster can be had: the API server, what makes pods, and the node are fakes; the engines in the pods are the fake engine. */
describeDriver("Kubernetes, over a fake cluster", async () => {
  const cluster = await startFakeCluster({ gpus: 8, rules: rulesForAll() });
  cluster.kubelet.fates.set("*", { run: fakeEngine });
  const ports = await freePorts(100);
  /** The port of each Deployment's engine: every installation has Deployments of its own, as their names are known beforehand. */
  const portOf = new Map<string, number>();
  return {
    driver: async (install) => kubernetesDriver({ cluster: clusterAt({ url: cluster.server.url, namespace: NAMESPACE, token: TOKEN }), install }),
    launch(asked) {
      const workload = `${asked.install ?? "test"}-${asked.engine ?? "tiny"}`;
      const port = portOf.get(workload) ?? ports.pop() ?? 0;
      portOf.set(workload, port);
      // The manifest says how its engine behaves, as the launch cannot.
      const args = ["--model", "fake/tiny", "--host", "127.0.0.1", "--port", String(port), "--fake", JSON.stringify(asked.fake ?? {})];
      if (cluster.store.find("deployments", workload) === undefined || asked.fake !== undefined)
        cluster.apply(...engineManifests({ name: workload, gpus: 0, args }));
      return fakeLaunch(asked, { driver: "kubernetes", workload, url: `http://127.0.0.1:${port}/v1` });
    },
    unrunnable: (asked) => fakeLaunch(asked, { driver: "kubernetes", workload: "nowhere", url: "http://127.0.0.1:9/v1" }),
    gpus: true,
    cannot: CANNOT,
    close: cluster.stop,
  };
});

/** Ports that were free a moment ago. */
async function freePorts(many: number): Promise<number[]> {
  const servers = Array.from({ length: many }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) =>
          server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
          }),
        ),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
