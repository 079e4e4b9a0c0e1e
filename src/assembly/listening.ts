import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { SOCKET_NAME } from "../cli/link.ts";
import { CommandFailed } from "../cli/output.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { Pulse } from "../gateway/visit/pulse.ts";
import { openSpool } from "../http/forms/spool.ts";
import { type RunningServer, type ServerOptions, startServer } from "../http/server.ts";
import type { Log } from "../telemetry/log.ts";
import { isObject } from "../vocabulary/json.ts";

/** All bodies being read or worked on at once may take this many times the largest one. */
const BODIES_AT_ONCE = 16;
const MEGABYTE = 1024 * 1024;

interface Serving {
  readonly settings: () => Settings;
  readonly dataDir: string;
  readonly pulse: Pulse;
  readonly record: ServerOptions["record"];
  readonly log: Pick<Log, "error">;
}

type Everywhere = Omit<ServerOptions, "listen" | "routes">;

/** What is the same wherever it listens. */
export function serving({ settings, dataDir, pulse, record, log }: Serving): Everywhere {
  const bodies = () => ({ each: settings().server.max_body_mb * MEGABYTE, all: settings().server.max_body_mb * MEGABYTE * BODIES_AT_ONCE });
  return {
    limits: bodies,
    spool: openSpool(join(dataDir, "spool"), bodies),
    edge: () => ({ corsOrigins: settings().server.cors_origins, allowedHosts: settings().server.allowed_hosts }),
    pulse,
    record,
    complain: (requestId, failure) => log.error("internal failure", { request_id: requestId, error: failure.facts.cause ?? failure }),
  };
}

/** The port, for everybody. Throws `CommandFailed` with what to do when it cannot be opened. */
export function listenForAll({ server: { host, port } }: Settings, options: Omit<ServerOptions, "listen">): RunningServer {
  const listen = { hostname: host, port };
  try {
    return startServer({ ...options, listen });
  } catch (error) {
    throw new CommandFailed(whyNotListening(error, listen));
  }
}

/** The socket in the data folder, for the command line of whoever owns the folder. It is gone when it has stopped. */
export function listenForOwner(dataDir: string, options: Omit<ServerOptions, "listen">): Pick<RunningServer, "stop"> {
  const socket = join(dataDir, SOCKET_NAME);
  rmSync(socket, { force: true });
  const control = startServer({ ...options, listen: { unix: socket }, record: () => undefined });
  chmodSync(socket, 0o600);
  return {
    async stop(grace) {
      await control.stop(grace);
      rmSync(socket, { force: true });
    },
  };
}

/** Why a port could not be opened, in words for the operator. */
function whyNotListening(error: unknown, { hostname: address, port }: { hostname: string; port: number }): string {
  const code = isObject(error) ? error["code"] : undefined;
  if (code === "EADDRINUSE") return `Port ${port} of ${address} is taken by another program. Choose another with --port or PORT.`;
  if (code === "EACCES") return `Port ${port} needs more rights than this program has. Choose one above 1023 with --port or PORT.`;
  return `Nothing can listen on ${address}, port ${port} (${error instanceof Error ? error.message : error}). Give an address of this machine with --host or HOST.`;
}
