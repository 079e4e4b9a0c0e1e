import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { LookupAddress } from "node:dns";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { Failure } from "../../vocabulary/failure.ts";
import { type MediaLimits, type MediaNetwork, mediaFetcher, type WantedMedia } from "./fetch-media.ts";
import { MEDIA_CERTIFICATE, MEDIA_HOST, MEDIA_KEY } from "./media-host.fixture.ts";
import { isPublicAddress } from "./public-address.ts";

const KILOBYTE = 1024;
const LIMITS: MediaLimits = { maxBytes: 64 * KILOBYTE, timeout: 5000 };
const PICTURE = Buffer.from("a picture");

/** What the host answers, by path. */
const PAGES: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  "/a.png": (_request, response) => response.writeHead(200, { "content-type": "IMAGE/PNG; q=1" }).end(PICTURE),
  "/a.pdf": (_request, response) => response.writeHead(200, { "content-type": "application/pdf" }).end("%PDF"),
  "/a.mp3": (_request, response) => response.writeHead(200, { "content-type": "audio/mpeg" }).end("sound"),
  "/moved": (_request, response) => response.writeHead(302, { location: "/a.png" }).end(),
  "/gone": (_request, response) => response.writeHead(404, { "content-type": "image/png" }).end("no"),
  "/empty": (_request, response) => response.writeHead(200, { "content-type": "image/png" }).end(),
  "/page": (_request, response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>"),
  "/untyped": (_request, response) => response.writeHead(200).end("x"),
  "/packed": (_request, response) => response.writeHead(200, { "content-type": "image/png", "content-encoding": "gzip" }).end("x"),
  "/says-large": (_request, response) => response.writeHead(200, { "content-type": "image/png", "content-length": 65 * KILOBYTE }).write("x"),
  "/is-large": (_request, response) => endless(response),
  "/half": (_request, response) => response.writeHead(200, { "content-type": "image/png" }).end(Buffer.alloc(40 * KILOBYTE)),
  "/cut": (request, response) => {
    response.writeHead(200, { "content-type": "image/png", "content-length": 100 }).write("x", () => request.socket.destroy());
  },
  "/never": () => undefined,
  "/stalls": (_request, response) => response.writeHead(200, { "content-type": "image/png" }).write("x"),
};

function endless(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "image/png" });
  const more = () => {
    if (!response.destroyed) response.write(Buffer.alloc(16 * KILOBYTE), more);
  };
  more();
}

let host: Server;
let port: number;
/** Paths asked for, with the headers that went along. */
const asked: { readonly path: string; readonly headers: IncomingMessage["headers"] }[] = [];

beforeAll(async () => {
  host = createServer({ key: MEDIA_KEY, cert: MEDIA_CERTIFICATE }, (request, response) => {
    const path = request.url ?? "";
    asked.push({ path, headers: request.headers });
    response.on("error", () => undefined);
    PAGES[path]?.(request, response);
  });
  await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
  port = (host.address() as AddressInfo).port;
});
afterAll(() => {
  host.closeAllConnections();
  host.close();
});

const HERE: LookupAddress[] = [{ address: "127.0.0.1", family: 4 }];
const TRUSTING: MediaNetwork = { resolve: async () => HERE, mayCall: () => true, ca: MEDIA_CERTIFICATE };
const fetcher = (limits: Partial<MediaLimits> = {}, network: Partial<MediaNetwork> = {}) =>
  mediaFetcher(() => ({ ...LIMITS, ...limits }), { ...TRUSTING, ...network });
const at = (path: string) => `https://${MEDIA_HOST}:${port}${path}`;
const wanted = (url: string, type: WantedMedia["type"] = "image", param = "messages[0].content[1]"): WantedMedia => ({ url, type, param });
const stays = new AbortController().signal;

/** What is thrown, as `kind: message`. */
async function failureOf(promise: Promise<unknown>): Promise<string> {
  const thrown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  return thrown instanceof Failure ? `${thrown.kind}: ${thrown.message}` : `no failure: ${String(thrown)}`;
}
const refusal = (why: string) =>
  `invalid-request: messages[0].content[1] could not be fetched: ${why}. Send the content itself as a data: URL: data:<type>;base64,<content>.`;

