import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Socket } from "node:net";
import { Cancellation } from "../vocabulary/cancellation.ts";
import { Failure } from "../vocabulary/failure.ts";
import { type ReplayableBody, upstreamClient } from "./client.ts";
import { type Heard, plain, type Scripted, scripted, until } from "./http1/scripted.fixture.ts";

/** Bodies that are read while they are sent. */
const servers: Scripted[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
const serve = async (answer: (socket: Socket, heard: Heard) => void): Promise<Scripted> => {
  const server = await scripted(answer);
  servers.push(server);
  return server;
};

/** A body of these pieces that counts what is taken from it, and how often it is begun. */
function bodyOf(pieces: readonly string[], size = Buffer.byteLength(pieces.join(""))): ReplayableBody & { begun: number; taken: number; left: number } {
  const body = {
    size,
    begun: 0,
    taken: 0,
    left: 0,
    async *chunks() {
      body.begun++;
      try {
        for (const piece of pieces) {
          await Promise.resolve();
          body.taken++;
          yield Buffer.from(piece);
        }
      } finally {
        body.left++;
      }
    },
  };
  return body;
}

const client = upstreamClient();
const post = (url: string, body: string | ReplayableBody, cancellation = new Cancellation()) =>
  client.send({ url, headers: { "content-type": "multipart/form-data; boundary=b" }, body, cancellation, connectWithin: 5000 });
const sentIn = ({ text }: Heard) => text.slice(text.indexOf("\r\n\r\n") + 4);

describe("a body read as it is sent", () => {
  test("goes out with its length, in its order", async () => {
    const server = await serve((socket) => socket.write(plain("ok")));
    const body = bodyOf(["ab", "", "ü", "cd"]);
    expect(await (await post(server.url, body)).text()).toBe("ok");
    expect(server.heard[0]?.text).toContain("\r\ncontent-type: multipart/form-data; boundary=b\r\n");
    expect(server.heard[0]?.text).toContain("\r\ncontent-length: 6\r\n");
    expect(sentIn(server.heard[0] as Heard)).toBe(Buffer.from("abücd").toString("latin1"));
    expect(body).toMatchObject({ begun: 1, left: 1 });
  });

  test("of nothing is a body of nothing", async () => {
    const server = await serve((socket) => socket.write(plain("ok")));
    expect(await (await post(server.url, bodyOf([]))).text()).toBe("ok");
    expect(server.heard[0]?.text).toContain("\r\ncontent-length: 0\r\n");
  });

  test("leaves the connection to the next call", async () => {
    const server = await serve((socket) => socket.write(plain("ok")));
    for (const body of [bodyOf(["one"]), "two", bodyOf(["th", "ree"])]) expect(await (await post(server.url, body)).text()).toBe("ok");
    expect([server.connections.accepted, server.heard.map(sentIn)]).toEqual([1, ["one", "two", "three"]]);
  });

  test("is not read faster than it is taken", async () => {
    const piece = "x".repeat(64 * 1024);
    const pieces = Array.from({ length: 1000 }, () => piece);
    const body = bodyOf(pieces);
    let paused: Socket | undefined;
    const server = await serve((socket) => socket.write(plain("ok")));
    // The server reads nothing until it is told to: what is in flight is all that sockets hold.
    const slow = createServer({ pauseOnConnect: true }, (socket) => {
      paused = socket;
    });
    await new Promise<void>((resolve) => slow.listen(0, "127.0.0.1", resolve));
    const { port } = slow.address() as { port: number };
    const answer = post(`http://127.0.0.1:${port}`, body);
    await until(() => paused !== undefined && body.taken > 0);
    await post(server.url, "a round trip elsewhere, so that what can be taken has been");
    expect(body.taken).toBeLessThan(pieces.length);
    let got = 0;
    paused?.on("data", (bytes) => {
      got += bytes.length;
      if (got >= body.size) paused?.write(plain("ok"));
    });
    paused?.resume();
    expect(await (await answer).text()).toBe("ok");
    expect(body.taken).toBe(pieces.length);
    slow.close();
    paused?.destroy();
  });

  test("is read anew when the kept connection turns out closed", async () => {
    const server = await serve((socket, { ofConnection }) => {
      if (ofConnection === 1) socket.write(plain("ok"));
      else socket.destroy();
    });
    await (await post(server.url, "first")).text();
    const body = bodyOf(["ab", "cd"]);
    expect(await (await post(server.url, body)).text()).toBe("ok");
    expect(server.heard.map(sentIn)).toEqual(["first", "abcd", "abcd"]);
    expect(body).toMatchObject({ begun: 2, left: 2 });
  });

  test("is not sent on once it is answered, and its connection not used again", async () => {
    let asked = 0;
    const body: ReplayableBody = {
      size: 1_000_000,
      async *chunks() {
        asked++;
        yield Buffer.from("a first piece");
        await until(() => asked > 100);
        yield Buffer.from("a second");
      },
    };
    let connections = 0;
    const early = createServer((socket) => {
      connections++;
      socket.on("error", () => undefined);
      socket.once("data", () => socket.write(plain("early")));
    });
    await new Promise<void>((resolve) => early.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(early.address() as { port: number }).port}`;
    expect(await (await post(url, body)).text()).toBe("early");
    asked = 1000;
    expect(await (await post(url, "again")).text()).toBe("early");
    expect(connections).toBe(2);
    early.close();
  });

  test("is not read on once it is called off, and the call fails with the reason", async () => {
    const cancellation = new Cancellation();
    const server = await serve((socket) => socket.write(plain("never")));
    let go: (() => void) | undefined;
    const body = bodyOf(["a"], 10);
    const held: ReplayableBody = {
      size: 10,
      async *chunks() {
        yield* body.chunks();
        await new Promise<void>((resolve) => {
          go = resolve;
        });
        yield Buffer.from("b");
      },
    };
    const answer = post(server.url, held, cancellation);
    await until(() => go !== undefined);
    cancellation.cancel(new Failure("client-left", "The client closed the connection."));
    const failure = answer.catch((thrown) => thrown);
    go?.();
    expect(String(await failure)).toContain("The client closed the connection.");
    await until(() => server.connections.open === 0);
    expect(server.heard).toEqual([]);
  });

  test.each<[string, ReplayableBody]>([
    ["too short", bodyOf(["abc"], 4)],
    ["too long", bodyOf(["abc", "def"], 5)],
  ])("that is %s is a mistake of ours, and nobody else's", async (_name, body) => {
    const server = await serve(() => undefined);
    const error = await post(server.url, body).catch((thrown) => thrown);
    expect(client.explain(error, server.url).kind).toBe("internal");
  });

  test("that cannot be read fails the call with its own reason", async () => {
    const server = await serve(() => undefined);
    const body: ReplayableBody = {
      size: 5,
      // biome-ignore lint/correctness/useYield: it fails before there is anything to give
      async *chunks() {
        throw new Failure("internal", "The disk is gone.");
      },
    };
    await expect(post(server.url, body)).rejects.toThrow("The disk is gone.");
  });
});
