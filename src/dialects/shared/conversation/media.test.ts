import { describe, expect, test } from "bun:test";
import { mediaOf, plainMime, urlOf } from "./media.ts";

describe("MIME types", () => {
  test.each([
    ["image/jpeg", "image/jpeg"],
    ["image/JPG", "image/jpeg"],
    ["IMAGE/PNG; q=1", "image/png"],
    ["audio/x-wav", "audio/wav"],
    ["audio/mp3", "audio/mpeg"],
    [" text/plain ;charset=utf-8", "text/plain"],
  ])("%s is %s", (given, plain) => {
    expect(plainMime(given)).toBe(plain);
  });
});

describe("URLs", () => {
  test.each([
    ["data:image/png;base64,AAAA", { kind: "bytes", mime: "image/png", base64: "AAAA" }],
    ["DATA:image/JPG;base64,AAAA", { kind: "bytes", mime: "image/jpeg", base64: "AAAA" }],
    ["data:text/plain;charset=utf-8;base64,AAAA", { kind: "bytes", mime: "text/plain", base64: "AAAA" }],
    ["data:;BASE64,AAAA", { kind: "bytes", mime: "application/octet-stream", base64: "AAAA" }],
    ["https://example.org/a.png", { kind: "url", url: "https://example.org/a.png" }],
  ] as const)("%s", (url, media) => {
    expect(mediaOf(url, "p")).toEqual(media);
  });
  test.each(["data:text/plain,hello", "data:image/png", "data:image/png;base64"])("%s holds no base64", (url) => {
    expect(() => mediaOf(url, "messages[0].content[1]")).toThrow("messages[0].content[1] is a data: URL without base64");
  });
  test("bytes and URLs have a URL, stored files have none", () => {
    expect(urlOf({ kind: "bytes", mime: "image/png", base64: "AAAA" })).toBe("data:image/png;base64,AAAA");
    expect(urlOf({ kind: "url", url: "https://example.org/" })).toBe("https://example.org/");
    expect(urlOf({ kind: "stored", id: "file_1" })).toBeUndefined();
  });
});
