import { accessSync, constants, existsSync } from "node:fs";
import type { Settings } from "../../config/schema/schema.ts";
import { journalsIn, leftovers } from "../../store/journal/leftovers.ts";
import { openRedis } from "../../store/redis/redis.ts";
import { objectOf, stringOf } from "../../vocabulary/json.ts";
import { askServer } from "../link.ts";
import { type Finding, ok, wrong } from "./finding.ts";

/** Milliseconds that Redis has for a connection and an answer, and between two looks. */
const [REDIS_WITHIN, LOOK_EVERY] = [3_000, 20];

export function folderFinding(dataDir: string): Finding {
  const about = "data folder";
  if (!existsSync(dataDir)) return wrong(about, `There is no folder ${dataDir}. Name the gateway's with --data-dir, or start one: npm start makes it.`);
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return ok(about, `${dataDir} can be read and written`);
  } catch {
    return wrong(about, `${dataDir} cannot be read and written by this user. Mend its owner or its permissions.`);
  }
}

/** What a running gateway says of itself, of what it shares with others too. */
export async function gatewayFinding(dataDir: string, runs: boolean): Promise<Finding> {
  if (!runs) return ok("gateway", "none runs over this folder; its database is looked at directly");
  const { status, version, trouble } = objectOf(await askServer(dataDir, "GET", "/health"));
  const words = stringOf(trouble);
  return words === undefined ? ok("gateway", `${version} runs, and is ${status}`) : wrong("gateway", `${version} runs, and is ${status}: ${words}`);
}

/** Whether Redis answers; nothing where there is none. */
export async function redisFinding({ url, timeout }: Settings["redis"]): Promise<Finding[]> {
  if (url === "") return [];
  const shared = openRedis({ url, deadline: timeout });
  try {
    for (let waited = 0; shared.trouble() !== undefined && waited < REDIS_WITHIN; waited += LOOK_EVERY)
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    const trouble = shared.trouble();
    if (trouble === undefined) return [ok("Redis", "answers")];
    return [wrong("Redis", `${trouble} Start it, or mend redis.url (REDIS_URL). Gateways go on without it, each by itself.`)];
  } finally {
    await shared.close();
  }
}

/** What a gateway that was killed left behind. One that runs has entered it when it began, and has a journal of its own there. */
export function journalFindings(dataDir: string, runs: boolean): Finding[] {
  const left = runs ? 0 : leftovers(journalsIn(dataDir)).length;
  if (left === 0) return [];
  const whose = left === 1 ? "A gateway was killed and left its journal" : `${left} gateways were killed and left their journals`;
  return [{ about: "journal", state: "waits", says: `${whose}: what is not in the books yet is entered when the next one starts` }];
}
