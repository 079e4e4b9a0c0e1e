import { crc32, deflateSync } from "node:zlib";

/** Pixels on either side of a simulated picture. */
const SIDE = 64;

/** A PNG (its specification, third edition) of two colours that depend on the words alone, one fading into the other. */
export function pictureOf(words: string): Buffer {
  const [from, to] = [crc32(`${words}a`), crc32(`${words}b`)];
  const channel = (colour: number, index: number) => (colour >>> (8 * index)) & 255;
  const rows = Buffer.alloc(SIDE * (1 + 3 * SIDE));
  for (let y = 0; y < SIDE; y++)
    for (let x = 0; x < SIDE; x++)
      for (let index = 0; index < 3; index++) {
        const share = (x + y) / (2 * SIDE);
        rows[y * (1 + 3 * SIDE) + 1 + 3 * x + index] = Math.round(channel(from, index) * (1 - share) + channel(to, index) * share);
      }
  const size = Buffer.alloc(13);
  size.writeUInt32BE(SIDE, 0);
  size.writeUInt32BE(SIDE, 4);
  size.set([8, 2], 8); // 8 bits a channel, three channels
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", size), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, content: Buffer): Buffer {
  const named = Buffer.concat([Buffer.from(type), content]);
  const framed = Buffer.alloc(named.length + 8);
  framed.writeUInt32BE(content.length, 0);
  framed.set(named, 4);
  framed.writeUInt32BE(crc32(named), named.length + 4);
  return framed;
}

/** Samples a second, of one byte each. */
const RATE = 8000;
/** Seconds that a character is heard, and that a sound lasts at most. */
const CHARACTER = 0.06;
const LONGEST = 10;

/** A WAV file with a tone for each character, and the words in its comment: so they can be heard again by `wordsIn`. */
export function soundOf(words: string): Buffer {
  const characters = [...words].slice(0, LONGEST / CHARACTER);
  const each = RATE * CHARACTER;
  const samples = Buffer.alloc(Math.round(characters.length * each), 128);
  characters.forEach((character, index) => {
    const tone = character.trim() === "" ? 0 : 220 + ((character.codePointAt(0) ?? 0) % 24) * 30;
    for (let at = 0; at < each; at++) samples[Math.round(index * each) + at] = 128 + Math.round(40 * Math.sin((2 * Math.PI * tone * at) / RATE));
  });
  const format = Buffer.alloc(16);
  format.set([1, 0, 1, 0]); // plain samples, one channel
  format.writeUInt32LE(RATE, 4);
  format.writeUInt32LE(RATE, 8);
  format.set([1, 0, 8, 0], 12); // one byte, eight bits
  const comment = Buffer.concat([Buffer.from("INFO"), riffChunk("ICMT", Buffer.from(words))]);
  const content = Buffer.concat([Buffer.from("WAVE"), riffChunk("fmt ", format), riffChunk("LIST", comment), riffChunk("data", samples)]);
  return riffChunk("RIFF", content);
}

function riffChunk(type: string, content: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(type, "latin1");
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
}

/** What can be told of a WAV file without listening: how long it lasts, in seconds, and the words in its comment. Anything else tells nothing. */
export function heardIn(bytes: Buffer): { readonly seconds?: number; readonly words?: string } {
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WAVE") return {};
  let rate: number | undefined;
  let seconds: number | undefined;
  let words: string | undefined;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const type = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const content = bytes.subarray(at + 8, at + 8 + size);
    if (type === "fmt " && content.length >= 12) rate = content.readUInt32LE(8);
    if (type === "data" && rate) seconds = content.length / rate;
    if (type === "LIST" && content.toString("latin1", 0, 8) === "INFOICMT" && content.length >= 12)
      words = content.toString("utf8", 12, 12 + content.readUInt32LE(8));
    at += 8 + size + (size % 2);
  }
  return { seconds, words };
}
