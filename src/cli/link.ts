import { existsSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import type { Caller } from "../vocabulary/caller.ts";
import { objectOf, parseJson, stringOf } from "../vocabulary/json.ts";
import { CommandFailed } from "./output.ts";

/** The socket of a running gateway, in its data folder: only whoever owns the folder can open it. */
export const SOCKET_NAME = "signalbox.sock";

/** Who asks over the socket, or works on the ledger itself: whoever owns the folder may all. */
export const COMMAND_LINE: Caller = { keyId: "command-line", keyName: "command line", role: "admin" };

/** Is a gateway running over this data folder? */
export async function isRunning(dataDir: string): Promise<boolean> {
  if (!existsSync(join(dataDir, SOCKET_NAME))) return false;
  try {
    await askServer(dataDir, "GET", "/admin/models");
    return true;
  } catch {
    return false;
  }
}

/** A management call. */
interface Message {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body. */
  readonly text?: string;
}

/** Puts a management call to the gateway that runs over this data folder. Throws `CommandFailed` with its own words when it refuses. */
export function askServer(dataDir: string, method: string, path: string, body?: unknown): Promise<unknown> {
  return sendToServer(dataDir, { method, path, text: body === undefined ? undefined : JSON.stringify(body) });
}

/** The same, with a body that is passed as it is. */
export async function sendToServer(dataDir: string, message: Message): Promise<unknown> {
  return parseJson(await textFromServer(dataDir, message));
}

/** The same, and the answer as it is. */
export function textFromServer(dataDir: string, { method, path, headers, text: sent }: Message): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { socketPath: join(dataDir, SOCKET_NAME), method, path, headers: { "content-type": "application/json", ...headers } };
    const call = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        if ((response.statusCode ?? 500) < 300) resolve(text);
        else reject(new CommandFailed(stringOf(objectOf(objectOf(parseJson(text))["error"])["message"]) ?? `The gateway answered ${response.statusCode}.`));
      });
    });
    call.on("error", (error) => reject(new CommandFailed(`No gateway answers in ${dataDir}: ${error.message}. Start one with npm start.`)));
    call.end(sent);
  });
}
