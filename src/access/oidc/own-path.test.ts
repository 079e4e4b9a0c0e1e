import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ownPath } from "./own-path.ts";

describe("where a login leads", () => {
  test.each([
    ["/console/keys?x=1#top", "/console/keys?x=1#top"],
    ["/a/../b", "/b"],
    ["/", "/"],
    [null, "/"],
    ["", "/"],
    ["console", "/"],
    ["//evil.example.com", "/"],
    ["/\\evil.example.com", "/"],
    ["\\\\evil.example.com", "/"],
    ["/\t/evil.example.com", "/"],
    ["/\n/evil.example.com", "/"],
    ["/a/..//evil.example.com", "/"],
    ["/.//evil.example.com", "/"],
    ["/%2e//evil.example.com", "/"],
    ["https://evil.example.com", "/"],
    ["javascript:alert(1)", "/"],
    [" //evil.example.com", "/"],
    [`/${"a".repeat(3000)}`, "/"],
  ])("%j: %s", (wanted, path) => {
    expect(ownPath(wanted)).toBe(path);
  });

  test("is a place of ours, whatever is wanted, and can stand in a header", () => {
    const pieces = fc.constantFrom("/", "\\", "..", ".", "//", "\t", "\n", "\r", "@", ":", "?", "#", "%2f", "%5c", "evil.example.com", "a", "é", " ");
    const wanted = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(pieces).map((parts) => parts.join("")),
      fc.webUrl(),
    );
    fc.assert(
      fc.property(wanted, (text) => {
        const path = ownPath(text);
        expect(new URL(path, "https://llm.example.com").host).toBe("llm.example.com");
        expect(path).toMatch(/^\/(?![/\\])[\x21-\x7e]*$/);
      }),
      { numRuns: 2000 },
    );
  });
});
