/** Before each piece: which stream it is of, three zeros, and its length in four bytes. */
const HEADER = 8;

/** What a container without a terminal said, both streams in order, out of the frames that Docker keeps them apart with. */
export function unframe(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pieces: Uint8Array[] = [];
  let at = 0;
  while (at + HEADER <= bytes.length) {
    const start = at + HEADER;
    at = start + view.getUint32(at + 4);
    pieces.push(bytes.subarray(start, at));
  }
  return Buffer.concat(pieces).toString("utf8");
}
