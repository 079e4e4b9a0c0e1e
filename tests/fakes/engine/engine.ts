import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Core } from "./core.ts";
import { failureLines, loadingLines, openingLines, outOfMemoryLines, servingLines, startFailure } from "./log-lines.ts";
import { type EngineOptions, engineOptions, type Faults } from "./options.ts";
import { serveRequest } from "./serving.ts";
import { Tally } from "./tally.ts";

/** Where the engine lives: a process, or a test. */
export interface EngineHome {
  log(line: string): void;
  /** It has ended, by itself or as it was asked; its sockets are closed. */
  ended(code: number): void;
}

export interface FakeEngine {
  /** Resolves with its port once it listens; never, if it ends before. */
  readonly listening: Promise<number>;
  readonly tally: Tally;
  /** Misbehaves so from now on, besides what it does already; `undefined` takes a fault away. */
  fault(faults: Faults): void;
  /** SIGTERM: it ends with code 0, as its faults let it. */
  terminate(): void;
  /** SIGKILL: it is gone. */
  kill(): void;
}

/**
 * Starts what looks like vLLM: it says what vLLM says while it loads, and then serves.
 * @example const engine = startFakeEngine({ model: "tiny", port: 0 }, { log: () => {}, ended: () => {} });
 */
export function startFakeEngine(said: Partial<EngineOptions>, home: EngineHome): FakeEngine {
  const options = engineOptions(said);
  const { fake } = options;
  const sockets = new Set<Socket>();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const { promise: listening, resolve: listens } = Promise.withResolvers<number>();
  let over = false;
  const later = (milliseconds: number, what: () => void) => timers.add(setTimeout(what, milliseconds));
  const end = (code: number) => {
    if (over) return;
    over = true;
    for (const timer of timers) clearTimeout(timer);
    server.close();
    for (const socket of sockets) socket.destroy();
    home.ended(code);
  };
  const core: Core = {
    options,
    tally: new Tally(),
    faults: fake,
    loaded: false,
    terminated: false,
    starts: () => startsOf(fake.startsFile),
    die: () => end(core.faults.exitCode ?? 1),
    runOutOfMemory: () => {
      for (const line of outOfMemoryLines()) home.log(line);
      // What it runs is told first.
      later(20, core.die);
    },
  };
  const server = createServer((request, response) => void serveRequest(request, response, core));
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  server.on("error", (error) => {
    home.log(`[Errno 98] error while attempting to bind on address ('${options.host}', ${options.port}): ${error.message}`);
    end(1);
  });
  const listen = () => {
    if (server.listening || over) return;
    server.listen(options.port, options.host, () => {
      const { port } = server.address() as AddressInfo;
      if (fake.portFile !== undefined) writeFileSync(fake.portFile, String(port));
      listens(port);
    });
  };

  if (fake.startsFile !== undefined) appendFileSync(fake.startsFile, `${process.pid}\n`);
  if (fake.badStarts !== undefined && startsOf(fake.startsFile) > fake.badStarts) core.faults = { ...core.faults, loading: undefined };
  for (const line of openingLines(options)) home.log(line);
  if (!fake.refuseWhileLoading) listen();
  const steps = loadingLines(options);
  const step = (fake.loadingTime ?? 0) / steps.length;
  const load = () => {
    if (core.faults.loading === "hang") return void later(50, load);
    const failure = startFailure(core.faults, options);
    if (failure !== undefined) {
      for (const line of failureLines(failure, core.faults, options)) home.log(line);
      return core.die();
    }
    const line = steps.shift();
    if (line !== undefined) {
      home.log(line);
      return void later(step, load);
    }
    core.loaded = true;
    listen();
    void listening.then((port) => servingLines(options.host, port).map(home.log));
  };
  later(step, load);

  return {
    listening,
    tally: core.tally,
    fault: (faults) => {
      core.faults = { ...core.faults, ...faults };
    },
    terminate: () => {
      core.terminated = true;
      if (core.faults.ignoreTerm) return;
      later(core.faults.stopDelay ?? 0, () => end(0));
    },
    kill: () => end(137),
  };
}

/** How many engines have written their line there; 1 where nobody asked to count. */
function startsOf(file: string | undefined): number {
  return file === undefined ? 1 : readFileSync(file, "utf8").trim().split("\n").length;
}
