import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClusterSettings, type FakeCluster, NAMESPACE, startFakeCluster, TOKEN } from "../../../../../tests/fakes/kubernetes/cluster.ts";
import { exampleRules } from "../../../../../tests/fakes/kubernetes/manifests.ts";
import { CERTIFICATE, EXPIRED_CERTIFICATE, KEY } from "../../../../upstream/http1/localhost.fixture.ts";
import { type Cluster, clusterAt, ownCluster } from "../cluster.ts";
import { type ApiCall, DEPLOYMENTS, EVENTS, POD_LOGS, PODS, pathOf, ruleFor, SERVICES } from "./call.ts";
import { type ApiClient, apiClient } from "./client.ts";
import { failureOf } from "./refusal.ts";

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of cleanUp.splice(0).reverse()) await close();
});

async function fakeCluster(settings: Partial<ClusterSettings> = {}): Promise<FakeCluster> {
  const cluster = await startFakeCluster({ rules: exampleRules(), ...settings });
  cleanUp.push(cluster.stop);
  return cluster;
}

function clientOf(cluster: Cluster): ApiClient {
  const client = apiClient(cluster);
  cleanUp.push(client.close);
  return client;
}

const LIST: ApiCall = { verb: "list", resource: DEPLOYMENTS };

/** What a call gives, or how its failure is told. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return "done";
  } catch (error) {
    const { reason, message } = failureOf(error);
    return `${reason}: ${message.replaceAll(/:\d{4,5}/g, "")}`;
  }
}

describe("calls", () => {
  test.each<[ApiCall, string, string]>([
    [LIST, "/apis/apps/v1/namespaces/llm/deployments", '{ apiGroups: ["apps"], resources: ["deployments"], verbs: ["list"] }'],
    [
      { verb: "watch", resource: PODS, query: { labelSelector: "app in (a,b)", resourceVersion: "7" } },
      "/api/v1/namespaces/llm/pods?watch=1&labelSelector=app+in+%28a%2Cb%29&resourceVersion=7",
      '{ apiGroups: [""], resources: ["pods"], verbs: ["watch"] }',
    ],
    [
      { verb: "get", resource: POD_LOGS, name: "llama-x", query: { tailLines: "5" } },
      "/api/v1/namespaces/llm/pods/llama-x/log?tailLines=5",
      '{ apiGroups: [""], resources: ["pods/log"], verbs: ["get"] }',
    ],
    [{ verb: "delete", resource: PODS, name: "a/b" }, "/api/v1/namespaces/llm/pods/a%2Fb", '{ apiGroups: [""], resources: ["pods"], verbs: ["delete"] }'],
    [{ verb: "list", resource: EVENTS }, "/api/v1/namespaces/llm/events", '{ apiGroups: [""], resources: ["events"], verbs: ["list"] }'],
  ])("%j", (call, path, rule) => {
    expect([pathOf(call, "llm"), ruleFor(call)]).toEqual([path, rule]);
  });
});

describe("what goes wrong", () => {
  test("a right that the Role lacks is named as the rule to add", async () => {
    const cluster = await fakeCluster({ rules: [] });
    const client = clientOf(clusterAt({ url: cluster.server.url, namespace: NAMESPACE, token: TOKEN }));
    expect(await outcome(client.send({ verb: "patch", resource: DEPLOYMENTS, name: "llama", body: {} }))).toBe(
      'refused: Kubernetes does not allow it: the Role of our service account lacks { apiGroups: ["apps"], resources: ["deployments"], verbs: ["patch"] }.',
    );
    expect(await outcome(client.watch({ verb: "watch", resource: PODS }, new AbortController().signal))).toBe(
      'refused: Kubernetes does not allow it: the Role of our service account lacks { apiGroups: [""], resources: ["pods"], verbs: ["watch"] }.',
    );
  });

  test.each<[number, Record<string, string>, ApiCall, string]>([
    [500, {}, LIST, "driver-gone: Kubernetes' API server is in trouble (list deployments): the server is currently unable to handle the request"],
    [503, { "retry-after": "0" }, LIST, "done"],
    [429, { "retry-after": "0" }, LIST, "done"],
    [403, {}, LIST, "refused: Kubernetes refuses it (list deployments): the server is currently unable to handle the request"],
    [302, { location: "http://127.0.0.1:9/" }, LIST, "failed: Kubernetes refuses it (list deployments): the server is currently unable to handle the request"],
    [
      500,
      {},
      { verb: "get", resource: POD_LOGS, name: "p" },
      "failed: Kubernetes refuses it (get pods p): the server is currently unable to handle the request",
    ],
  ])("it answers %i with %j", async (status, headers, call, expected) => {
    const cluster = await fakeCluster();
    cluster.server.faults.push({ status, headers });
    const client = clientOf(clusterAt({ url: cluster.server.url, namespace: NAMESPACE, token: TOKEN }));
    expect(await outcome(client.send(call))).toBe(expected);
  });

  test("it asks three times to come back later, and is left alone", async () => {
    const cluster = await fakeCluster();
    for (let times = 0; times < 3; times++) cluster.server.faults.push({ status: 429, headers: { "retry-after": "0" } });
    const client = clientOf(clusterAt({ url: cluster.server.url, namespace: NAMESPACE, token: TOKEN }));
    expect(await outcome(client.send(LIST))).toStartWith("driver-gone: Kubernetes' API server is in trouble (list deployments)");
    expect(await outcome(client.send(LIST))).toBe("done");
  });

  test("it is not there, and what stands before it does not speak of Kubernetes", async () => {
    const proxy = createServer((_request, response) => void response.writeHead(502).end("<html>Bad gateway</html>"));
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const client = clientOf(clusterAt({ url, namespace: NAMESPACE }));
    expect(await outcome(client.send(LIST))).toBe("driver-gone: Kubernetes' API server is in trouble (list deployments): <html>Bad gateway</html>");
    await new Promise((resolve) => proxy.close(resolve));
    expect(await outcome(client.send(LIST))).toStartWith("driver-gone: Kubernetes' API server at http://127.0.0.1 cannot be reached: ");
  });
});

describe("who it is, and who we are", () => {
  const tls = { cert: CERTIFICATE, key: KEY };
  test.each<[string, { ca?: string; insecure?: boolean }, string]>([
    ["signed by the authority we were given", { ca: CERTIFICATE }, "done"],
    ["signed by nobody we know", {}, "driver-gone: Kubernetes' API server at https://localhost cannot be reached: "],
    ["signed by another", { ca: EXPIRED_CERTIFICATE }, "driver-gone: Kubernetes' API server at https://localhost cannot be reached: "],
    ["whatever it is, as a test may say", { insecure: true }, "done"],
  ])("a certificate %s", async (_name, trust, expected) => {
    const cluster = await fakeCluster({ tls });
    const url = cluster.server.url.replace("127.0.0.1", "localhost");
    expect(await outcome(clientOf(clusterAt({ url, namespace: NAMESPACE, token: TOKEN, ...trust })).send(LIST))).toStartWith(expected);
  });

  test("in a pod: all of it is Kubernetes' to give, and the token another one within the hour", async () => {
    const cluster = await fakeCluster({ tls });
    const folder = mkdtempSync(join(tmpdir(), "service-account-"));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    const give = (file: string, text: string) => writeFileSync(join(folder, file), text);
    give("namespace", `${NAMESPACE}\n`);
    give("ca.crt", CERTIFICATE);
    give("token", `${TOKEN}\n`);
    const environment = { KUBERNETES_SERVICE_HOST: "localhost", KUBERNETES_SERVICE_PORT: new URL(cluster.server.url).port };
    const client = clientOf(ownCluster(environment, folder));
    expect([client.namespace, await outcome(client.send(LIST))]).toEqual([NAMESPACE, "done"]);
    const user = cluster.server.users.get(TOKEN);
    cluster.server.users.delete(TOKEN);
    expect(await outcome(client.send(LIST))).toBe("refused: Kubernetes does not know us: the service account's token is not accepted (list deployments).");
    if (user !== undefined) cluster.server.users.set("the next token", user);
    give("token", "the next token");
    expect(await outcome(client.send(LIST))).toBe("done");
    // And another authority, once there is one.
    give("ca.crt", EXPIRED_CERTIFICATE);
    expect(await outcome(client.send(LIST))).toStartWith("driver-gone: ");
    rmSync(join(folder, "token"));
    expect(await outcome(client.send(LIST))).toStartWith(`refused: ${join(folder, "token")} cannot be read: this pod has no service account's token.`);
  });

  test.each<[Record<string, string>, string]>([
    [{}, "refused: This is no pod of a Kubernetes cluster: KUBERNETES_SERVICE_HOST is not set. Run Signalbox in the cluster."],
    [{ KUBERNETES_SERVICE_HOST: "10.96.0.1" }, "refused: /nowhere/namespace cannot be read: this pod has no service account's token."],
  ])("no pod, by %j", async (environment, expected) => {
    expect(await outcome(Promise.resolve().then(() => ownCluster(environment, "/nowhere")))).toStartWith(expected);
  });

  test("an address of version 6 is written as addresses are", () => {
    const folder = mkdtempSync(join(tmpdir(), "service-account-"));
    cleanUp.push(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, "namespace"), NAMESPACE);
    expect(ownCluster({ KUBERNETES_SERVICE_HOST: "fd00::1", KUBERNETES_SERVICE_PORT: "6443" }, folder).url).toBe("https://[fd00::1]:6443");
  });

  test("services and events are asked for as the Role has them", async () => {
    const cluster = await fakeCluster();
    const client = clientOf(clusterAt({ url: cluster.server.url, namespace: NAMESPACE, token: TOKEN }));
    for (const resource of [SERVICES, EVENTS]) expect(await outcome(client.send({ verb: "list", resource }))).toBe("done");
  });
});
