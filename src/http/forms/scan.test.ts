import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Failure } from "../../vocabulary/failure.ts";
import { boundaryOf, FormScanner, formType, type ScannedForm } from "./scan.ts";

const WANTED = new Set(["model", "stream"]);
const part = (head: string, content = "") => `--b\r\n${head}\r\n\r\n${content}\r\n`;
const field = (name: string, value: string) => part(`Content-Disposition: form-data; name="${name}"`, value);
const FILE = part('Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav', "RIFF\0\r\n--\r\n-b\r\n--a--b\r\n");
const END = "--b--\r\n";

function scan(body: string | Buffer, cut = Number.POSITIVE_INFINITY, boundary = "b"): ScannedForm | string {
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const scanner = new FormScanner(boundary, WANTED);
  try {
    for (let at = 0; at < bytes.length; at += cut) {
      // The network's buffer is its own again once it was looked at.
      const chunk = Buffer.from(bytes.subarray(at, at + cut));
      scanner.feed(chunk);
      chunk.fill(0);
    }
    return scanner.end();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "invalid-request") return `${thrown.facts.param}: ${thrown.message}`;
    throw thrown;
  }
}

/** The fields found, each with what really stands there. */
function found(body: string | Buffer, cut?: number): string[] {
  const scanned = scan(body, cut);
  if (typeof scanned === "string") return [scanned];
  return scanned.fields.map(({ name, value, start, end }) => `${name}=${value}=${Buffer.from(body).subarray(start, end)}`);
}

describe("a form is read", () => {
  test.each<[string, string, string[]]>([
    ["with the model first", field("model", "whisper-1") + FILE + END, ["model=whisper-1=whisper-1"]],
    [
      "with the model last",
      FILE + field("stream", "true") + field("model", "gpt-4o-transcribe") + END,
      ["stream=true=true", "model=gpt-4o-transcribe=gpt-4o-transcribe"],
    ],
    ["without a model", FILE + END, []],
    ["with an empty model", field("model", "") + END, ["model=="]],
    ["with the model twice", field("model", "a") + FILE + field("model", "b") + END, ["model=a=a", "model=b=b"]],
    ["with a model in other letters than ASCII", field("model", "größe") + END, ["model=größe=größe"]],
    ["with lines and dashes in a value", field("model", "a\r\n--\r\n--c\r\n-") + END, ["model=a\r\n--\r\n--c\r\n-=a\r\n--\r\n--c\r\n-"]],
    ["without quotes around names", part("content-disposition:form-data;name=model", "m") + END, ["model=m=m"]],
    ["with quotes in names", field('say \\"model\\"', "m") + END, []],
    ["with a name that is written with needless backslashes", field("mo\\del", "m") + END, ["model=m=m"]],
    [
      "with more headers",
      part('Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name="model"\r\nContent-Length: 1', "m") + END,
      ["model=m=m"],
    ],
    ["with the encodings that are none", part('Content-Disposition: form-data; name="model"\r\nContent-Transfer-Encoding: 8bit', "m") + END, ["model=m=m"]],
    [
      "with a file whose name has an encoding",
      part('Content-Disposition: form-data; name="file"; filename="a"; filename*=utf-8\'\'%C3%A4', "x") + field("model", "m") + END,
      ["model=m=m"],
    ],
    ["without parts", END, []],
    ["without a line end at its end", field("model", "m") + END.trimEnd(), ["model=m=m"]],
    ["with line ends before its beginning and after its end", `\r\n\r\n${field("model", "m")}${END}\r\n\n`, ["model=m=m"]],
  ])("%s, however it is cut", (_name, body, fields) => {
    expect(found(body)).toEqual(fields);
    for (let cut = 1; cut < Buffer.byteLength(body); cut++) expect([cut, found(body, cut)]).toEqual([cut, fields]);
  });

  test("and where its files are, and what they are called, however it is cut", () => {
    const named = part('Content-Disposition: form-data; name="file"; filename="größe \\"1\\".jsonl"', "{}\n");
    const nameless = part("Content-Disposition: form-data; name=\"other\"; filename*=utf-8''x", "yz");
    const body = field("purpose", "batch") + named + nameless + END;
    for (const cut of [1, 5, 1000]) {
      const scanned = scan(body, cut);
      const files = typeof scanned === "string" ? [] : scanned.files;
      expect(files.map(({ name, filename, start, end }) => [name, filename, Buffer.from(body).subarray(start, end).toString()])).toEqual([
        ["file", 'größe "1".jsonl', "{}\n"],
        ["other", "", "yz"],
      ]);
    }
  });

  test("and where it begins is known", () => {
    expect(scan(FILE + END)).toMatchObject({ start: 0 });
    expect(scan(`\r\n\r\n${FILE}${END}`)).toMatchObject({ start: 4 });
  });

  test("whose file looks like the boundary at every place", () => {
    const almost = Buffer.concat(Array.from({ length: 50 }, (_, index) => Buffer.from(`\r\n--${"b".repeat(index % 3)}\r`)));
    const body = Buffer.concat([
      Buffer.from('--bbb\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'),
      almost,
      Buffer.from('\r\n--bbb\r\nContent-Disposition: form-data; name="model"\r\n\r\nm\r\n--bbb--'),
    ]);
    for (const cut of [1, 2, 3, 7, 1000]) expect(scan(body, cut, "bbb")).toMatchObject({ fields: [{ name: "model", value: "m" }] });
  });
});

