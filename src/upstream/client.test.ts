import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Failure } from "../vocabulary/failure.ts";
import { upstreamClient } from "./client.ts";

const client = upstreamClient();
let server: Bun.Server<undefined>;
let followed = 0;
beforeAll(() => {
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      if (new URL(request.url).pathname === "/moved") return new Response("", { status: 307, headers: { location: "/secret" } });
      if (new URL(request.url).pathname === "/secret") followed++;
      return new Response("hello");
    },
  });
});
afterAll(() => server.stop(true));

const call = (url: string, signal = new AbortController().signal) =>
  client.send({ url, headers: { authorization: "Bearer x" }, body: "{}", signal, connectWithin: 1000 });

describe("the client", () => {
  test("reads an answer, over a connection it keeps", async () => {
    for (let round = 0; round < 3; round++) expect(await (await call(`${server.url}a`)).text()).toBe("hello");
  });

  test("never follows a redirect with our credentials", async () => {
    expect((await call(`${server.url}moved`)).status).toBe(307);
    expect(followed).toBe(0);
  });

  test("explains a refused connection without the path, which may hold a key", async () => {
    const url = "http://127.0.0.1:1/v1?key=secret";
    const error = await call(url).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const failure = client.explain(error, new AbortController().signal, url);
    expect([failure.kind, failure.message]).toEqual([
      "upstream-unreachable",
      expect.stringMatching(/^The connection to http:\/\/127\.0\.0\.1:1 failed: \w+\.$/),
    ]);
  });
});

describe("what went wrong", () => {
  const left = new Failure("client-left", "left");
  const aborted = AbortSignal.abort(left);
  const still = new AbortController().signal;
  const coded = Object.assign(new Error("closed"), { code: "ECONNRESET" });
  test.each<[string, unknown, AbortSignal, string]>([
    ["a failure is itself", left, still, "client-left: left"],
    ["an abort has its reason", new DOMException("aborted", "AbortError"), aborted, "client-left: left"],
    ["a reset", coded, still, "upstream-unreachable: The connection to http://up failed: ECONNRESET."],
    ["a nameless network error", new Error("socket closed"), still, "upstream-unreachable: The connection to http://up failed: socket closed."],
    [
      "a network error that the language calls a TypeError",
      Object.assign(new TypeError("bad"), { code: "ERR_INVALID_URL" }),
      still,
      "upstream-unreachable: The connection to http://up failed: ERR_INVALID_URL.",
    ],
    [
      "a mistake of ours",
      new TypeError("undefined is not an object"),
      still,
      "internal: Signalbox itself failed on this request. The log has the details under this request id.",
    ],
  ])("%s", (_name, error, signal, expected) => {
    const failure = client.explain(error, signal, "http://up/v1/chat");
    expect(`${failure.kind}: ${failure.message}`).toBe(expected);
  });
});
