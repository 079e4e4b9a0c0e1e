import type { Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { Behaviour } from "./behaviours.ts";
import type { Reply } from "./replies.ts";
import { chunkBytes, headBytes, LAST_CHUNK, recut } from "./wire.ts";

/** How the fake's side of an exchange ended. */
export type Ending = "whole" | "cut" | "client-left";

export interface Delivery {
  readonly socket: Socket;
  readonly reply: Reply;
  readonly behaviour: Behaviour;
  /** Aborted when the client leaves or the fake stops. */
  readonly gone: AbortSignal;
  /** Called for each piece of the body that is handed to the socket. */
  wrote(): void;
}

/** Thrown inside a delivery when the client leaves. */
class ClientLeft extends Error {}

/** Writes the reply as the behaviour says. Never rejects for a client that leaves: that is an ending. */
export async function deliver(delivery: Delivery): Promise<Ending> {
  try {
    return await write(delivery);
  } catch (thrown) {
    if (thrown instanceof ClientLeft) return "client-left";
    throw thrown;
  }
}

async function write({ socket, reply, behaviour, gone, wrote }: Delivery): Promise<Ending> {
  const cutNow = (): Ending => {
    socket.resetAndDestroy();
    return "cut";
  };
  await pause(behaviour.delay ?? 0, gone);
  if (behaviour.stall === "before-headers") await forEver(gone);
  if (behaviour.cut === "before-headers") return cutNow();

  const body = bodyOf(reply, behaviour);
  const length = behaviour.length ?? (reply.streamed ? "chunked" : "exact");
  const headers = { ...reply.headers, ...encodingHeader(behaviour), ...lengthHeaders(length, sizeOf(body)), ...behaviour.headers };
  if (behaviour.endlessHeaders) return await writeEndlessHeaders(socket, reply.status, headers, gone);
  socket.write(headBytes(reply.status, headers));
  if (behaviour.stall === "before-body") await forEver(gone);
  if (behaviour.cut === "before-body") {
    await pause(5, gone);
    return cutNow();
  }
  await pause(behaviour.delayFirst ?? 0, gone);

  const end = endOf(behaviour, body);
  for (const [index, piece] of rechunk(end.frames, behaviour.chunks ?? "frame").entries()) {
    if (index > 0) await breathe(behaviour.delayBetween, gone);
    if (gone.aborted) throw new ClientLeft();
    wrote();
    if (!socket.write(length === "chunked" ? chunkBytes(piece) : piece)) await drained(socket, gone);
  }
  // An answer of a known length is over with its last byte, whatever was meant to follow.
  if (end.how === "stall" && !(length === "exact" && sizeOf(end.frames) === sizeOf(body))) await forEver(gone);
  if (end.how === "cut") {
    // What was written must reach the client before the reset does, or the kernel throws it away.
    await pause(10, gone);
    return cutNow();
  }
  if (length === "chunked") socket.write(LAST_CHUNK);
  else if (length !== "exact") socket.end();
  return "whole";
}

/** The body's frames after what was done to it as a whole. */
function bodyOf(reply: Reply, behaviour: Behaviour): readonly Uint8Array[] {
  let frames = reply.frames;
  if (behaviour.halfCharacter) frames = cutInsideCharacter(frames);
  if (!behaviour.encoding) return frames;
  return [compress(Buffer.concat(frames), behaviour.encoding)];
}

function compress(bytes: Uint8Array, encoding: NonNullable<Behaviour["encoding"]>): Uint8Array {
  switch (encoding) {
    case "gzip":
      return gzipSync(bytes);
    case "zstd":
      return zstdCompressSync(bytes);
    case "br":
      return brotliCompressSync(bytes);
    case "deflate":
      return deflateSync(bytes);
    default:
      return encoding satisfies never;
  }
}

/** Ends the body one byte into its last character of several bytes; a body without one gets one. */
function cutInsideCharacter(frames: readonly Uint8Array[]): Uint8Array[] {
  for (let at = frames.length - 1; at >= 0; at--) {
    const frame = frames[at] ?? new Uint8Array();
    const start = frame.findLastIndex((byte) => byte >= 0xc0);
    if (start >= 0) return [...frames.slice(0, at), frame.subarray(0, start + 1)];
  }
  return [...frames, Buffer.from([0xd0])];
}

/** Which frames are written, and what comes after them. */
function endOf(behaviour: Behaviour, body: readonly Uint8Array[]): { frames: readonly Uint8Array[]; how: "end" | "cut" | "stall" } {
  const { cut, stall, endAfterFrames } = behaviour;
  if (typeof stall === "object")
    return { frames: "afterFrames" in stall ? body.slice(0, stall.afterFrames) : firstBytes(body, stall.afterBytes), how: "stall" };
  if (typeof cut === "object" && "afterFrames" in cut) return { frames: body.slice(0, cut.afterFrames), how: "cut" };
  if (typeof cut === "object") return { frames: firstBytes(body, cut.afterBytes), how: "cut" };
  return { frames: endAfterFrames === undefined ? body : body.slice(0, endAfterFrames), how: "end" };
}

function firstBytes(frames: readonly Uint8Array[], count: number): Uint8Array[] {
  const kept: Uint8Array[] = [];
  let left = count;
  for (const frame of frames) {
    if (left <= 0) break;
    kept.push(frame.subarray(0, left));
    left -= frame.length;
  }
  return kept;
}

function rechunk(frames: readonly Uint8Array[], chunks: number | "frame" | "whole"): readonly Uint8Array[] {
  if (chunks === "frame") return frames;
  const all = new Uint8Array(Buffer.concat(frames));
  if (all.length === 0) return [];
  return chunks === "whole" ? [all] : recut(all, chunks);
}

function sizeOf(frames: readonly Uint8Array[]): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}