describe("a form is refused", () => {
  const not = (what: string) => `: The request body is not valid multipart/form-data: ${what}.`;
  test.each<[string, string, string]>([
    ["that is empty", "", not("it ends before its last boundary. Send all of it")],
    ["with another boundary", "--c\r\n", not("it does not begin with the boundary that its content-type names. Let your HTTP library set this header")],
    [
      "that begins with something else",
      `words\r\n${END}`,
      not("it does not begin with the boundary that its content-type names. Let your HTTP library set this header"),
    ],
    ["that begins with line ends and nothing else", "\r\n".repeat(10_000), not("it does not begin with its boundary")],
    ["that ends early", FILE, not("it ends before its last boundary. Send all of it")],
    ["that ends in a head", "--b\r\nContent-Disposition: form", not("it ends before its last boundary. Send all of it")],
    ["that ends in a boundary", `${FILE}--b-`, not("it ends before its last boundary. Send all of it")],
    ["that goes on after its end", FILE + END + field("model", "m"), not("it goes on after its last boundary")],
    ["with something behind a boundary", `--b \r\n${FILE}`, not("something stands behind a boundary in its line")],
    ["whose boundary another begins with", `${field("model", "m")}--bc--\r\n`, not("something stands behind a boundary in its line")],
    ["with a part without a head", `--b\r\n\r\nm\r\n${END}\r\n\r\n`, not('a part of it has the header line ""')],
    ["with a part without a disposition", part("Content-Type: text/plain", "m") + END, not("a part of it has no content-disposition header")],
    [
      "with a part of another disposition",
      part('Content-Disposition: attachment; name="model"') + END,
      not('a part of it is no form-data: "attachment; name=\\"model\\""'),
    ],
    ["with a part without a name", part("Content-Disposition: form-data", "m") + END, not("a part of it has no name")],
    ["with a part of two names", part('Content-Disposition: form-data; name="a"; name="model"') + END, not("a part of it has two names")],
    [
      "with a name in an encoding",
      part("Content-Disposition: form-data; name*=utf-8''model") + END,
      not("a part of it has a name in an encoding, name*, which forms do not have"),
    ],
    [
      "with two dispositions",
      part('Content-Disposition: form-data; name="a"\r\ncontent-disposition: form-data; name="model"') + END,
      not("a part of it has two content-disposition headers"),
    ],
    ["with a header on two lines", part('Content-Disposition: form-data;\r\n name="model"') + END, not('a part of it has the header line " name=\\"model\\""')],
    [
      "with a disposition nobody understands",
      part('Content-Disposition: form-data; name="model') + END,
      not('a part of it has a content-disposition that cannot be read: "form-data; name=\\"model"'),
    ],
    ["with a head without end", `--b\r\nx: ${"y".repeat(20_000)}`, not("the head of a part is larger than 16 KiB")],
    ["with a head too large", part(`x: ${"y".repeat(20_000)}`), not("the head of a part is larger than 16 KiB")],
    ["with parts without number", field("a", "b").repeat(1001) + END, not("it has more than 1000 parts")],
    [
      "whose model is a file",
      part('Content-Disposition: form-data; name="model"; filename="m"', "m") + END,
      "model: model must be a plain text field of the form, not a file.",
    ],
    [
      "whose model is in base64",
      part('Content-Disposition: form-data; name="model"\r\nContent-Transfer-Encoding: base64', "bQ==") + END,
      "model: model must be a plain text field of the form, without a content-transfer-encoding.",
    ],
    ["whose model is a novel", field("model", "m".repeat(5000)) + END, "model: model is longer than 4 KiB."],
  ])("%s, however it is cut", (_name, body, says) => {
    expect(scan(body)).toBe(says);
    for (const cut of [1, 2, 5, 64, 4096]) expect([cut, scan(body, cut)]).toEqual([cut, says]);
  });
});

