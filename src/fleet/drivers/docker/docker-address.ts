import { DriverFailure } from "../driver.ts";

/** Where a Docker daemon listens. */
export interface DockerAddress {
  /** As Node's HTTP client asks for it. */
  readonly target: { readonly socketPath: string } | { readonly host: string; readonly port: number };
  /** For messages. */
  readonly shown: string;
  /** Its containers are processes of this machine. */
  readonly local: boolean;
}

/** Where daemons and proxies before them listen when nobody says otherwise. */
const USUAL_PORT = 2375;
const LOOPBACK = /^(localhost|127(\.\d+){3}|::1)$/;

/** Reads `unix:///path` or `tcp://host:port`. Throws `DriverFailure` ("refused") when it is neither. */
export function readDockerAddress(text: string): DockerAddress {
  const path = /^unix:\/\/(\/.+)$/.exec(text)?.[1];
  if (path !== undefined) return { target: { socketPath: path }, shown: text, local: true };
  const [, bracketed, plain, port = USUAL_PORT] = /^tcp:\/\/(?:\[([0-9a-f:.]+)\]|([^/:@?#\s]+))(?::(\d{1,5}))?\/?$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host !== undefined) return { target: { host, port: Number(port) }, shown: text, local: LOOPBACK.test(host) };
  throw new DriverFailure("refused", "Docker's address cannot be read. It looks like unix:///var/run/docker.sock, or tcp://host:2375 for a proxy before it.");
}
