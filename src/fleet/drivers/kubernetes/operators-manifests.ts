import type { EngineSpec } from "../../../vocabulary/engine.ts";
import { isObject, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { DriverFailure } from "../driver.ts";
import { DEPLOYMENTS, type Resource, SERVICES } from "./api/call.ts";
import type { ApiClient } from "./api/client.ts";
import { ENGINE_LABEL } from "./claim.ts";
import { type Deployment, readDeployment } from "./objects/deployment.ts";
import { readMetadata } from "./objects/metadata.ts";

/** The Deployment of an engine: the one that `workload` names, else the one with its label. Rejects with `refused` when there is none, or more than one. */
export async function deploymentOf(client: ApiClient, spec: EngineSpec): Promise<Deployment> {
  return readDeployment(await onlyOne(client, spec, { resource: DEPLOYMENTS, kind: "Deployment" }));
}

/** Where an engine is called, by its Service: at the port named `http`, else at its first. Rejects as `deploymentOf` does. */
export async function addressOf(client: ApiClient, spec: EngineSpec): Promise<string> {
  const service = await onlyOne(client, spec, { resource: SERVICES, kind: "Service" });
  const ports = listOf(objectOf(service["spec"])["ports"]).map(objectOf);
  const port = ports.find((each) => each["name"] === "http") ?? ports[0];
  return `http://${readMetadata(service).name}.${client.namespace}.svc:${numberOf(port?.["port"]) ?? 80}/v1`;
}

async function onlyOne(client: ApiClient, spec: EngineSpec, { resource, kind }: { readonly resource: Resource; readonly kind: string }): Promise<JsonObject> {
  const label = `${ENGINE_LABEL}=${spec.name}`;
  // A list even of one by its name: who may list needs no right to get.
  const query: Record<string, string> = spec.workload === undefined ? { labelSelector: label } : { fieldSelector: `metadata.name=${spec.workload}` };
  const found = listOf(objectOf(await client.send({ verb: "list", resource, query }))["items"]).filter(isObject);
  const [one, ...more] = found;
  if (one !== undefined && more.length === 0) return one;
  const which = spec.workload === undefined ? `labelled ${label}` : `named ${spec.workload}`;
  const names = found.map((each) => stringOf(objectOf(each["metadata"])["name"])).join(", ");
  const instead = kind === "Service" ? ", or give the engine a url" : "";
  throw new DriverFailure(
    "refused",
    one === undefined
      ? `There is no ${kind} ${which} in the namespace ${client.namespace}: make one${instead}.`
      : `There are several ${kind}s ${which} in the namespace ${client.namespace} (${names}): say which with workload${instead}.`,
  );
}
