import { describe, expect, test } from "bun:test";
import { Failure } from "../vocabulary/failure.ts";
import { bodyReader } from "./body.ts";

const EACH = 16;
const ALL = 40;

function streamOf(parts: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
}

function reading() {
  const reader = bodyReader(() => ({ each: EACH, all: ALL }));
  return async (body: string | Uint8Array | string[], headers: Record<string, string> = {}) => {
    const releases: (() => void)[] = [];
    const stream = Array.isArray(body) ? streamOf(body) : body;
    const declared: Record<string, string> = Array.isArray(body) ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const request = new Request("http://box/", { method: "POST", body: stream as BodyInit, headers: { ...declared, ...headers } });
    const release = () => {
      for (const each of releases.splice(0)) each();
    };
    try {
      const text = await (async () =>
        reader.read(request, { clientsTurn: false, owes: (debt) => void releases.push(() => debt({ status: 200, outcome: "ok" })) }))();
      return { text, release };
    } catch (thrown) {
      if (thrown instanceof Failure) return { failure: `${thrown.kind}: ${thrown.message}`, release };
      throw thrown;
    }
  };
}

describe("one body", () => {
  const TOO_LARGE = /^too-large: The request body is larger than/;
  test.each<[string, string | Uint8Array | string[], Record<string, string>, string | RegExp]>([
    ["as text", "héllo", {}, "héllo"],
    ["empty", "", {}, ""],
    ["of exactly the cap", "x".repeat(EACH), {}, "x".repeat(EACH)],
    ["in chunks", ["ab", "cd"], {}, "abcd"],
    ["with a byte order mark", "\uFEFF{}", {}, "{}"],
    ["a byte over the cap", "x".repeat(EACH + 1), {}, TOO_LARGE],
    ["in chunks over the cap", ["x".repeat(EACH), "x"], {}, TOO_LARGE],
    ["not UTF-8", Uint8Array.of(0x7b, 0xff, 0x7d), {}, "invalid-request: The request body is not valid UTF-8."],
    ["half a character", Uint8Array.of(0x22, 0xd0), {}, "invalid-request: The request body is not valid UTF-8."],
    ["compressed", "xx", { "content-encoding": "gzip" }, /^invalid-request: The request body is encoded as gzip/],
    ["compressed by nothing", "xx", { "content-encoding": "identity" }, "xx"],
  ])("%s", async (_name, body, headers, expected) => {
    const { text, failure } = await reading()(body, headers);
    if (typeof expected === "string") expect(text ?? failure).toBe(expected);
    else expect(failure).toMatch(expected);
  });
});

describe("all bodies together", () => {
  test.each<[string, string | string[]]>([
    ["declared", "x".repeat(15)],
    ["in chunks", ["x".repeat(5), "x".repeat(5), "x".repeat(5)]],
  ])("%s: what does not fit now is told to come back, what was released fits again", async (_name, body) => {
    const read = reading();
    const first = await read(body);
    const second = await read(body);
    expect([first.text?.length, second.text?.length]).toEqual([15, 15]);
    const third = await read(body);
    expect(third.failure).toMatch(/^overloaded: /);
    third.release();
    first.release();
    expect((await read(body)).text?.length).toBe(15);
  });

  test("a refused body holds nothing once its request is over", async () => {
    const read = reading();
    for (let round = 0; round < 10; round++) {
      const refused = await read("x".repeat(EACH + 1));
      refused.release();
      const chunked = await read(["x".repeat(EACH), "xx"]);
      chunked.release();
    }
    expect((await read("x".repeat(EACH))).text?.length).toBe(EACH);
  });
});
