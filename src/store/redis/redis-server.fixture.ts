import { type ChildProcess, spawn } from "node:child_process";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { RedisClient } from "bun";
import { inFolder } from "../temporary.fixture.ts";

/** A redis-server of a test's own. */
export interface RedisServer {
  readonly port: number;
  /** Without user, password and database. */
  readonly url: string;
  /** Accepts connections, and answers nothing until `resume`. */
  pause(): void;
  resume(): void;
  /** Makes it forget everything it held. */
  flush(): Promise<void>;
  /** Ends it without a word, everything it held with it. */
  kill(): Promise<void>;
  /** Starts it again at the same port. */
  restart(...flags: string[]): Promise<void>;
}

/** Runs the work with a redis-server that is gone afterwards. */
export function withRedisServer<Result>(work: (server: RedisServer) => Promise<Result>, ...flags: string[]): Promise<Result> {
  return inFolder(async (folder) => {
    const port = await freePort();
    let child = await start({ port, folder, flags });
    const kill = async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    };
    try {
      return await work({
        port,
        url: `redis://127.0.0.1:${port}`,
        pause: () => void child.kill("SIGSTOP"),
        resume: () => void child.kill("SIGCONT"),
        async flush() {
          const client = new RedisClient(`redis://127.0.0.1:${port}`);
          await client.send("FLUSHALL", []);
          client.close();
        },
        kill,
        async restart(...again) {
          await kill();
          child = await start({ port, folder, flags: again });
        },
      });
    } finally {
      await kill();
    }
  });
}

/** Runs the work with a server that is told what to say to the bytes of each connection; `undefined` says nothing. */
export async function withRawServer<Result>(answer: (bytes: string) => string | undefined, work: (port: number) => Promise<Result>): Promise<Result> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      const text = answer(bytes.toString());
      if (text !== undefined) socket.write(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
}

/** A port where nobody listens. */
export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function start({ port, folder, flags }: { port: number; folder: string; flags: string[] }): Promise<ChildProcess> {
  const words = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no", ...flags];
  const child = spawn("redis-server", words, { stdio: ["ignore", "pipe", "inherit"] });
  return new Promise((resolve, reject) => {
    let said = "";
    child.stdout.on("data", (bytes) => {
      said += bytes;
      if (said.includes("Ready to accept connections")) resolve(child);
    });
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`redis-server did not start: ${said}`)));
  });
}
