import { afterEach, describe, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { Cancellation } from "../vocabulary/cancellation.ts";
import { Failure } from "../vocabulary/failure.ts";
import { upstreamClient } from "./client.ts";
import { plain, type Scripted, scripted, until } from "./http1/scripted.fixture.ts";

const servers: Scripted[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
const LEFT = new Failure("client-left", "left");

/** A call, how it is called off, and how often the upstream was told to be done with it. */
async function asked(answer: (socket: Socket) => void, url?: string) {
  const server = await scripted(answer);
  servers.push(server);
  const cancellation = new Cancellation();
  const seen = { over: 0 };
  const call = { url: url ?? server.url, headers: {}, body: "{}", cancellation, connectWithin: 5000, listener: { over: () => void seen.over++ } };
  const text = upstreamClient()
    .send(call)
    .then((reply) => reply.text())
    .catch(() => "failed");
  return { server, cancellation, seen, text };
}

describe("a call is over, once", () => {
  test("when it is answered", async () => {
    const { seen, text } = await asked((socket) => socket.write(plain("ok")));
    expect([await text, seen.over]).toEqual(["ok", 1]);
  });

  test("when the upstream breaks it off", async () => {
    const { seen, text } = await asked((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel"));
    expect([await text, seen.over]).toEqual(["failed", 1]);
  });

  test("when nobody is there", async () => {
    const { seen, text } = await asked(() => undefined, "http://127.0.0.1:1");
    expect([await text, seen.over]).toEqual(["failed", 1]);
  });

  test("when it was called off before it was sent", async () => {
    const { seen, text, cancellation } = await asked(() => undefined);
    cancellation.cancel(LEFT);
    expect([await text, seen.over]).toEqual(["failed", 1]);
  });

  test("after it was called off, not before the upstream has hung up", async () => {
    const order: string[] = [];
    const { server, seen, text, cancellation } = await asked((socket) => {
      socket.on("end", () => order.push("the upstream sees it"));
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhel");
    });
    await until(() => server.heard.length === 1);
    cancellation.cancel(LEFT);
    expect([await text, seen.over]).toEqual(["failed", 0]);
    await until(() => seen.over === 1);
    expect(order).toEqual(["the upstream sees it"]);
  });

  test("after it was called off, though the upstream never hangs up", async () => {
    const { server, seen, text, cancellation } = await asked((socket) => {
      const chatter = setInterval(() => socket.write("x"), 5);
      socket.on("close", () => clearInterval(chatter));
      (socket as Socket & { allowHalfOpen: boolean }).allowHalfOpen = true;
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 900000\r\n\r\n");
    });
    await until(() => server.heard.length === 1);
    cancellation.cancel(LEFT);
    expect(await text).toBe("failed");
    await until(() => seen.over === 1);
    await until(() => server.connections.open === 0);
  });
});
