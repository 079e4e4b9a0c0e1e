import { afterEach, describe, expect, test } from "bun:test";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Cancellation } from "../../vocabulary/cancellation.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { upstreamClient } from "../client.ts";
import { CERTIFICATE, EXPIRED_CERTIFICATE, KEY } from "./localhost.fixture.ts";
import { plain, scripted, until } from "./scripted.fixture.ts";

const cleanUp: (() => void)[] = [];
afterEach(() => {
  for (const close of cleanUp.splice(0)) close();
});
const listening = async (server: Server): Promise<number> => {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => void sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanUp.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
};
const secure = (certificate: string) =>
  listening(createSecureServer({ cert: certificate, key: KEY }, (request, response) => void response.end(`secure ${request.url}`)));

/** The answer to a call, or how its failure is explained. */
async function ask(url: string, options: Parameters<typeof upstreamClient>[0] = {}, connectWithin = 5000, body = "{}"): Promise<string> {
  const client = upstreamClient(options);
  try {
    return await (await client.send({ url, headers: {}, body, cancellation: new Cancellation(), connectWithin })).text();
  } catch (error) {
    const { kind, message } = client.explain(error, url);
    return `${kind}: ${message.replace(/:\d+/g, "")}`;
  }
}

describe("TLS", () => {
  const FAILED = "upstream-unreachable: The connection to https://localhost failed: ";
  test("a certificate of an authority we trust, for the name we called", async () => {
    expect(await ask(`https://localhost:${await secure(CERTIFICATE)}/a`, { ca: CERTIFICATE })).toBe("secure /a");
  });

  test("a body larger than every buffer", async () => {
    let size = 0;
    const server = createSecureServer({ cert: CERTIFICATE, key: KEY }, (request, response) => {
      request.on("data", (bytes: Buffer) => {
        size += bytes.length;
      });
      request.on("end", () => response.end(`read ${size}`));
    });
    expect(await ask(`https://localhost:${await listening(server)}/`, { ca: CERTIFICATE }, 5000, "é".repeat(5_000_000))).toBe("read 10000000");
  });

  test.each<[string, string, string | undefined, string, string]>([
    ["of an authority nobody knows", CERTIFICATE, undefined, "localhost", `${FAILED}DEPTH_ZERO_SELF_SIGNED_CERT.`],
    ["of last year", EXPIRED_CERTIFICATE, EXPIRED_CERTIFICATE, "localhost", `${FAILED}CERT_HAS_EXPIRED.`],
    [
      "for another name",
      CERTIFICATE,
      CERTIFICATE,
      "127.0.0.1",
      "upstream-unreachable: The connection to https://127.0.0.1 failed: ERR_TLS_CERT_ALTNAME_INVALID.",
    ],
  ])("a certificate %s is refused", async (_name, certificate, ca, host, expected) => {
    expect(await ask(`https://${host}:${await secure(certificate)}/`, { ca })).toBe(expected);
  });

  test("a server without TLS is none with it", async () => {
    const port = await listening(createServer((socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))));
    expect(await ask(`https://localhost:${port}`)).toStartWith(FAILED);
  });
});

test("a connection that does not stand in time is given up", async () => {
  // It accepts, and never answers the handshake.
  const port = await listening(createServer(() => undefined));
  expect(await ask(`https://localhost:${port}`, {}, 50)).toBe("upstream-timeout: No connection to https://localhost within 50 ms.");
});

test("a call whose kept connection was closed can be called off while a new one is made", async () => {
  const port = await secure(CERTIFICATE);
  const accepted: Socket[] = [];
  // The first connection leads to the server, any other nowhere.
  const door = await listening(
    createServer((socket) => {
      socket.on("error", () => undefined);
      if (accepted.push(socket) > 1) return;
      const upstream = connect(port, "127.0.0.1");
      socket.pipe(upstream).pipe(socket);
    }),
  );
  const client = upstreamClient({ ca: CERTIFICATE });
  const stop = new Cancellation();
  const send = () => client.send({ url: `https://localhost:${door}/`, headers: {}, body: "{}", cancellation: stop, connectWithin: 60_000 });
  expect(await (await send()).text()).toBe("secure /");
  accepted[0]?.destroy();
  const pending = send();
  await until(() => accepted.length === 2);
  stop.cancel(new Failure("client-left", "left"));
  await expect(pending).rejects.toThrow("left");
});

describe("through a proxy", () => {
  const FAILED = "upstream-unreachable: The connection to https://elsewhere.test failed: ";
  const asked: string[] = [];
  /** Connects whoever asks to localhost, whatever host they name, or says no. */
  const proxy = async (refusal?: string): Promise<Record<string, string>> => {
    asked.length = 0;
    const port = await listening(
      createServer((client) => {
        client.on("error", () => undefined);
        client.once("data", (bytes) => {
          const text = bytes.toString("latin1");
          asked.push(text.slice(0, text.indexOf("\r\n\r\n")));
          if (refusal !== undefined) return void client.end(refusal);
          const upstream = connect(Number(/:(\d+)/.exec(text)?.[1]), "127.0.0.1", () => {
            if (text.startsWith("CONNECT")) client.write("HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n");
            else upstream.write(bytes);
            client.pipe(upstream).pipe(client);
          });
          upstream.on("error", () => client.destroy());
        });
      }),
    );
    const url = `http://me:pass@127.0.0.1:${port}`;
    return { HTTP_PROXY: url, HTTPS_PROXY: url };
  };

  test("TLS goes through a tunnel: the proxy learns the name and nothing more", async () => {
    const port = await secure(CERTIFICATE);
    const variables = await proxy();
    expect(await ask(`https://upstream.test:${port}/a`, { variables, ca: CERTIFICATE })).toBe("secure /a");
    expect(asked[0]?.split("\r\n")).toEqual([
      `CONNECT upstream.test:${port} HTTP/1.1`,
      `host: upstream.test:${port}`,
      "proxy-authorization: Basic bWU6cGFzcw==",
    ]);
  });

  test("the certificate behind the tunnel is checked like any other", async () => {
    expect(await ask(`https://elsewhere.test:${await secure(CERTIFICATE)}/`, { variables: await proxy(), ca: CERTIFICATE })).toBe(
      `${FAILED}ERR_TLS_CERT_ALTNAME_INVALID.`,
    );
  });

  test("plain HTTP is asked for by its whole address", async () => {
    const server = await scripted((socket) => socket.write(plain("ok")));
    cleanUp.push(() => server.close());
    const port = new URL(server.url).port;
    expect(await ask(`http://elsewhere.test:${port}/a?b`, { variables: await proxy() })).toBe("ok");
    expect(asked[0]).toStartWith(
      `POST http://elsewhere.test:${port}/a?b HTTP/1.1\r\nhost: elsewhere.test:${port}\r\nproxy-authorization: Basic bWU6cGFzcw==\r\n`,
    );
  });

  test.each<[string, string, string]>([
    ["a no is told", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", `${FAILED}EPROXY, the proxy 127.0.0.1 refused with 407.`],
    ["so is nonsense", "hello\r\n\r\n", `${FAILED}EPROXY, the proxy 127.0.0.1 refused with something that is not HTTP.`],
    ["and silence", "", `${FAILED}EPROXY, the proxy 127.0.0.1 closed the connection.`],
  ])("%s", async (_name, refusal, expected) => {
    expect(await ask("https://elsewhere.test/", { variables: await proxy(refusal) })).toBe(expected);
  });
});