function encodingHeader(behaviour: Behaviour): Record<string, string> {
  return behaviour.encoding ? { "content-encoding": behaviour.encoding } : {};
}

function lengthHeaders(length: NonNullable<Behaviour["length"]>, size: number): Record<string, string> {
  if (length === "chunked") return { "transfer-encoding": "chunked" };
  if (length === "until-close") return { connection: "close" };
  return { "content-length": String(length === "exact" ? size : length) };
}

async function writeEndlessHeaders(socket: Socket, status: number, headers: Readonly<Record<string, string>>, gone: AbortSignal): Promise<Ending> {
  socket.write(headBytes(status, headers, true));
  for (let line = 0; ; line++) {
    await pause(2, gone);
    socket.write(`x-endless-${line}: ${"a".repeat(64)}\r\n`);
  }
}

/** Waits this many milliseconds; throws when the client leaves meanwhile. */
function pause(milliseconds: number, gone: AbortSignal): Promise<void> {
  if (gone.aborted) return Promise.reject(new ClientLeft());
  if (milliseconds <= 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      reject(new ClientLeft());
    };
    const timer = setTimeout(() => {
      gone.removeEventListener("abort", leave);
      resolve();
    }, milliseconds);
    gone.addEventListener("abort", leave, { once: true });
  });
}

/** A turn of the event loop at least, so that pieces leave as pieces. */
async function breathe(milliseconds: number | undefined, gone: AbortSignal): Promise<void> {
  if (milliseconds) return pause(milliseconds, gone);
  await new Promise((resolve) => setImmediate(resolve));
}

function forEver(gone: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (gone.aborted) reject(new ClientLeft());
    gone.addEventListener("abort", () => reject(new ClientLeft()), { once: true });
  });
}

function drained(socket: Socket, gone: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(new ClientLeft());
    gone.addEventListener("abort", leave, { once: true });
    socket.once("drain", () => {
      gone.removeEventListener("abort", leave);
      resolve();
    });
  });
}
