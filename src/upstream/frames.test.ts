import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Frame } from "../vocabulary/dialect.ts";
import { type FrameReader, ndjsonReader, sseReader } from "./frames.ts";

const told = ({ event, data }: Frame) => (event === "" ? data : `${event}: ${data}`);

function read(reader: FrameReader, bytes: Uint8Array, cuts: readonly number[] = []): Frame[] {
  const frames: Frame[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((left, right) => left - right)) {
    frames.push(...reader.feed(bytes.subarray(from, cut)));
    from = cut;
  }
  frames.push(...reader.feed(bytes.subarray(from)));
  return [...frames, ...reader.flush()];
}

describe("server-sent events", () => {
  const rows: [string, string, string[]][] = [
    ["one frame", "data: a\n\n", ["a"]],
    ["two frames in one read", "data: a\n\ndata: b\n\n", ["a", "b"]],
    ["no space after the colon", "data:a\n\n", ["a"]],
    ["one space is taken, a second is data", "data:  a\n\n", [" a"]],
    ["an event with a name", "event: ping\ndata: {}\n\n", ["ping: {}"]],
    ["several data lines", "data: {\ndata: }\n\n", ["{\n}"]],
    ["a data line without a colon is an empty line", "data: a\ndata\ndata: b\n\n", ["a\n\nb"]],
    ["other fields say nothing", "id: 1\nretry: 5\ndata: a\n\n", ["a"]],
    ["a comment is a frame without data", ": ka\n\ndata: a\n\n", ["", "a"]],
    ["a comment inside a frame", ": ka\ndata: a\n\n", ["a"]],
    ["CRLF", "data: a\r\n\r\ndata: b\r\n\r\n", ["a", "b"]],
    ["CR alone", "data: a\r\rdata: b\r\r", ["a", "b"]],
    ["a byte order mark", "\uFEFFdata: a\n\n", ["a"]],
    ["the last blank line is missing", "data: a\n\ndata: b", ["a", "b"]],
    ["the last blank line is half there", "data: a\n", ["a"]],
    ["blank lines between frames", "data: a\n\n\n\ndata: b\n\n", ["a", "", "b"]],
    ["nothing", "", []],
    ["HTML", "<html>\n<body>\n", [""]],
  ];
  test.each(rows)("%s", (_name, text, expected) => {
    expect(read(sseReader(), Buffer.from(text)).map(told)).toEqual(expected);
  });

  const line = fc
    .oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("", '{"text":"Grüße, 世界 👋"}', "[DONE]"))
    .map((text) => text.replace(/[\r\n\uFEFF]/g, ""));
  const frame = fc.tuple(fc.constantFrom("", "ping", "message_delta"), fc.array(line, { minLength: 1, maxLength: 3 }), fc.boolean());
  test("any cut of any stream gives the same frames, and their bytes are the stream's", () => {
    fc.assert(
      fc.property(
        fc.array(frame, { maxLength: 6 }),
        fc.constantFrom("\n", "\r\n", "\r"),
        fc.boolean(),
        fc.array(fc.nat(1000), { maxLength: 8 }),
        (frames, newline, mark, cuts) => {
          const written = frames.map(([event, lines, comment]) =>
            [...(comment ? [": ka"] : []), ...(event === "" ? [] : [`event: ${event}`]), ...lines.map((text) => `data: ${text}`), "", ""].join(newline),
          );
          const bytes = Buffer.from((mark && written.length > 0 ? "\uFEFF" : "") + written.join(""));
          const found = read(
            sseReader(),
            bytes,
            cuts.map((cut) => cut % (bytes.length + 1)),
          );
          expect(found.map(({ event, data }) => [event, data])).toEqual(frames.map(([event, lines]) => [event, lines.join("\n")]));
          expect(Buffer.concat(found.map(({ raw }) => raw)).equals(bytes)).toBe(true);
        },
      ),
    );
  });

  test("a frame that comes byte by byte is one frame", () => {
    const bytes = Buffer.from('data: {"text":"Grüße 👋"}\r\n\r\ndata: [DONE]\r\n\r\n');
    const found = read(sseReader(), bytes, [...bytes.keys()]);
    expect(found.map(told)).toEqual(['{"text":"Grüße 👋"}', "[DONE]"]);
  });

  test("a frame in many large pieces costs its length, not its square", () => {
    const reader = sseReader();
    const piece = Buffer.alloc(64 * 1024, "a");
    expect(reader.feed(Buffer.from("data: "))).toEqual([]);
    for (let index = 0; index < 256; index++) expect(reader.feed(piece)).toEqual([]);
    expect(reader.feed(Buffer.from("\n\n"))[0]?.data.length).toBe(256 * piece.length);
  });

  test("a frame without end is the upstream's failure", () => {
    const reader = sseReader();
    const piece = Buffer.alloc(16 * 1024 * 1024, "a");
    expect(() => {
      for (let index = 0; index < 6; index++) reader.feed(piece);
    }).toThrow("larger than 64 MiB");
  });
});

describe("lines of JSON", () => {
  const rows: [string, string, string[]][] = [
    ["lines", '{"a":1}\n{"a":2}\n', ['{"a":1}', '{"a":2}']],
    ["CRLF and blank lines", '{"a":1}\r\n\r\n{"a":2}\r\n', ['{"a":1}', '{"a":2}']],
    ["the last line end is missing", '{"a":1}\n{"a":2}', ['{"a":1}', '{"a":2}']],
    ["a byte order mark", '\uFEFF{"a":1}\n', ['{"a":1}']],
    ["nothing", "", []],
  ];
  test.each(rows)("%s", (_name, text, expected) => {
    expect(read(ndjsonReader(), Buffer.from(text)).map(told)).toEqual(expected);
  });

  test("any cut gives the same frames", () => {
    fc.assert(
      fc.property(
        fc.array(fc.json({ noUnicodeString: false })),
        fc.constantFrom("\n", "\r\n"),
        fc.boolean(),
        fc.array(fc.nat(1000), { maxLength: 8 }),
        (values, newline, ends, cuts) => {
          const bytes = Buffer.from(values.join(newline) + (ends && values.length > 0 ? newline : ""));
          const found = read(
            ndjsonReader(),
            bytes,
            cuts.map((cut) => cut % (bytes.length + 1)),
          );
          expect(found.map(({ data }) => JSON.stringify(JSON.parse(data)))).toEqual(values.map((text) => JSON.stringify(JSON.parse(text))));
          expect(Buffer.concat(found.map(({ raw }) => raw)).equals(bytes)).toBe(true);
        },
      ),
    );
  });
});