describe("fetched", () => {
  test("in the order they are wanted, with their types", async () => {
    const all = [wanted(at("/a.pdf"), "file"), wanted(at("/a.png")), wanted(at("/a.mp3"), "audio"), wanted(at("/a.png"), "file")];
    expect(await fetcher().fetch(all, stays)).toEqual([
      { mime: "application/pdf", base64: Buffer.from("%PDF").toString("base64") },
      { mime: "image/png", base64: PICTURE.toString("base64") },
      { mime: "audio/mpeg", base64: Buffer.from("sound").toString("base64") },
      { mime: "image/png", base64: PICTURE.toString("base64") },
    ]);
  });

  test("with nothing of ours but a name", async () => {
    asked.length = 0;
    await fetcher().fetch([wanted(at("/a.png"))], stays);
    expect(asked.map(({ headers }) => headers)).toEqual([
      { accept: "image/*", "accept-encoding": "identity", "user-agent": "signalbox", host: `${MEDIA_HOST}:${port}`, connection: "close" },
    ]);
  });
});

describe("refused", () => {
  test.each<[string, string, string, WantedMedia["type"]]>([
    ["a redirect", "/moved", "the address redirects, and redirects are not followed", "image"],
    ["an error", "/gone", "its host answered 404", "image"],
    ["nothing", "/empty", "it is empty", "image"],
    ["a page", "/page", "its host says it is text/html, not an image", "image"],
    ["a page as a file", "/page", "its host says it is text/html, not a PDF, an image, audio or video", "file"],
    ["a PDF as an image", "/a.pdf", "its host says it is application/pdf, not an image", "image"],
    ["an image as audio", "/a.png", "its host says it is image/png, not audio", "audio"],
    ["an image as video", "/a.png", "its host says it is image/png, not video", "video"],
    ["something without a type", "/untyped", "its host says it is of no type, not an image", "image"],
    ["something compressed", "/packed", "its host compresses it although asked not to", "image"],
    ["what says it is too large", "/says-large", "it is more than the 0.0625 MB that one request may have fetched", "image"],
    ["what is too large without saying so", "/is-large", "it is more than the 0.0625 MB that one request may have fetched", "image"],
    ["a connection that breaks", "/cut", "the connection failed (ECONNRESET)", "image"],
  ])("%s", async (_name, path, why, type) => {
    expect(await failureOf(fetcher().fetch([wanted(at(path), type)], stays))).toBe(refusal(why));
  });

  test("a redirect's goal is never asked for", async () => {
    asked.length = 0;
    await failureOf(fetcher().fetch([wanted(at("/moved"))], stays));
    expect(asked.map(({ path }) => path)).toEqual(["/moved"]);
  });

  test.each([
    ["no answer", "/never"],
    ["an answer that stalls", "/stalls"],
  ])("%s", async (_name, path) => {
    expect(await failureOf(fetcher({ timeout: 50 }).fetch([wanted(at(path))], stays))).toBe(refusal("it did not come within 50 ms"));
  });

  test("a resolver that never answers", async () => {
    const silent = fetcher({ timeout: 50 }, { resolve: () => new Promise(() => undefined) });
    expect(await failureOf(silent.fetch([wanted(at("/a.png"))], stays))).toBe(refusal("it did not come within 50 ms"));
  });

  test("all together more than one request may have", async () => {
    expect(await failureOf(fetcher().fetch([wanted(at("/half")), wanted(at("/half"))], stays))).toBe(
      refusal("it is more than the 0.0625 MB that one request may have fetched"),
    );
  });

  test("more addresses than one request may name", async () => {
    const many = Array.from({ length: 33 }, () => wanted(at("/a.png")));
    asked.length = 0;
    expect(await failureOf(fetcher().fetch(many, stays))).toBe(refusal("more than 32 addresses in one request"));
    expect(asked).toEqual([]);
  });

  test("the one that failed is named", async () => {
    const failure = failureOf(fetcher().fetch([wanted(at("/never")), wanted(at("/gone"), "image", "messages[4].content[0]")], stays));
    expect(await failure).toStartWith("invalid-request: messages[4].content[0] could not be fetched: its host answered 404");
  });

  test("a certificate nobody vouches for", async () => {
    expect(await failureOf(fetcher({}, { ca: undefined }).fetch([wanted(at("/a.png"))], stays))).toStartWith(
      "invalid-request: messages[0].content[1] could not be fetched: the connection failed (",
    );
  });

  test("a certificate for another name", async () => {
    const url = at("/a.png").replace(MEDIA_HOST, "other.test");
    expect(await failureOf(fetcher().fetch([wanted(url)], stays))).toBe(refusal("the connection failed (ERR_TLS_CERT_ALTNAME_INVALID)"));
  });
});

