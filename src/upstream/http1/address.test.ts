import { describe, expect, test } from "bun:test";
import { addressOf } from "./address.ts";

test.each<[string, object]>([
  ["http://up.example", { origin: "http://up.example", host: "up.example", hostname: "up.example", port: 80, secure: false, serverName: "up.example" }],
  ["https://UP.example:8443", { origin: "https://up.example:8443", host: "up.example:8443", port: 8443, secure: true, serverName: "up.example" }],
  ["https://10.1.2.3", { host: "10.1.2.3", hostname: "10.1.2.3", port: 443, serverName: undefined }],
  ["http://[::1]:8000", { origin: "http://[::1]:8000", host: "[::1]:8000", hostname: "::1", port: 8000, serverName: undefined }],
  ["http://user:p%40ss@up.example", { origin: "http://up.example", host: "up.example", authorization: "authorization: Basic dXNlcjpwQHNz\r\n" }],
])("%s", (origin, expected) => {
  expect(addressOf(origin, {})).toMatchObject(expected);
});

test.each(["ftp://up.example", "up.example", "http://", "http://up.example:99999"])("%p is refused", (origin) => {
  expect(() => addressOf(origin, {})).toThrow("no http or https address");
});

describe("proxies", () => {
  const PROXY = "http://proxy.corp:3128";
  test.each<[string, Record<string, string>, string, string]>([
    ["none", {}, "https://api.example", ""],
    ["for https", { HTTPS_PROXY: PROXY }, "https://api.example", "proxy.corp:3128"],
    ["not for http", { HTTPS_PROXY: PROXY }, "http://api.example", ""],
    ["for http", { http_proxy: "proxy.corp" }, "http://api.example", "proxy.corp:80"],
    ["small letters win", { HTTPS_PROXY: "http://other", https_proxy: PROXY }, "https://api.example", "proxy.corp:3128"],
    ["for all", { ALL_PROXY: PROXY }, "http://api.example", "proxy.corp:3128"],
    ["an empty one is none", { HTTPS_PROXY: "", ALL_PROXY: PROXY }, "https://api.example", "proxy.corp:3128"],
    ["excepted by name", { HTTPS_PROXY: PROXY, NO_PROXY: "x, api.example" }, "https://api.example", ""],
    ["excepted by domain", { HTTPS_PROXY: PROXY, NO_PROXY: "example" }, "https://api.example", ""],
    ["excepted by a domain with a dot", { HTTPS_PROXY: PROXY, NO_PROXY: ".example" }, "https://api.example", ""],
    ["not by the end of a name", { HTTPS_PROXY: PROXY, NO_PROXY: "ample" }, "https://api.example", "proxy.corp:3128"],
    ["excepted by port", { HTTPS_PROXY: PROXY, NO_PROXY: "api.example:443" }, "https://api.example", ""],
    ["not by another port", { HTTPS_PROXY: PROXY, NO_PROXY: "api.example:8443" }, "https://api.example", "proxy.corp:3128"],
    ["everything excepted", { HTTPS_PROXY: PROXY, NO_PROXY: "*" }, "https://api.example", ""],
    ["never for this machine", { HTTP_PROXY: PROXY }, "http://127.0.0.1:8000", ""],
    ["nor by its name", { HTTP_PROXY: PROXY }, "http://localhost:11434", ""],
    ["nor over IPv6", { HTTP_PROXY: PROXY }, "http://[::1]:11434", ""],
  ])("%s", (_name, variables, origin, expected) => {
    const { proxy } = addressOf(origin, variables);
    expect(proxy === undefined ? "" : `${proxy.hostname}:${proxy.port}`).toBe(expected);
  });

  test("user and password are shown to the proxy", () => {
    expect(addressOf("https://api.example", { HTTPS_PROXY: "http://me:secret@proxy.corp" }).proxy?.credentials).toBe("bWU6c2VjcmV0");
  });

  test.each(["socks5://proxy.corp", "https://proxy.corp", "http://"])("%s is refused", (proxy) => {
    expect(() => addressOf("https://api.example", { HTTPS_PROXY: proxy })).toThrow("the proxy of HTTPS_PROXY is not an http:// address");
  });
});