describe("whatever comes", () => {
  const PIECES = [
    "--b",
    "\r\n",
    "\r\n\r\n",
    "--",
    "Content-Disposition: form-data; name=",
    '"model"',
    '; filename="a"',
    "model",
    "\0",
    ";",
    '"',
    ":",
    "é",
    " ",
  ];
  const anything = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })), { maxLength: 30 }).map((pieces) => pieces.join(""));
  const parts = fc.array(fc.tuple(fc.constantFrom("model", "stream", "prompt"), anything), { maxLength: 5 });

  test("is understood or refused the same however it is cut, and never breaks the reader", () => {
    fc.assert(
      fc.property(anything, fc.boolean(), (text, framed) => {
        const body = framed ? `--b\r\nContent-Disposition: form-data; name="model"\r\n\r\n${text}\r\n--b--` : text;
        const whole = scan(body);
        for (const cut of [1, 3, 17]) expect(scan(body, cut)).toEqual(whole);
      }),
      { numRuns: 2000 },
    );
  });

  test("a form that was made is read as it was made", () => {
    fc.assert(
      fc.property(parts, (fields) => {
        // No part may hold the boundary: that is what makes it one.
        fc.pre(fields.every(([, value]) => !value.includes("--b")));
        const body = fields.map(([name, value]) => field(name, value)).join("") + END;
        expect(found(body)).toEqual(fields.filter(([name]) => WANTED.has(name)).map(([name, value]) => `${name}=${value}=${value}`));
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the boundary", () => {
  test.each<[string, string, string]>([
    ["multipart/form-data; boundary=abc", "abc", "multipart/form-data; boundary=abc"],
    ['multipart/form-data; charset=utf-8; Boundary="a b:c"', "a b:c", 'multipart/form-data; boundary="a b:c"'],
    [
      "multipart/form-data;boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
      "----WebKitFormBoundary7MA4YWxkTrZu0gW",
      "multipart/form-data; boundary=----WebKitFormBoundary7MA4YWxkTrZu0gW",
    ],
    ["multipart/form-data; boundary=a; boundary=b", "a", "multipart/form-data; boundary=a"],
  ])("of %p", (type, boundary, forwarded) => {
    expect([boundaryOf(type), formType(boundary)]).toEqual([boundary, forwarded]);
  });

  test.each([
    "multipart/form-data",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary=""',
    `multipart/form-data; boundary=${"x".repeat(201)}`,
    'multipart/form-data; boundary="a "',
    'multipart/form-data; boundary="é"',
  ])("of %p is none", (type) => {
    expect(() => boundaryOf(type)).toThrow("names no usable boundary");
  });
});
