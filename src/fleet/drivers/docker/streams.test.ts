import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { jsonLines } from "./json-lines.ts";
import { unframe } from "./log-frames.ts";

function frame(stream: 1 | 2, bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

/** The bytes in pieces that end anywhere. */
const cut = (bytes: Uint8Array, places: readonly number[]) => {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].toSorted((left, right) => left - right);
  return [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
};

describe("frames of a log", () => {
  test("both streams in order, characters that two frames share among them", () => {
    const smile = Buffer.from("🙂\n");
    const bytes = Buffer.concat([frame(1, Buffer.from("a\n")), frame(2, smile.subarray(0, 2)), frame(2, smile.subarray(2)), frame(1, new Uint8Array())]);
    expect(unframe(bytes)).toBe("a\n🙂\n");
  });

  test("an empty log, and one cut in its last frame", () => {
    expect(unframe(new Uint8Array())).toBe("");
    expect(unframe(frame(1, Buffer.from("whole")).subarray(0, 11))).toBe("who");
    expect(unframe(frame(1, Buffer.from("whole")).subarray(0, 7))).toBe("");
  });

  test("whatever was said comes out", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: "grapheme" })), (said) => {
        expect(unframe(Buffer.concat(said.map((text, index) => frame(index % 2 === 0 ? 1 : 2, Buffer.from(text)))))).toBe(said.join(""));
      }),
    );
  });
});

describe("objects on lines", () => {
  async function read(pieces: readonly Uint8Array[]) {
    const objects: unknown[] = [];
    for await (const object of jsonLines(
      (async function* () {
        yield* pieces;
      })(),
    ))
      objects.push(object);
    return objects;
  }

  test("however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.dictionary(fc.string(), fc.string({ unit: "grapheme" }))),
        fc.array(fc.nat()),
        fc.boolean(),
        async (objects, places, ended) => {
          const text = objects.map((object) => JSON.stringify(object)).join("\n") + (ended ? "\n" : "");
          expect(await read(cut(Buffer.from(text), places))).toEqual(objects);
        },
      ),
    );
  });

  test("what is none says nothing", async () => {
    expect(await read([Buffer.from('\n\nnonsense\n[1]\n{"a":1}\r\n')])).toEqual([{}, {}, { a: 1 }]);
  });
});
