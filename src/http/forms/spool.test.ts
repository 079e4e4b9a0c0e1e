import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FormCap, SpooledForm } from "../../gateway/visit/exchange.ts";
import type { ReplayableBody } from "../../upstream/client.ts";
import { until } from "../../upstream/http1/scripted.fixture.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { openSpool, type Spool } from "./spool.ts";

let folder: string;
let spool: Spool;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "signalbox-spool-"));
  spool = openSpool(join(folder, "spool"), () => ({ each: 300_000, all: 600_000 }));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Files below the folder that this process holds open, names or not. */
const held = () =>
  readdirSync("/proc/self/fd").filter((number) => {
    try {
      return readlinkSync(`/proc/self/fd/${number}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;

const part = (name: string, value: string, more = "") => `--b\r\nContent-Disposition: form-data; name="${name}"${more}\r\n\r\n${value}\r\n`;
const audio = "RIFF".repeat(50_000);
const FILE = part("file", audio, '; filename="a.wav"\r\nContent-Type: audio/wav');
const END = "--b--\r\n";

let visits = 0;
interface Reading {
  readonly form?: SpooledForm;
  readonly failure?: string;
  /** Settles the visit. */
  settle(): void;
}
async function read(body: string | ReadableStream<Uint8Array>, headers: Record<string, string> = {}, cap?: FormCap): Promise<Reading> {
  const debts: (() => void)[] = [];
  const declared: Record<string, string> = typeof body === "string" ? { "content-length": String(Buffer.byteLength(body)) } : {};
  const request = new Request("http://box/", {
    method: "POST",
    body,
    headers: { "content-type": "multipart/form-data; boundary=b", ...declared, ...headers },
  });
  const visit = { id: `req_${++visits}`, clientsTurn: false, owes: (debt: (ending: never) => void) => void debts.push(() => debt({} as never)) };
  const settle = () => {
    for (const debt of debts.splice(0).reverse()) debt();
  };
  try {
    return { form: await spool.read(request, visit, cap), settle };
  } catch (thrown) {
    if (thrown instanceof Failure) return { failure: `${thrown.kind}: ${thrown.message}`, settle };
    throw thrown;
  }
}
const chunked = (text: string, size: number) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < text.length; at += size) controller.enqueue(Buffer.from(text.slice(at, at + size)));
      controller.close();
    },
  });
async function bytesOf(body: ReplayableBody | undefined): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body?.chunks() ?? []) pieces.push(piece);
  const all = Buffer.concat(pieces).toString();
  expect(Buffer.byteLength(all)).toBe(body?.size ?? -1);
  return all;
}

describe("a spooled form", () => {
  test.each<[string, string, string]>([
    ["with the model first", part("model", "whisper") + FILE + END, part("model", "gpt-4o-transcribe") + FILE + END],
    [
      "with the model last",
      FILE + part("language", "de") + part("model", "whisper") + END,
      FILE + part("language", "de") + part("model", "gpt-4o-transcribe") + END,
    ],
    [
      "with the model twice",
      part("model", "a") + FILE + part("model", "") + END,
      part("model", "gpt-4o-transcribe") + FILE + part("model", "gpt-4o-transcribe") + END,
    ],
    ["without a model", FILE + END, part("model", "gpt-4o-transcribe") + FILE + END],
    ["without a model, behind a line end", `\r\n${FILE}${END}`, `\r\n${part("model", "gpt-4o-transcribe")}${FILE}${END}`],
    ["without parts", END, part("model", "gpt-4o-transcribe") + END],
  ])("%s is sent with the upstream's name for it, again and again", async (_name, sent, upstream) => {
    for (const body of [sent, chunked(sent, 1000)]) {
      const { form, settle } = await read(body);
      for (let time = 0; time < 2; time++) expect(await bytesOf(form?.withModel("gpt-4o-transcribe"))).toBe(upstream);
      expect(form?.contentType).toBe("multipart/form-data; boundary=b");
      settle();
    }
  });

  test("is sent to two at once", async () => {
    const { form, settle } = await read(FILE + part("model", "m") + END);
    const names = ["one", "größer"];
    const sent = await Promise.all(names.map((name) => bytesOf(form?.withModel(name))));
    expect(sent).toEqual(names.map((name) => FILE + part("model", name) + END));
    settle();
  });

  test("tells the fields that matter, the last where there are several", async () => {
    const { form, settle } = await read(part("stream", "true") + part("model", "a") + part("model", "b") + END);
    expect([form?.field("model"), form?.field("stream")]).toEqual(["b", "true"]);
    settle();
    const empty = await read(END);
    expect([empty.form?.field("model"), empty.form?.field("stream")]).toEqual([undefined, undefined]);
    empty.settle();
  });
});

describe("what is on the disk", () => {
  test("has no name while it is worked on, and is gone once the request is over", async () => {
    const { form, settle } = await read(FILE + END);
    expect([readdirSync(join(folder, "spool")), held()]).toEqual([[], 1]);
    settle();
    await until(() => held() === 0);
    await expect(bytesOf(form?.withModel("m"))).rejects.toThrow("The request is over.");
  });

  test("is gone in the middle of being read, but not before the reading is over", async () => {
    const { form, settle } = await read(FILE + END);
    const pieces = form?.withModel("m").chunks()[Symbol.asyncIterator]();
    await pieces?.next();
    const second = pieces?.next();
    settle();
    expect((await second)?.done).toBe(false);
    await expect(pieces?.next() ?? Promise.resolve()).rejects.toThrow("The request is over.");
    await until(() => held() === 0);
  });

  test.each<[string, () => string | ReadableStream<Uint8Array>]>([
    ["malformed", () => FILE],
    ["too large", () => FILE.repeat(3) + END],
    ["too large, in chunks", () => chunked(FILE.repeat(3) + END, 10_000)],
    [
      "broken off",
      () =>
        new ReadableStream<Uint8Array>({
          pull(controller) {
            controller.enqueue(Buffer.from("--b\r\n"));
            controller.error(new Error("gone"));
          },
        }),
    ],
  ])("is gone after a body that was %s", async (_name, body) => {
    const { failure, settle } = await read(body());
    expect(failure).toBeDefined();
    settle();
    await until(() => held() === 0);
  });

  test("of an earlier process is removed at the start", () => {
    writeFileSync(join(folder, "left-over"), "private");
    openSpool(folder, () => ({ each: 1, all: 1 }));
    expect(existsSync(join(folder, "left-over"))).toBe(false);
  });

  test("cannot be written: a failure of ours, with its reason for the log", async () => {
    writeFileSync(join(folder, "spool"), "a file where the folder should be");
    const { failure } = await read(FILE + END);
    expect(failure).toBe("internal: Signalbox could not keep the request's files on its disk. The log has the details under this request id.");
  });
});

describe("limits", () => {
  test.each<[string, () => string | ReadableStream<Uint8Array>, Record<string, string>, RegExp]>([
    ["over the cap", () => FILE.repeat(2) + END, {}, /^too-large: The request body is larger than/],
    ["over the cap, in chunks", () => chunked(FILE.repeat(2) + END, 10_000), {}, /^too-large: /],
    ["compressed", () => END, { "content-encoding": "gzip" }, /^invalid-request: The request body is encoded as gzip/],
    ["without a boundary", () => END, { "content-type": "multipart/form-data" }, /^invalid-request: .* names no usable boundary/],
    ["broken off", () => new ReadableStream({ start: (controller) => controller.error(new Error("gone")) }), {}, /^client-left: /],
  ])("a body %s", async (_name, body, headers, expected) => {
    const { failure, settle } = await read(body(), headers);
    expect(failure).toMatch(expected);
    settle();
  });

  test("of all together: what does not fit now is told to come back, what was released fits again", async () => {
    const both = [await read(FILE + END), await read(chunked(FILE + END, 10_000)), await read(FILE + END)];
    expect(both.map(({ failure }) => failure?.split(":")[0])).toEqual([undefined, undefined, "overloaded"]);
    for (const { settle } of both) settle();
    const after = await read(FILE + END);
    expect(after.failure).toBeUndefined();
    after.settle();
  });
});

test("a form gives its file, and may have a cap of its own", async () => {
  const body = part("purpose", "batch") + FILE + END;
  const { form, settle } = await read(body);
  const pieces: Uint8Array[] = [];
  for await (const piece of form?.file("file")?.chunks() ?? []) pieces.push(piece);
  expect([form?.field("purpose"), form?.file("file")?.filename, Buffer.concat(pieces).toString() === audio, form?.file("other")]).toEqual([
    "batch",
    "a.wav",
    true,
    undefined,
  ]);
  settle();
  const { failure, settle: end } = await read(body, {}, { bytes: 1024 * 1024 - 900_000, setting: "batches.max_file_mb" });
  expect(failure).toStartWith("too-large: The request body is larger than 0 MB. Send less, or have the operator raise batches.max_file_mb.");
  end();
  const twice = await read(part("file", "a", '; filename="a"') + part("file", "b", '; filename="b"') + END);
  expect(() => twice.form?.file("file")).toThrow("several files");
  twice.settle();
});
