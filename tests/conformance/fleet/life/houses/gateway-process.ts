import { readFileSync } from "node:fs";
import { join } from "node:path";
import { startGateway } from "../../../../harness/gateway.ts";
import type { LifeGateway } from "../house.ts";

/** A gateway as a process of its own, over a folder that holds its config. */
export async function gatewayProcess(folder: string, key: string): Promise<LifeGateway> {
  const config: object = JSON.parse(readFileSync(join(folder, "signalbox.yaml"), "utf8"));
  const gateway = await startGateway({ folder, config, environment: { SIGNALBOX_ADMIN_KEY: key } });
  return {
    url: gateway.url,
    end: async () => void (await gateway.end("SIGTERM")),
    kill: async () => void (await gateway.end("SIGKILL")),
  };
}
