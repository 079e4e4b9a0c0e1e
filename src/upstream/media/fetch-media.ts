import type { LookupAddress, LookupOptions } from "node:dns";
import { lookup } from "node:dns/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { isIP } from "node:net";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { isOurs } from "../trouble.ts";
import { isPublicAddress } from "./public-address.ts";

/** Something a client named by URL and an upstream wants as bytes. */
export interface WantedMedia {
  readonly url: string;
  /** JSON path of the part that names it. */
  readonly param: string;
  /** What the part says it is: an image must be an image, a file may be anything this gateway fetches. */
  readonly type: "image" | "audio" | "video" | "file";
}

export interface FetchedMedia {
  /** Its `content-type`, in lower case, without parameters. */
  readonly mime: string;
  readonly base64: string;
}

export interface MediaFetcher {
  /**
   * Fetches everything one request names, side by side, within one deadline and one allowance of bytes. Answers are in the order of
   * `wanted`. Rejects with `invalid-request` at the path of what cannot be had, `overloaded` when too much is being fetched already,
   * and the signal's own reason once it is aborted.
   */
  fetch(wanted: readonly WantedMedia[], signal: AbortSignal): Promise<readonly FetchedMedia[]>;
}

export interface MediaLimits {
  /** All that one request may have fetched. */
  readonly maxBytes: number;
  /** Milliseconds for all of it. */
  readonly timeout: number;
}

/** The outside world, which tests replace. */
export interface MediaNetwork {
  resolve(host: string): Promise<readonly LookupAddress[]>;
  mayCall(address: string): boolean;
  /** Certificates trusted besides the usual ones. */
  readonly ca?: string;
}

const INTERNET: MediaNetwork = { resolve: (host) => lookup(host, { all: true }), mayCall: isPublicAddress };

/** Addresses in one request, and on the way at once in this process: further ones wait for their turn elsewhere. */
const MOST_PER_REQUEST = 32;
const MOST_AT_ONCE = 64;

const TYPES: Readonly<Record<WantedMedia["type"], { readonly accept: string; readonly expected: RegExp }>> = {
  image: { accept: "image/*", expected: /^image\/./ },
  audio: { accept: "audio/*", expected: /^audio\/./ },
  video: { accept: "video/*", expected: /^video\/./ },
  file: { accept: "application/pdf, image/*, audio/*, video/*", expected: /^(application\/pdf$|(image|audio|video)\/.)/ },
};

/**
 * Fetches media by URL without lending anybody our place in the network: https only, names resolved once, every address checked to be
 * public, the connection pinned to what was checked, no redirects, no credentials.
 */
export function mediaFetcher(limits: () => MediaLimits, network: MediaNetwork = INTERNET): MediaFetcher {
  let running = 0;
  return {
    async fetch(wanted, signal) {
      const extra = wanted[MOST_PER_REQUEST];
      if (extra !== undefined) throw refused(extra, `more than ${MOST_PER_REQUEST} addresses in one request`);
      if (running + wanted.length > MOST_AT_ONCE) throw new Failure("overloaded", "Too many images and files are being fetched by address. Try again shortly.");
      signal.throwIfAborted();
      running += wanted.length;
      const { maxBytes, timeout } = limits();
      const batch: Batch = { left: maxBytes, maxBytes, timeout, network, stop: new AbortController() };
      const leave = () => batch.stop.abort(signal.reason);
      signal.addEventListener("abort", leave);
      const timer = setTimeout(() => batch.stop.abort(LATE), timeout);
      try {
        return await Promise.all(wanted.map((each) => fetchOne(each, batch)));
      } catch (error) {
        batch.stop.abort(error); // the others have nobody to go to
        throw error;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", leave);
        running -= wanted.length;
      }
    },
  };
}

const LATE = Symbol("late");

interface Batch extends MediaLimits {
  /** Bytes not yet read of all that may be. */
  left: number;
  readonly network: MediaNetwork;
  readonly stop: AbortController;
}

