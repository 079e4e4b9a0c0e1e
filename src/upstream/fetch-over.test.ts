import { afterAll, expect, test } from "bun:test";
import { Failure } from "../vocabulary/failure.ts";
import { upstreamClient } from "./client.ts";
import { fetchOver } from "./fetch-over.ts";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/silent") return new Promise<Response>(() => undefined);
    if (pathname === "/elsewhere") return Response.redirect("http://127.0.0.1:1/", 302);
    if (pathname === "/nothing") return new Response(null, { status: 204 });
    if (pathname === "/endless") return new Response("x".repeat(2 * 1024 * 1024));
    return Response.json({ method: request.method, body: await request.text(), type: request.headers.get("content-type"), key: request.headers.get("x-key") });
  },
});
afterAll(() => server.stop(true));
const url = `http://127.0.0.1:${server.port}`;
const fetched = fetchOver(upstreamClient(), 2000);
const kindOf = (answer: Promise<Response>) =>
  answer.then(
    () => "answered",
    (error: unknown) => (error instanceof Failure ? error.kind : String(error)),
  );

test("asks, and tells what was answered", async () => {
  expect(await (await fetched(`${url}/`, { headers: { "x-key": "k" } })).json()).toEqual({ method: "GET", body: "", type: null, key: "k" });
  const form = { method: "POST", body: new URLSearchParams({ a: "b c" }), headers: { "content-type": "application/x-www-form-urlencoded" } };
  expect(await (await fetched(`${url}/`, form)).json()).toEqual({ method: "POST", body: "a=b+c", type: form.headers["content-type"], key: null });
  expect((await fetched(`${url}/nothing`)).status).toBe(204);
});

test("follows nobody elsewhere, and waits and reads only so long", async () => {
  expect((await fetched(`${url}/elsewhere`)).status).toBe(302);
  expect(await kindOf(fetchOver(upstreamClient(), 30)(`${url}/silent`))).toBe("upstream-timeout");
  expect(await kindOf(fetched(`${url}/silent`, { signal: AbortSignal.timeout(30) }))).toBe("upstream-timeout");
  expect(await kindOf(fetched(`${url}/endless`))).toBe("upstream-error");
  expect(await kindOf(fetched("http://127.0.0.1:1/"))).toBe("upstream-unreachable");
});
