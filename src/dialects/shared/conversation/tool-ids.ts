/**
 * Tool-call ids for upstreams with a narrow alphabet, rewritten the same way every time and never two to one:
 * an id that already fits stays; any other becomes `prefix` + a hash of the whole id.
 */
export function fittingId(id: string, fits: RegExp, prefix = "call_"): string {
  if (fits.test(id)) return id;
  return prefix + fingerprint(id);
}

/** 28 hex digits that stand for a text: the same for the same text, and for no other. */
export function fingerprint(text: string): string {
  return hash64(text, 0x9e3779b9) + hash64(text, 0x85ebca6b);
}

/** cyrb53 by bryc (public domain): two 32-bit lanes, 53 bits used, 14 hex digits. */
function hash64(text: string, seed: number): string {
  let high = 0xdeadbeef ^ seed;
  let low = 0x41c6ce57 ^ seed;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    high = Math.imul(high ^ code, 2654435761);
    low = Math.imul(low ^ code, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (4294967296 * (2097151 & low) + (high >>> 0)).toString(16).padStart(14, "0");
}
