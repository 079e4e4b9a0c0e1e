import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DriverFailure } from "../driver.ts";

/** How an API server is reached from outside of its cluster. */
export interface ClusterOptions {
  readonly url: string;
  readonly namespace: string;
  /** A bearer token; absent: none is sent, as to `kubectl proxy`. */
  readonly token?: string;
  /** Whom its certificate must be signed by, as PEM; absent: those the runtime trusts. */
  readonly ca?: string;
  /** For tests: whatever certificate it shows is taken. */
  readonly insecure?: boolean;
}

/** An API server, and who we are to it. */
export interface Cluster {
  readonly url: string;
  readonly namespace: string;
  readonly insecure: boolean;
  /** Asked before every call, since both change while we run. */
  credentials(): Promise<Credentials>;
}

export interface Credentials {
  readonly token?: string;
  readonly ca?: string;
}

/** Where Kubernetes puts what a pod needs to reach its API server. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The cluster that is described. */
export function clusterAt({ url, namespace, token, ca, insecure = false }: ClusterOptions): Cluster {
  return { url: url.replace(/\/+$/, ""), namespace, insecure, credentials: async () => ({ token, ca }) };
}

/**
 * The cluster this process runs in, by what Kubernetes gives every pod. The token's file is read anew for each call: it is another one within the hour.
 * Throws `DriverFailure` where this is no pod, or one without a service account's token.
 */
export function ownCluster(environment: Readonly<Record<string, string | undefined>>, folder = SERVICE_ACCOUNT): Cluster {
  const host = environment["KUBERNETES_SERVICE_HOST"];
  const port = environment["KUBERNETES_SERVICE_PORT"] ?? "443";
  if (host === undefined || host === "") {
    throw new DriverFailure("refused", "This is no pod of a Kubernetes cluster: KUBERNETES_SERVICE_HOST is not set. Run Signalbox in the cluster.");
  }
  return {
    url: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: namespaceIn(folder),
    insecure: false,
    async credentials() {
      const [token, ca] = await Promise.all(["token", "ca.crt"].map((name) => readFile(join(folder, name), "utf8").catch(() => missing(join(folder, name)))));
      return { token: token?.trim(), ca };
    },
  };
}

function namespaceIn(folder: string): string {
  try {
    return readFileSync(join(folder, "namespace"), "utf8").trim();
  } catch {
    return missing(join(folder, "namespace"));
  }
}

function missing(file: string): never {
  throw new DriverFailure(
    "refused",
    `${file} cannot be read: this pod has no service account's token. Give it one, and leave automountServiceAccountToken on.`,
  );
}
