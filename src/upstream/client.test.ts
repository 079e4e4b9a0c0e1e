import { afterEach, describe, expect, test } from "bun:test";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { Cancellation } from "../vocabulary/cancellation.ts";
import { Failure } from "../vocabulary/failure.ts";
import { type UpstreamCall, type UpstreamClient, upstreamClient } from "./client.ts";
import { type Heard, plain, type Scripted, scripted, until } from "./http1/scripted.fixture.ts";
import { NetworkTrouble } from "./trouble.ts";

let client: UpstreamClient = upstreamClient();
const servers: Scripted[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  client = upstreamClient();
});
const serve = async (answer: (socket: Socket, heard: Heard) => void): Promise<Scripted> => {
  const server = await scripted(answer);
  servers.push(server);
  return server;
};
const HEADERS = { "content-type": "application/json", authorization: "Bearer x" };
const call = (url: string, more: Partial<UpstreamCall> = {}) =>
  client.send({ url, headers: HEADERS, body: "{}", cancellation: new Cancellation(), connectWithin: 5000, ...more });
const textOf = async (url: string, more: Partial<UpstreamCall> = {}) => (await call(url, more)).text();
/** What the failure of a call is explained as. */
const whyNot = async (work: Promise<unknown>, url: string): Promise<string> => {
  try {
    return `no failure: ${String(await work)}`;
  } catch (error) {
    const { kind, message } = client.explain(error, url);
    return `${kind}: ${message.replace(new URL(url).origin, "<origin>")}`;
  }
};

describe("what is sent", () => {
  test("a POST with its length in bytes, and nothing that names our software's makers or asks for compression", async () => {
    const server = await serve((socket) => socket.write(plain("ok")));
    await textOf(`${server.url}/v1/chat?alt=sse`, { body: '{"a":"é"}' });
    const { port } = new URL(server.url);
    expect(server.heard[0]?.text.split("\r\n")).toEqual([
      "POST /v1/chat?alt=sse HTTP/1.1",
      `host: 127.0.0.1:${port}`,
      "content-type: application/json",
      "authorization: Bearer x",
      "accept-encoding: identity",
      "user-agent: signalbox",
      "content-length: 10",
      "",
      Buffer.from('{"a":"é"}').toString("latin1"),
    ]);
  });

  test.each<[string, string]>([
    ["", "POST / HTTP/1.1"],
    ["/a b/ü", "POST /a%20b/%C3%BC HTTP/1.1"],
    ["/m%2Fn", "POST /m%2Fn HTTP/1.1"],
  ])("the path %p", async (path, line) => {
    const server = await serve((socket) => socket.write(plain("ok")));
    await textOf(server.url + path);
    expect(server.heard[0]?.text).toStartWith(`${line}\r\n`);
  });

  test("a GET without a body", async () => {
    const server = await serve((socket) => socket.write(plain("ok")));
    await textOf(`${server.url}/models`, { body: undefined });
    expect(server.heard[0]?.text).toStartWith("GET /models HTTP/1.1\r\n");
    expect(server.heard[0]?.text).not.toContain("content-length");
  });

  test("user and password of the address, unless there is a header", async () => {
    const server = await serve((socket) => socket.write(plain("ok")));
    const url = server.url.replace("//", "//me:pass@");
    await textOf(url, { headers: {} });
    await textOf(url);
    expect(server.heard.map(({ text }) => /authorization: (.*)\r/.exec(text)?.[1])).toEqual(["Basic bWU6cGFzcw==", "Bearer x"]);
  });

  test("a body larger than every buffer, while the upstream reads slowly", async () => {
    const server = await serve((socket) => socket.write(plain("ok")));
    const body = `"${"0123456789".repeat(2_000_000)}"`;
    expect(await textOf(server.url, { body })).toBe("ok");
    expect(server.heard[0]?.text.endsWith(body)).toBe(true);
  });

  test.each([
    ["x-key", "a\r\nx-evil: 1"],
    ["x-key", "ключ"],
    ["x key", "a"],
  ])("the header %p: %p is refused, not sent, and its value not told", async (name, value) => {
    const server = await serve((socket) => socket.write(plain("ok")));
    const why = await whyNot(textOf(server.url, { headers: { [name]: value } }), server.url);
    expect(why).toBe(
      `upstream-unreachable: The connection to <origin> failed: ERR_INVALID_HEADER, the header ${JSON.stringify(name)} of this provider holds what HTTP does not allow.`,
    );
    expect(server.connections.accepted).toBe(0);
  });
});

