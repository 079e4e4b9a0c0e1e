import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

/** A request as it came over the wire, and its place among all and among those of its connection, from 1. */
export interface Heard {
  readonly text: string;
  readonly count: number;
  readonly ofConnection: number;
}

/** A server that answers with exactly the bytes it is told to, or does not. */
export interface Scripted {
  readonly url: string;
  readonly heard: Heard[];
  /** Connections accepted, and those still open. */
  readonly connections: { accepted: number; open: number };
  close(): void;
}

/** Starts one; `answer` is called for every request that has come whole. */
export async function scripted(answer: (socket: Socket, heard: Heard) => void): Promise<Scripted> {
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  const connections = { accepted: 0, open: 0 };
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    connections.accepted++;
    connections.open++;
    let text = "";
    let ofConnection = 0;
    socket.on("error", () => undefined);
    socket.on("close", () => {
      sockets.delete(socket);
      connections.open--;
    });
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      for (let end = endOf(text); end > 0 && end <= text.length; end = endOf(text)) {
        const one: Heard = { text: text.slice(0, end), count: heard.length + 1, ofConnection: ++ofConnection };
        text = text.slice(end);
        heard.push(one);
        answer(socket, one);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    connections,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** Where the first request in the text ends; 0 while that cannot be told. */
function endOf(text: string): number {
  const head = text.indexOf("\r\n\r\n");
  return head < 0 ? 0 : head + 4 + Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
}

/** An answer with a length. */
export function plain(body: string, ...headers: string[]): string {
  return ["HTTP/1.1 200 OK", ...headers, `content-length: ${Buffer.byteLength(body)}`, "", body].join("\r\n");
}

/** Resolves once the condition holds; rejects after five seconds. */
export async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > end) throw new Error("What was waited for did not happen.");
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
