import { Failure } from "../../vocabulary/failure.ts";
import { NetworkTrouble } from "../trouble.ts";
import { type Address, credentialsOf, type ForwardProxy } from "./address.ts";

/** Who is told what happens on a socket. */
export interface SocketListener {
  /** The bytes are the listener's own to keep. */
  received(bytes: Buffer): void;
  /** There is room to write again. */
  drained(): void;
  closed(error: Error | undefined): void;
}

/** A socket and whoever listens to it now. */
export type Line = Bun.Socket<Plug>;

/** How long a silent peer may be before the kernel asks whether it still lives. Milliseconds. */
const KEEP_ALIVE = 30_000;

/** What hangs on a socket: first whoever waits for it to open, then its listener. */
class Plug {
  listener: SocketListener | undefined;
  readonly opened: (line: Line) => void;
  readonly failed: (error: Error) => void;
  trouble: Error | undefined;

  constructor(opened: (line: Line) => void, failed: (error: Error) => void) {
    this.opened = opened;
    this.failed = failed;
  }
}

/**
 * Opens a connection: TCP, the proxy's consent if there is one, TLS with the certificate and its name checked. Rejects with
 * `upstream-timeout` when it does not stand within so many milliseconds, with `NetworkTrouble` when it cannot be made.
 */
export function dial(address: Address, within: number, ca?: string): Promise<Line> {
  return new Promise((resolve, reject) => {
    let given = false;
    const timer = setTimeout(() => {
      given = true;
      reject(new Failure("upstream-timeout", `No connection to ${address.origin} within ${within} ms.`));
    }, within);
    const plug = new Plug(
      (line) => {
        clearTimeout(timer);
        if (given) line.terminate();
        else resolve(line);
      },
      (error) => {
        clearTimeout(timer);
        reject(error);
      },
    );
    const tls: Bun.TLSOptions = { serverName: address.serverName, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
    if (address.proxy !== undefined && address.secure) tunnel(address, address.proxy, plug, tls);
    else if (address.secure) open(address, plug, tls);
    else open(address.proxy ?? address, plug);
  });
}

function open({ hostname, port }: { readonly hostname: string; readonly port: number }, plug: Plug, tls?: Bun.TLSOptions): void {
  // The promise says nothing that the handlers do not, except for arguments that are refused outright.
  Bun.connect<Plug>({ hostname, port, data: plug, socket: tls === undefined ? PLAIN : SECURE, ...(tls === undefined ? {} : { tls }) }).catch(plug.failed);
}

/** Asks a proxy to connect us through (RFC 9110, section 9.3.6), then speaks TLS with whoever is behind it. */
function tunnel(address: Address, proxy: ForwardProxy, plug: Plug, tls: Bun.TLSOptions): void {
  const authority = `${address.hostname.includes(":") ? `[${address.hostname}]` : address.hostname}:${address.port}`;
  const asking = new Plug((line) => {
    let answer = Buffer.alloc(0);
    line.data.listener = {
      received(bytes) {
        answer = Buffer.concat([answer, bytes]);
        if (answer.indexOf("\r\n\r\n") < 0 && answer.length < 16 * 1024) return;
        const status = /^HTTP\/1\.[01] (\d{3})/.exec(answer.toString("latin1", 0, 20))?.[1];
        if (status !== "200") {
          plug.failed(new NetworkTrouble("EPROXY", `the proxy ${proxy.hostname}:${proxy.port} refused with ${status ?? "something that is not HTTP"}`));
          line.terminate();
          return;
        }
        line.data.listener = IGNORED; // it goes on to see the encrypted bytes
        line.upgradeTLS({ data: plug, tls, socket: SECURE });
      },
      drained: () => undefined,
      closed: (error) => plug.failed(error ?? new NetworkTrouble("EPROXY", `the proxy ${proxy.hostname}:${proxy.port} closed the connection`)),
    };
    line.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${credentialsOf(proxy)}\r\n`);
  }, plug.failed);
  open(proxy, asking);
}

const IGNORED: SocketListener = { received: () => undefined, drained: () => undefined, closed: () => undefined };

const COMMON: Bun.SocketHandler<Plug> = {
  data: (line, bytes) => line.data.listener?.received(bytes),
  drain: (line) => line.data.listener?.drained(),
  error(line, error) {
    line.data.trouble = error;
  },
  connectError: (line, error) => line.data.failed(error),
  close(line, error) {
    const { listener, trouble } = line.data;
    if (listener !== undefined) listener.closed(error ?? trouble);
    else line.data.failed(error ?? trouble ?? new NetworkTrouble("ECONNRESET", "the connection closed before it stood"));
  },
};

const PLAIN: Bun.SocketHandler<Plug> = {
  ...COMMON,
  open(line) {
    line.setKeepAlive(true, KEEP_ALIVE);
    line.data.opened(line);
  },
};

const SECURE: Bun.SocketHandler<Plug> = {
  ...COMMON,
  open: (line) => void line.setKeepAlive(true, KEEP_ALIVE),
  handshake(line, success, error) {
    if (success && error === null) line.data.opened(line);
    else {
      line.data.failed(error ?? new NetworkTrouble("ERR_TLS", "the TLS handshake failed"));
      line.terminate();
    }
  },
};