describe("connections", () => {
  test("are kept, one for calls in turn and one each for calls at once", async () => {
    const server = await serve((socket) => void setTimeout(() => socket.write(plain("ok")), 5));
    for (let turn = 0; turn < 3; turn++) expect(await textOf(server.url)).toBe("ok");
    expect(server.connections.accepted).toBe(1);
    await Promise.all(Array.from({ length: 300 }, () => textOf(server.url)));
    expect(server.connections.accepted).toBe(300);
    await Promise.all(Array.from({ length: 300 }, () => textOf(server.url)));
    expect(server.connections.accepted).toBe(300);
  });

  test.each<[string, (socket: Socket) => void]>([
    ["the upstream asks for it", (socket) => socket.write(plain("ok", "connection: close"))],
    ["the answer ends with the connection", (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nok")],
    ["more came than was asked for", (socket) => socket.write(`${plain("ok")}HTTP/1.1 200 OK\r\n`)],
    ["the upstream grants no time", (socket) => socket.write(plain("ok", "keep-alive: timeout=1"))],
  ])("are not used again when %s", async (_name, answer) => {
    const server = await serve(answer);
    for (let turn = 1; turn <= 2; turn++) {
      expect(await textOf(server.url)).toBe("ok");
      expect(server.connections.accepted).toBe(turn);
    }
  });

  test("are not used again after words nobody asked for", async () => {
    const server = await serve((socket) => {
      socket.write(plain("ok"));
      setTimeout(() => socket.write("HTTP/1.1 408 Request Timeout\r\n\r\n"), 5);
    });
    expect(await textOf(server.url)).toBe("ok");
    await until(() => server.connections.open === 0);
    expect(await textOf(server.url)).toBe("ok");
    expect(server.connections.accepted).toBe(2);
  });

  test("a kept one that turns out closed costs the call nothing", async () => {
    const server = await serve((socket, { ofConnection }) => void (ofConnection === 1 ? socket.write(plain("ok")) : socket.destroy()));
    for (let turn = 1; turn <= 3; turn++) expect(await textOf(server.url)).toBe("ok");
    expect([server.heard.length, server.connections.accepted]).toEqual([5, 3]);
  });

  test("but a call that may not be made again, which is asked once, as its upstream may have read it", async () => {
    const server = await serve((socket, { ofConnection }) => void (ofConnection === 1 ? socket.write(plain("ok")) : socket.destroy()));
    expect(await textOf(server.url)).toBe("ok");
    let asked = 0;
    const again = () => ++asked < 1;
    expect(await whyNot(textOf(server.url, { listener: { again } }), server.url)).toStartWith(
      "upstream-unreachable: The connection to <origin> failed: ECONNRESET",
    );
    expect([server.heard.length, asked]).toEqual([2, 1]);
  });

  test("a new one that closes is not tried again", async () => {
    const server = await serve((socket) => void socket.destroy());
    expect(await whyNot(textOf(server.url), server.url)).toStartWith("upstream-unreachable: The connection to <origin> failed: ECONNRESET");
    expect(server.heard.length).toBe(1);
  });

  test("one that closes after the first byte of its answer is not tried again", async () => {
    const server = await serve((socket, { ofConnection }) => {
      if (ofConnection === 1) socket.write(plain("ok"));
      else socket.write("H", () => socket.destroy());
    });
    expect(await textOf(server.url)).toBe("ok");
    expect(await whyNot(textOf(server.url), server.url)).toStartWith("upstream-unreachable: The connection to <origin> failed: ECONNRESET");
    expect(server.heard.length).toBe(2);
  });

  test("closed while they are free, they are forgotten", async () => {
    const server = await serve((socket) => socket.write(plain("ok"), () => socket.end()));
    for (let turn = 1; turn <= 2; turn++) {
      expect(await textOf(server.url)).toBe("ok");
      await until(() => server.connections.open === 0);
    }
    expect(server.heard.map(({ ofConnection }) => ofConnection)).toEqual([1, 1]);
  });
});

describe("answers", () => {
  test("of every status, redirects too, are the caller's to judge", async () => {
    const server = await serve((socket) => socket.write("HTTP/1.1 307 Temporary Redirect\r\nLocation: /secret\r\ncontent-length: 0\r\n\r\n"));
    const reply = await call(server.url);
    expect([reply.status, reply.headers.get("location"), reply.headers.get("nothing"), await reply.text()]).toEqual([307, "/secret", null, ""]);
    expect(server.heard.length).toBe(1);
  });

  test("before the request was read are read all the same, and the rest of it is not sent", async () => {
    const server = createServer((socket) => {
      socket.pause();
      socket.write("HTTP/1.1 413 Content Too Large\r\ncontent-length: 4\r\n\r\nless");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const reply = await call(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { body: "x".repeat(20_000_000) });
    expect([reply.status, await reply.text()]).toEqual([413, "less"]);
    server.close();
  });

  test("come in the pieces the network delivers, held up while nobody reads", async () => {
    let written = 0;
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
      const more = () => {
        for (let go = true; go && written < 1024; written++) go = socket.write(`10000\r\n${"x".repeat(65_536)}\r\n`);
        if (written < 1024) socket.once("drain", more);
        else socket.end("0\r\n\r\n");
      };
      more();
    });
    const reply = await call(server.url);
    await until(() => written > 1);
    // What the kernel and we hold between us is bounded: the upstream waits.
    let before = -1;
    while (before !== written) {
      before = written;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(written).toBeLessThan(512);
    let size = 0;
    for (let bytes = await reply.next(); bytes !== undefined; bytes = await reply.next()) size += bytes.length;
    expect([size, written]).toEqual([64 * 1024 * 1024, 1024]);
  });

  test("that were held up when the upstream closed are read to their end", async () => {
    const body = "y".repeat(2_000_000);
    const server = await serve((socket) => socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${body}`));
    const reply = await call(server.url);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await reply.text()).length).toBe(body.length);
  });

  test("without a byte order mark, with what is no UTF-8 replaced", async () => {
    const server = await serve((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n");
      socket.write(Buffer.from([0xef, 0xbb, 0xbf, 0x6f, 0x6b, 0xe4]));
    });
    expect(await textOf(server.url)).toBe("ok\uFFFD");
  });

  test("in gzip, though nobody asked, in pieces and whole", async () => {
    const packed = gzipSync("hello hello");
    const server = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`);
      socket.write(packed);
    });
    expect(await textOf(server.url)).toBe("hello hello");
    const reply = await call(server.url);
    expect([(await reply.next())?.toString(), await reply.next()]).toEqual(["hello hello", undefined]);
  });

  test.each<[string, string, string]>([
    ["in no gzip", plain("hello", "content-encoding: gzip"), "upstream-error: The upstream's answer cannot be decompressed (gzip)."],
    ["in a coding of its own", plain("hello", "content-encoding: pied-piper"), 'upstream-error: The upstream compresses its answer as "pied-piper".'],
    ["that are not HTTP", "220 smtp.example ESMTP\r\n", 'upstream-error: The upstream\'s answer is not HTTP/1.1: it begins with "220 smtp.example ESM".'],
    [
      "that break off",
      "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel",
      "upstream-unreachable: The connection to <origin> failed: ECONNRESET, it closed in the middle of its answer.",
    ],
    [
      "that end in their head",
      "HTTP/1.1 200 OK\r\ncontent",
      "upstream-unreachable: The connection to <origin> failed: ECONNRESET, it closed in the middle of its answer.",
    ],
    ["that are none", "", "upstream-unreachable: The connection to <origin> failed: ECONNRESET, it closed without an answer."],
  ])("%s are failures", async (_name, bytes, expected) => {
    const server = await serve((socket) => socket.end(bytes));
    expect(await whyNot(textOf(server.url), server.url)).toBe(expected);
    await until(() => server.connections.open === 0);
  });

  test("that were packed and broke off are failures, not short answers", async () => {
    const packed = gzipSync("hello hello");
    const server = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: ${packed.length}\r\n\r\n`);
      socket.end(packed.subarray(0, 12));
    });
    expect(await whyNot(textOf(server.url), server.url)).toBe(
      "upstream-unreachable: The connection to <origin> failed: ECONNRESET, it closed in the middle of its answer.",
    );
  });

  test("that are empty are empty in every coding", async () => {
    const server = await serve((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n"));
    expect(await textOf(server.url)).toBe("");
  });

  test("larger than they may be are failures", async () => {
    const server = await serve((socket) => socket.write(plain("x".repeat(3_000_000))));
    const larger = async (most: number) => (await call(server.url)).text(most);
    expect((await larger(3_000_000)).length).toBe(3_000_000);
    expect(await whyNot(larger(2 * 1024 * 1024), server.url)).toBe("upstream-error: The upstream's answer is larger than 2 MiB.");
  });
});

describe("called off", () => {
  const left = new Failure("client-left", "left");

  test.each<[string, string]>([
    ["before an answer", ""],
    ["in the middle of one", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel"],
  ])("%s, the upstream sees it at once", async (_name, begun) => {
    const server = await serve((socket) => void socket.write(begun));
    const stop = new Cancellation();
    const pending = textOf(server.url, { cancellation: stop });
    await until(() => server.heard.length === 1);
    if (begun !== "") await new Promise((resolve) => setTimeout(resolve, 10));
    stop.cancel(left);
    expect(await whyNot(pending, server.url)).toBe("client-left: left");
    await until(() => server.connections.open === 0);
  });

  test("before it was sent, nothing is sent", async () => {
    const server = await serve((socket) => socket.write(plain("ok")));
    const stop = new Cancellation();
    stop.cancel(left);
    expect(await whyNot(textOf(server.url, { cancellation: stop }), server.url)).toBe("client-left: left");
    const late = new Cancellation();
    const pending = textOf(server.url, { cancellation: late });
    late.cancel(left);
    expect(await whyNot(pending, server.url)).toBe("client-left: left");
    expect(await textOf(server.url)).toBe("ok");
    expect(server.heard.length).toBe(1);
  });

  test("after its answer was read, its connection lives on", async () => {
    const server = await serve((socket) => socket.write(plain("ok")));
    const stop = new Cancellation();
    expect(await textOf(server.url, { cancellation: stop })).toBe("ok");
    stop.cancel(left);
    expect(await textOf(server.url)).toBe("ok");
    expect(server.connections.accepted).toBe(1);
  });
});

describe("what went wrong", () => {
  test("a refused connection is told without the path, which may hold a key", async () => {
    const url = "http://127.0.0.1:1/v1?key=secret";
    expect(await whyNot(call(url), url)).toBe("upstream-unreachable: The connection to <origin> failed: ECONNREFUSED.");
  });

  test("a name without an address", async () => {
    const url = "http://no.such.host.invalid/v1";
    expect(await whyNot(call(url), url)).toBe("upstream-unreachable: The connection to <origin> failed: ENOTFOUND.");
  });

  test.each<[string, unknown, string]>([
    ["a failure is itself", new Failure("client-left", "left"), "client-left: left"],
    [
      "a network error with words",
      new NetworkTrouble("EPROXY", "the proxy said no"),
      "upstream-unreachable: The connection to http://up failed: EPROXY, the proxy said no.",
    ],
    ["a nameless network error", new Error("socket closed"), "upstream-unreachable: The connection to http://up failed: socket closed."],
    [
      "a network error that the language calls a TypeError",
      Object.assign(new TypeError("bad"), { code: "ERR_INVALID_URL" }),
      "upstream-unreachable: The connection to http://up failed: ERR_INVALID_URL.",
    ],
    [
      "a mistake of ours",
      new TypeError("undefined is not an object"),
      "internal: Signalbox itself failed on this request. The log has the details under this request id.",
    ],
  ])("%s", (_name, error, expected) => {
    const failure = client.explain(error, "http://up/v1/chat");
    expect(`${failure.kind}: ${failure.message}`).toBe(expected);
  });
});
