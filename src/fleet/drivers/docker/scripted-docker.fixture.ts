import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Json, parseJson } from "../../../vocabulary/json.ts";

/** A call that came, without its version. */
export interface CameIn {
  /** `POST /containers/create`. */
  readonly call: string;
  readonly query: URLSearchParams;
  readonly body: Json | undefined;
}

/** A status and a body; a function writes the answer itself. */
export type Told = readonly [status: number, body?: Json] | ((response: ServerResponse) => void);

/** An answer to every call, or, by call, an answer to each time it comes and the last of them from then on. */
type Script = Readonly<Record<string, readonly Told[]>>;

export interface ScriptedDocker {
  /** `tcp://127.0.0.1:port`. */
  readonly host: string;
  readonly calls: readonly CameIn[];
  /** Ends all connections. */
  cut(): void;
}

/** Runs the work with a server that says what a script says, as Docker and Podman do in cases that a real one is not easily brought into. */
export async function withScriptedDocker<Result>(script: Script, work: (docker: ScriptedDocker) => Promise<Result>): Promise<Result> {
  const calls: CameIn[] = [];
  const sockets = new Set<Socket>();
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://docker");
    const call = `${request.method} ${url.pathname.replace(/^\/v\d+\.\d+/, "")}`;
    const times = calls.filter((earlier) => earlier.call === call).length;
    calls.push({ call, query: url.searchParams, body: parseJson(await textOf(request)) });
    const answers = script[call] ?? (call === "GET /version" ? [VERSION] : [NOT_SCRIPTED]);
    const told = answers[Math.min(times, answers.length - 1)] ?? NOT_SCRIPTED;
    if (typeof told === "function") return told(response);
    const [status, body] = told;
    response.writeHead(status, { "content-type": "application/json" }).end(body === undefined ? undefined : JSON.stringify(body));
  });
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  try {
    return await work({ host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, calls, cut });
  } finally {
    cut();
    server.close();
  }
}

const VERSION: Told = [200, { ApiVersion: "1.41", MinAPIVersion: "1.24" }];
const NOT_SCRIPTED: Told = [501, { message: "this is not in the test's script" }];

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of request) text += String(piece);
  return text;
}
