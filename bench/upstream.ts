/**
 * The upstream of every benchmark, a process of its own, as fast as the runtime allows so that what is measured is the server before it.
 *   POST /instant/v1/chat/completions               a fixed JSON answer, served without running any script
 *   POST /delay-<ms>/v1/chat/completions            the same, so many milliseconds later
 *   POST /stream-<chunks>-<ms>/v1/chat/completions  the first chunk at once, then one every so many milliseconds
 *   GET  /instant/health, /instant/v1/models        as an engine that is well
 *   GET  /stats                                     {requests, open, aborted}: streams begun, open now, left by their reader
 * Every chunk carries the time it was written as `@<milliseconds since 1970>@`. Prints its port as the only line.
 */
const ANSWER = JSON.stringify({
  id: "chatcmpl-bench",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "bench",
  choices: [{ index: 0, message: { role: "assistant", content: "Hello! How can I help you today?" }, finish_reason: "stop" }],
  usage: { prompt_tokens: 19, completion_tokens: 9, total_tokens: 28 },
});
const JSON_TYPE = { "content-type": "application/json" };
const USAGE = { prompt_tokens: 19, completion_tokens: 9, total_tokens: 28 };

/** Streams write in slots of so many milliseconds, all of a slot in one turn: no timer per stream. */
const SLOT_MS = 5;

interface OpenStream {
  readonly controller: ReadableStreamDirectController;
  readonly every: number;
  left: number;
  due: number;
  readonly end: () => void;
}

const streams = new Set<OpenStream>();
const stats = { requests: 0, aborted: 0 };
const encoder = new TextEncoder();

function chunk(rest: object): Uint8Array {
  const body = { id: "chatcmpl-bench", object: "chat.completion.chunk", created: 1_700_000_000, model: "bench", ...rest };
  return encoder.encode(`data: ${JSON.stringify(body)}\n\n`);
}

function timedChunk(): Uint8Array {
  const content = `@${(performance.timeOrigin + performance.now()).toFixed(3)}@`;
  return chunk({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
}

function lastChunks(): Uint8Array {
  const finish = chunk({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
  return Buffer.concat([finish, chunk({ choices: [], usage: USAGE }), encoder.encode("data: [DONE]\n\n")]);
}

function tick(): void {
  const now = performance.now();
  const timed = timedChunk();
  for (const stream of streams) {
    if (stream.due > now) continue;
    stream.due += stream.every;
    stream.left -= 1;
    stream.controller.write(stream.left > 0 ? timed : lastChunks());
    stream.controller.flush();
    if (stream.left <= 0) stream.end();
  }
}
setInterval(tick, SLOT_MS);

function streamed(chunks: number, every: number, gone: AbortSignal): Response {
  stats.requests += 1;
  const source: Bun.DirectUnderlyingSource<Uint8Array> = {
    type: "direct",
    pull(controller) {
      return new Promise<void>((resolve) => {
        const end = () => {
          if (!streams.delete(stream)) return;
          gone.removeEventListener("abort", left);
          controller.close();
          resolve();
        };
        const left = () => {
          stats.aborted += 1;
          end();
        };
        const stream: OpenStream = { controller, every, left: chunks, due: performance.now() + every, end };
        streams.add(stream);
        gone.addEventListener("abort", left);
        controller.write(timedChunk());
        controller.flush();
      });
    },
  };
  // The DOM's type of the constructor, which wins here, does not know the runtime's direct streams.
  return new Response(new ReadableStream(source as unknown as UnderlyingSource<Uint8Array>), { headers: { "content-type": "text/event-stream" } });
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  routes: {
    "/instant/v1/chat/completions": { POST: new Response(ANSWER, { headers: JSON_TYPE }) },
    // What an engine is looked at by.
    "/instant/health": new Response(""),
    "/instant/v1/models": Response.json({ object: "list", data: [{ id: "bench", object: "model" }] }),
    "/stats": () => Response.json({ requests: stats.requests, open: streams.size, aborted: stats.aborted }),
  },
  async fetch(request) {
    const [, kind, first, second] = /\/(delay|stream)-(\d+)(?:-(\d+))?\/v1\/chat\/completions$/.exec(request.url) ?? [];
    if (kind === "stream") return streamed(Number(first), Number(second ?? 100), request.signal);
    if (kind === undefined) return new Response("nothing here", { status: 404 });
    await Bun.sleep(Number(first));
    return new Response(ANSWER, { headers: JSON_TYPE });
  },
});
console.log(server.port);

export {};
