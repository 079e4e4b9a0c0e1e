import { describe, expect, test } from "bun:test";
import { AnswerReader } from "./answer-reader.ts";

/** What a listener was told, in one line; bodies joined, so that it does not depend on how the bytes were cut. */
function read(pieces: readonly Buffer[], closes = false): string {
  const told: string[] = [];
  let body = "";
  const reader = new AnswerReader({
    head: ({ status, keep }) => told.push(`${status}${keep ? " kept" : ""}`),
    body: (bytes) => {
      body += bytes.toString("latin1");
    },
    end: () => told.push(JSON.stringify(body), "end"),
  });
  try {
    for (const piece of pieces) if (!reader.feed(piece)) told.push("surplus");
    if (closes) told.push(reader.close() ? "closed well" : `cut after ${JSON.stringify(body)}`);
  } catch (error) {
    told.push(error instanceof Error ? error.message : String(error));
  }
  return told.join(" ");
}

const OK = "HTTP/1.1 200 OK\r\n";
const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
const ANSWERS: readonly [string, string, string][] = [
  ["a length", `${OK}Content-Length: 5\r\n\r\nhello`, '200 kept "hello" end'],
  ["no body", `${OK}content-length: 0\r\n\r\n`, '200 kept "" end'],
  ["204", "HTTP/1.1 204 No Content\r\n\r\n", '204 kept "" end'],
  ["304 with a length", "HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", '304 kept "" end'],
  ["no reason", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok", '200 kept "ok" end'],
  ["interim answers first", `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}content-length: 2\r\n\r\nok`, '200 kept "ok" end'],
  ["the same length twice", `${OK}content-length: 2\r\ncontent-length: 2\r\n\r\nok`, '200 kept "ok" end'],
  ["told to close", `${OK}connection: Close\r\ncontent-length: 2\r\n\r\nok`, '200 "ok" end'],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", '200 "ok" end'],
  ["HTTP/1.0 kept", "HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok", '200 kept "ok" end'],
  ["chunks", `${CHUNKED}5\r\nhello\r\n6;name=x\r\n world\r\n0\r\n\r\n`, '200 kept "hello world" end'],
  ["chunks in capitals, with leading zeros and blanks", `${CHUNKED}000A \r\n0123456789\r\n0\r\n\r\n`, '200 kept "0123456789" end'],
  ["line ends inside chunks", `${CHUNKED}4\r\n\r\n\r\n\r\n0\r\n\r\n`, '200 kept "\\r\\n\\r\\n" end'],
  ["trailers", `${CHUNKED}2\r\nok\r\n0\r\nx-sum: 1\r\n\r\n`, '200 kept "ok" end'],
  [
    "a length beside chunks is not believed, nor what follows",
    `${OK}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    '200 "ok" end',
  ],
];

describe("answers, however they are cut", () => {
  test.each([...ANSWERS])("%s", (_name, text, expected) => {
    const bytes = Buffer.from(text, "latin1");
    expect(read([bytes])).toBe(expected);
    for (let at = 1; at < bytes.length; at++) expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toBe(expected);
    expect(read([...bytes].map((byte) => Buffer.from([byte])))).toBe(expected);
    expect(read([bytes, Buffer.from("HTTP/1.1 200 OK\r\n")])).toBe(`${expected} surplus`);
  });

  test("until the connection closes", () => {
    const bytes = Buffer.from(`${OK}\r\nhello`);
    expect(read([bytes], true)).toBe('200 "hello" end closed well');
    expect(read([bytes])).toBe("200");
  });
});

test.each<[string, string, string]>([
  ["nothing", "", 'cut after ""'],
  ["half a head", "HTTP/1.1 20", 'cut after ""'],
  ["half a body", `${OK}content-length: 5\r\n\r\nhel`, '200 kept cut after "hel"'],
  ["half a chunk", `${CHUNKED}5\r\nhel`, '200 kept cut after "hel"'],
  ["chunks without their end", `${CHUNKED}2\r\nok\r\n`, '200 kept cut after "ok"'],
])("closed after %s", (_name, text, expected) => {
  expect(read([Buffer.from(text)], true)).toBe(expected);
});

const NOT = "The upstream's answer is not HTTP/1.1: ";
test.each<[string, string, string]>([
  ["another protocol", "SSH-2.0-OpenSSH_9.9\r\n", `${NOT}it begins with "SSH-2.0-OpenSSH_9.9\\r".`],
  ["TLS", "\u0015\u0003\u0001\u0000\u0002\u0002F", `${NOT}it begins with "\\u0015\\u0003\\u0001\\u0000\\u0002\\u0002F".`],
  ["another version", "HTTP/2.0 200 OK\r\n\r\n", `${NOT}it begins with "HTTP/2.0 200 OK".`],
  ["no status", "HTTP/1.1 OK\r\n\r\n", `${NOT}it begins with "HTTP/1.1 OK".`],
  ["switched protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", `${NOT}it switches protocols, which nobody asked for.`],
  ["a header without a name", `${OK}: x\r\n\r\n`, `${NOT}it has the header line ": x".`],
  ["a header that is none", `${OK}hello\r\n\r\n`, `${NOT}it has the header line "hello".`],
  ["a folded header", `${OK}a: b\r\n c: d\r\n\r\n`, `${NOT}it has the header line " c: d".`],
  ["a blank before the colon", `${OK}content-length : 5\r\n\r\n`, `${NOT}it has the header line "content-length : 5".`],
  ["two lengths", `${OK}content-length: 2\r\ncontent-length: 3\r\n\r\n`, `${NOT}its content-length is "2, 3".`],
  ["a negative length", `${OK}content-length: -1\r\n\r\n`, `${NOT}its content-length is "-1".`],
  ["a length in hexadecimal", `${OK}content-length: 0x5\r\n\r\n`, `${NOT}its content-length is "0x5".`],
  ["another transfer coding", `${OK}transfer-encoding: gzip, chunked\r\n\r\n`, `${NOT}its transfer-encoding is "gzip, chunked".`],
  ["a chunk without size", `${CHUNKED}\r\n`, `200 kept ${NOT}a chunk's size is "".`],
  ["a chunk of negative size", `${CHUNKED}-1\r\n`, `200 kept ${NOT}a chunk's size is "-1".`],
  ["a chunk longer than it says", `${CHUNKED}2\r\nokay\r\n0\r\n\r\n`, `200 kept ${NOT}a chunk is longer than it says.`],
  ["a size that never ends", `${CHUNKED}1;${"x".repeat(5000)}`, `200 kept ${NOT}a line between its chunks is larger than 4 KiB.`],
  ["a bare line feed after a size", `${CHUNKED}2\nok\r\n`, `200 kept ${NOT}a line between its chunks ends without a carriage return.`],
  ["a head that never ends", `${OK}x: ${"x".repeat(70_000)}`, `${NOT}its head is larger than 64 KiB.`],
  ["trailers that never end", `${CHUNKED}0\r\n${"x: y\r\n".repeat(20_000)}`, `200 kept ${NOT}its trailers are larger than 64 KiB.`],
])("%s", (_name, text, expected) => {
  expect(read([Buffer.from(text, "latin1")])).toBe(expected);
});
