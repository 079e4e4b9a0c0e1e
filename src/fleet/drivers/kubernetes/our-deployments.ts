import { isObject, type JsonObject, listOf, objectOf } from "../../../vocabulary/json.ts";
import { DEPLOYMENTS, PODS } from "./api/call.ts";
import type { ApiClient } from "./api/client.ts";
import { ApiRefusal } from "./api/refusal.ts";
import { type Claim, claimOf, ENGINE_LABEL } from "./claim.ts";
import { type Deployment, readDeployment } from "./objects/deployment.ts";
import { type Pod, readPod } from "./objects/pod.ts";

/** A Deployment and what it is to us. */
export interface OurDeployment {
  readonly deployment: Deployment;
  readonly claim: Claim;
}

/** The Deployments that an installation has claimed, as they are now: nothing is remembered of them. */
export interface OurDeployments {
  all(): Promise<readonly OurDeployment[]>;
  /** The one that was claimed as this start. */
  find(name: string): Promise<OurDeployment | undefined>;
  /** Changes the one that was claimed as this start; see `changed`. */
  change(name: string, patchFor: (now: OurDeployment) => JsonObject | undefined): Promise<Deployment | undefined>;
  podsOf(deployment: Deployment): Promise<readonly Pod[]>;
}

export function ourDeployments(client: ApiClient, install: string): OurDeployments {
  const ours: OurDeployments = {
    async all() {
      const list = objectOf(await client.send({ verb: "list", resource: DEPLOYMENTS, query: { labelSelector: ENGINE_LABEL } }));
      return claimedBy(install, listOf(list["items"]).filter(isObject));
    },
    find: async (name) => (await ours.all()).find(({ claim }) => claim.name === name),
    change: (name, patchFor) =>
      changed(client, async () => {
        const now = await ours.find(name);
        return now && { deployment: now.deployment, patch: patchFor(now) };
      }),
    async podsOf({ podSelector }) {
      const list = objectOf(await client.send({ verb: "list", resource: PODS, query: { labelSelector: podSelector } }));
      return listOf(list["items"]).filter(isObject).map(readPod);
    },
  };
  return ours;
}

/** Of all Deployments those of an installation. */
export function claimedBy(install: string, objects: readonly JsonObject[]): readonly OurDeployment[] {
  return objects.map(readDeployment).flatMap((deployment) => {
    const claim = claimOf(deployment);
    return claim?.install === install ? [{ deployment, claim }] : [];
  });
}

/** Somebody else has changed a Deployment meanwhile: it is read and decided upon anew so often. */
const TRIES = 20;

/**
 * Changes a Deployment as it was when it was looked at: when somebody else changes it meanwhile, it is looked at again. No patch: it is as it should be.
 * Gives it as it is then; `undefined`: there is none.
 */
export async function changed(
  client: ApiClient,
  look: () => Promise<{ readonly deployment: Deployment; readonly patch: JsonObject | undefined } | undefined>,
): Promise<Deployment | undefined> {
  for (let tries = 1; ; tries++) {
    const now = await look();
    if (now?.patch === undefined) return now?.deployment;
    const body = { ...now.patch, metadata: { ...objectOf(now.patch["metadata"]), resourceVersion: now.deployment.resourceVersion } };
    try {
      return readDeployment(objectOf(await client.send({ verb: "patch", resource: DEPLOYMENTS, name: now.deployment.name, body })));
    } catch (error) {
      if (!(error instanceof ApiRefusal && error.status === 409) || tries === TRIES) throw error;
    }
  }
}