async function fetchOne(wanted: WantedMedia, batch: Batch): Promise<FetchedMedia> {
  const { signal } = batch.stop;
  try {
    const url = urlOf(wanted);
    const addresses = await before(signal, checkedAddresses(url, wanted, batch.network));
    const reply = await open(url, addresses, wanted, batch);
    const mime = mimeOf(reply, wanted);
    return { mime, base64: await read(reply, wanted, batch) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (signal.reason === LATE) throw refused(wanted, `it did not come within ${batch.timeout} ms`);
    if (signal.aborted) throw signal.reason;
    if (isOurs(error)) throw error;
    const code = (error as { readonly code?: unknown }).code;
    throw refused(wanted, typeof code === "string" ? `the connection failed (${code})` : "the connection failed");
  }
}

function urlOf(wanted: WantedMedia): URL {
  const url = URL.canParse(wanted.url) ? new URL(wanted.url) : undefined;
  if (url?.protocol !== "https:") throw refused(wanted, "only https: addresses are fetched");
  if (url.username !== "" || url.password !== "") throw refused(wanted, "the address holds a user name or password");
  return url;
}

/** Where the host is. One address inside is enough to refuse it: which one would be called is the resolver's choice, not ours. */
async function checkedAddresses(url: URL, wanted: WantedMedia, network: MediaNetwork): Promise<readonly LookupAddress[]> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(host);
  const addresses = family === 0 ? await network.resolve(host).catch(() => []) : [{ address: host, family }];
  if (addresses.length === 0) throw refused(wanted, "its host has no address");
  if (!addresses.every(({ address }) => network.mayCall(address))) throw refused(wanted, "its host is not a public one");
  return addresses;
}

/** Calls one of the checked addresses and no other; resolves when the headers are here. */
function open(url: URL, addresses: readonly LookupAddress[], wanted: WantedMedia, batch: Batch): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const pinned = (_host: string, options: LookupOptions, answer: (error: null, address: string | LookupAddress[], family?: number) => void) => {
      if (options.all === true) answer(null, [...addresses]);
      else answer(null, addresses[0]?.address ?? "", addresses[0]?.family);
    };
    const call = request(url, {
      agent: false,
      lookup: pinned,
      rejectUnauthorized: true,
      signal: batch.stop.signal,
      headers: { accept: TYPES[wanted.type].accept, "accept-encoding": "identity", "user-agent": "signalbox" },
      ...(batch.network.ca === undefined ? {} : { ca: batch.network.ca }),
    });
    call.on("response", resolve);
    call.on("error", reject);
    call.end();
  });
}

/** The answer's type. Throws for any answer that is not the thing itself. */
function mimeOf(reply: IncomingMessage, wanted: WantedMedia): string {
  const status = reply.statusCode ?? 0;
  if (status >= 300 && status < 400) throw refused(wanted, "the address redirects, and redirects are not followed");
  if (status !== 200) throw refused(wanted, `its host answered ${status}`);
  const encoding = reply.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity") throw refused(wanted, "its host compresses it although asked not to");
  const mime = (reply.headers["content-type"] ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (!TYPES[wanted.type].expected.test(mime)) {
    const expected = wanted.type === "file" ? "a PDF, an image, audio or video" : wanted.type === "image" ? "an image" : wanted.type;
    throw refused(wanted, `its host says it is ${mime === "" ? "of no type" : mime.slice(0, 100)}, not ${expected}`);
  }
  return mime;
}

async function read(reply: IncomingMessage, wanted: WantedMedia, batch: Batch): Promise<string> {
  const tooLarge = () => refused(wanted, `it is more than the ${batch.maxBytes / (1024 * 1024)} MB that one request may have fetched`);
  if (Number(reply.headers["content-length"] ?? 0) > batch.left) throw tooLarge();
  const chunks: Buffer[] = [];
  for await (const chunk of reply as AsyncIterable<Buffer>) {
    batch.left -= chunk.length;
    if (batch.left < 0) throw tooLarge();
    chunks.push(chunk);
  }
  if (chunks.length === 0) throw refused(wanted, "it is empty");
  return Buffer.concat(chunks).toString("base64");
}

function refused(wanted: WantedMedia, why: string): Failure {
  return invalidRequest(wanted.param, `${wanted.param} could not be fetched: ${why}. Send the content itself as a data: URL: data:<type>;base64,<content>.`);
}

/** The promise's value, unless the signal is aborted first: the system's resolver knows no deadline. */
function before<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    promise.then(resolve, reject);
  });
}
