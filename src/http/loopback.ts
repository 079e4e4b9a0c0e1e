/** A web-standard handler on a free port of this machine's loopback interface: the simulated provider lives on one. */
export interface Loopback {
  readonly url: string;
  stop(): Promise<void>;
}

export function startLoopback(handler: (request: Request) => Promise<Response>): Loopback {
  // Simulated models may be silent for minutes: no idle limit.
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, idleTimeout: 0, fetch: handler });
  return { url: `http://127.0.0.1:${server.port}`, stop: () => server.stop(true) };
}