describe("the address", () => {
  /** Resolves each name to the addresses given and refuses what is not public, as outside tests. */
  const strict = (...addresses: string[]) =>
    fetcher({}, { mayCall: isPublicAddress, resolve: async () => addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })) });

  test.each<[string, string, string[], string]>([
    ["http:", "http://media.test/a.png", ["8.8.8.8"], "only https: addresses are fetched"],
    ["a bucket", "gs://bucket/a.png", ["8.8.8.8"], "only https: addresses are fetched"],
    ["a file", "file:///etc/passwd", ["8.8.8.8"], "only https: addresses are fetched"],
    ["no URL at all", "a.png", ["8.8.8.8"], "only https: addresses are fetched"],
    ["a password", "https://user:secret@media.test/a.png", ["8.8.8.8"], "the address holds a user name or password"],
    ["a private address", "https://10.0.0.1/a.png", [], "its host is not a public one"],
    ["loopback, as a number", "https://2130706433/a.png", [], "its host is not a public one"],
    ["loopback, in hex", "https://0x7f.1/a.png", [], "its host is not a public one"],
    ["IPv6 loopback", "https://[::1]/a.png", [], "its host is not a public one"],
    ["mapped loopback", "https://[::ffff:127.0.0.1]/a.png", [], "its host is not a public one"],
    ["cloud metadata", "https://169.254.169.254/latest", [], "its host is not a public one"],
    ["a name for loopback", "https://media.test/a.png", ["127.0.0.1"], "its host is not a public one"],
    ["a name for both worlds", "https://media.test/a.png", ["8.8.8.8", "10.0.0.1"], "its host is not a public one"],
    ["a name for both worlds, in IPv6", "https://media.test/a.png", ["8.8.8.8", "fd00::1"], "its host is not a public one"],
    ["a name for nothing", "https://media.test/a.png", [], "its host has no address"],
  ])("%s", async (_name, url, addresses, why) => {
    expect(await failureOf(strict(...addresses).fetch([wanted(url)], stays))).toBe(refusal(why));
  });

  test("a resolver that fails", async () => {
    const broken = fetcher({}, { resolve: () => Promise.reject(new Error("ENOTFOUND")) });
    expect(await failureOf(broken.fetch([wanted(at("/a.png"))], stays))).toBe(refusal("its host has no address"));
  });

  test("a name that changes after the check is called where it was checked", async () => {
    // Were the name resolved a second time, the second answer would be called and nobody listens there.
    const answers = ["127.0.0.1", "127.0.0.99"];
    const checked: string[] = [];
    const rebinding = fetcher(
      {},
      {
        resolve: async () => [{ address: answers.shift() ?? "none left", family: 4 }],
        mayCall: (address) => checked.push(address) === 1,
      },
    );
    expect(await rebinding.fetch([wanted(at("/a.png"))], stays)).toEqual([{ mime: "image/png", base64: PICTURE.toString("base64") }]);
    expect([checked, answers]).toEqual([["127.0.0.1"], ["127.0.0.99"]]);
  });
});

describe("a client that leaves", () => {
  const left = new Failure("client-left", "left");
  test("before", async () => {
    asked.length = 0;
    expect(await failureOf(fetcher().fetch([wanted(at("/a.png"))], AbortSignal.abort(left)))).toBe("client-left: left");
    expect(asked).toEqual([]);
  });

  test("meanwhile", async () => {
    const leaving = new AbortController();
    const failure = failureOf(fetcher().fetch([wanted(at("/never")), wanted(at("/stalls"))], leaving.signal));
    leaving.abort(left);
    expect(await failure).toBe("client-left: left");
  });
});

test("too much at once waits its turn, and has it once others are done", async () => {
  const one = fetcher();
  const leaving = new AbortController();
  const full = Array.from({ length: 32 }, () => wanted(at("/never")));
  const busy = [failureOf(one.fetch(full, leaving.signal)), failureOf(one.fetch(full, leaving.signal))];
  expect(await failureOf(one.fetch([wanted(at("/a.png"))], stays))).toBe(
    "overloaded: Too many images and files are being fetched by address. Try again shortly.",
  );
  leaving.abort(new Failure("client-left", "left"));
  expect(await Promise.all(busy)).toEqual(["client-left: left", "client-left: left"]);
  expect(await one.fetch([wanted(at("/a.png"))], stays)).toHaveLength(1);
});
