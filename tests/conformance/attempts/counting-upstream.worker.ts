import { createServer, type Socket } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { chunkBytes, headBytes, LAST_CHUNK, requestReader } from "../../fakes/upstream/wire.ts";
import { FIELDS, type Work } from "./counting-upstream.ts";

/** The thread of `startCountingUpstreams`. */
const { memory, count } = workerData as { readonly memory: SharedArrayBuffer; readonly count: number };
const numbers = new Int32Array(memory);

/** One upstream's numbers. Only this thread writes them, but for how many it may have. */
class Ledger {
  readonly #from: number;

  constructor(index: number) {
    this.#from = index * FIELDS.length;
  }

  begins(): void {
    const working = this.#add("working", 1);
    this.#add("begun", 1);
    if (working > this.#add("most", 0)) this.#add("most", 1);
    if (working > this.#add("may", 0)) this.#add("over", 1);
  }

  ends(): void {
    this.#add("working", -1);
  }

  #add(field: (typeof FIELDS)[number], by: number): number {
    return Atomics.add(numbers, this.#from + FIELDS.indexOf(field), by) + by;
  }
}

/** What is done with a request that says nothing of it. */
const AT_ONCE: Work = { pieces: 1, every: 0, notices: 0 };

/** One connection: a request after the other. */
function serve(socket: Socket, ledger: Ledger): void {
  let busy = false;
  let notices = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    clearTimeout(timer);
    if (busy) ledger.ends();
    busy = false;
  };
  const read = requestReader(({ body }) => {
    const json = objectOf(parseJson(new TextDecoder().decode(body)));
    const said = /"content":"((?:[^"\\]|\\.)*)"/.exec(JSON.stringify(json["messages"] ?? []))?.[1];
    const work = { ...AT_ONCE, ...objectOf(parseJson(JSON.parse(`"${said ?? ""}"`) as string)) } as Work;
    notices = work.notices;
    const steps = json["stream"] === true ? streamOf(work) : wholeOf(work);
    const go = (step: number) => {
      const bytes = steps[step];
      if (bytes === undefined) return; // silent for good
      timer = setTimeout(() => {
        // Over before its last byte leaves: who reads that may be here with the next at once.
        if (bytes.last) end();
        socket.write(bytes.bytes);
        if (!bytes.last) go(step + 1);
      }, bytes.after);
    };
    go(0);
  });
  socket.setNoDelay(true);
  socket.on("data", (bytes: Buffer) => {
    if (!busy) ledger.begins();
    busy = true;
    read(bytes);
  });
  socket.on("error", end);
  socket.on("close", end);
  socket.on("end", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      end();
      socket.end();
    }, notices);
  });
}

interface Step {
  /** Milliseconds. */
  readonly after: number;
  readonly bytes: Uint8Array;
  readonly last?: boolean;
}

function streamOf({ pieces, every, silent }: Work): Step[] {
  if (silent === "before-headers") return [];
  const data = (text: string, after: number): Step => ({ after, bytes: chunkBytes(Buffer.from(`data: ${text}\n\n`)) });
  const chunk = (delta: object, finish: string | null = null) =>
    JSON.stringify({ id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "m", choices: [{ index: 0, delta, finish_reason: finish }] });
  const head: Step = { after: 0, bytes: headBytes(200, { "content-type": "text/event-stream", "transfer-encoding": "chunked" }) };
  if (silent === "before-content") return [head];
  const words = Array.from({ length: pieces }, (_, piece) => data(chunk({ content: `w${piece} ` }), every));
  if (silent === "half-way") return [head, ...words.slice(0, Math.ceil(pieces / 2))];
  return [head, ...words, data(chunk({}, "stop"), 0), data("[DONE]", 0), { after: 0, bytes: LAST_CHUNK, last: true }];
}

function wholeOf({ pieces, every, silent }: Work): Step[] {
  if (silent === "before-headers") return [];
  const content = Array.from({ length: pieces }, (_, piece) => `w${piece} `).join("");
  const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
  const body = Buffer.from(
    JSON.stringify({ id: "chatcmpl-1", object: "chat.completion", created: 1, model: "m", choices, usage: { prompt_tokens: 3, completion_tokens: pieces } }),
  );
  const head: Step = { after: 0, bytes: headBytes(200, { "content-type": "application/json", "content-length": `${body.length}` }) };
  if (silent === "before-content") return [head];
  const half = body.length >> 1;
  const halves: Step[] = [
    { after: every * pieces, bytes: body.subarray(0, half) },
    { after: 0, bytes: body.subarray(half), last: true },
  ];
  return silent === "half-way" ? [head, ...halves.slice(0, 1)] : [head, ...halves];
}

const ports = await Promise.all(
  Array.from({ length: count }, async (_, index) => {
    const ledger = new Ledger(index);
    // Who hangs up is not hung up on before this upstream has noticed.
    const server = createServer({ allowHalfOpen: true }, (socket) => serve(socket, ledger));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 1024, resolve));
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }),
);
parentPort?.postMessage(ports);
