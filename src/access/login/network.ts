import { isIPv6 } from "node:net";

/** Groups of an IPv6 address that are one customer's: whoever has one address there has all of them. */
const CUSTOMER = 4;

/** Who an address belongs to, as far as can be told: an IPv4 address itself, the /64 of an IPv6 one; other text as it is. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = (plain.split("%")[0] ?? "").toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill("0"), ...right];
  return groups
    .slice(0, CUSTOMER)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
