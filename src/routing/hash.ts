/** Where a hash begins. */
export const HASH_START = 0x811c9dc5;

/** A hash of a part of a text, 32 bits, going on from the hash of what is before it (FNV-1a over UTF-16). Nothing here guards against collisions. */
export function hashText(text: string, hash = HASH_START, from = 0, to = text.length): number {
  let mixed = hash;
  for (let at = from; at < to; at++) mixed = Math.imul(mixed ^ text.charCodeAt(at), 0x01000193);
  return mixed >>> 0;
}

/** The same bits, so stirred that each of them tells on all others (Murmur's finish). */
export function stirred(hash: number): number {
  let mixed = hash;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
