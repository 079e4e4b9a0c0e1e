/** What a client sent, byte by byte. */
export interface Sent {
  readonly method: string;
  /** With the query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface RecordingProxy {
  readonly url: string;
  readonly sent: readonly Sent[];
  stop(): void;
}

/** A proxy in front of a server that notes what passes through it; `broken` says which requests it answers with a 404 of its own. */
export function recordingProxy(target: string, broken: (sent: Sent) => boolean = () => false): RecordingProxy {
  const sent: Sent[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      const { pathname, search } = new URL(request.url);
      const one: Sent = { method: request.method, path: pathname + search, headers: request.headers, body: await request.text() };
      sent.push(one);
      if (broken(one)) return new Response("not here", { status: 404 });
      const headers = new Headers(request.headers);
      headers.delete("host");
      headers.set("accept-encoding", "identity");
      return fetch(target + one.path, { method: one.method, headers, ...(one.body === "" ? {} : { body: one.body }), signal: request.signal });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, sent, stop: () => server.stop(true) };
}
