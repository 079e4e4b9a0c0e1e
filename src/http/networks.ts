import { BlockList, isIP } from "node:net";
import { invalidRequest } from "../vocabulary/failure.ts";

/** Says whether an address belongs to one of some networks. */
export type InNetworks = (address: string) => boolean;

const NAMED: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    loopback: ["127.0.0.0/8", "::1/128"],
    private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
  }),
);

/** Networks as addresses, `address/bits`, or the words `loopback` and `private`. Throws `invalid-request` for anything else. */
export function networks(list: readonly string[]): InNetworks {
  const inside = new BlockList();
  for (const entry of list.flatMap((name) => NAMED.get(name) ?? [name])) {
    const [address = "", bits] = entry.split("/");
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const length = bits === undefined ? most : Number(bits);
    if (version === 0 || !(length >= 0 && length <= most)) throw invalidRequest("server", `${entry} is no address and no network such as 10.0.0.0/8.`);
    inside.addSubnet(address, length, version === 4 ? "ipv4" : "ipv6");
  }
  return (address) => {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
    const version = isIP(plain);
    return version !== 0 && inside.check(plain, version === 4 ? "ipv4" : "ipv6");
  };
}

/**
 * Where a client is: the socket's address, or behind trusted proxies the last that is not one of theirs, else the first they name. Of an IPv6
 * address the network of 64 bits, within which a client may take any. Empty on a Unix socket.
 */
export function clientNetwork(socketAddress: string, forwardedFor: string | null, proxies: InNetworks): string {
  if (forwardedFor === null || !proxies(socketAddress)) return networkOf(socketAddress);
  const hops = forwardedFor.split(",").map(addressOf);
  const client = hops.findLast((hop) => !proxies(hop)) ?? hops[0];
  return client === undefined || isIP(client) === 0 ? networkOf(socketAddress) : networkOf(client);
}

/** The address of a hop, which some write with its port. */
function addressOf(hop: string): string {
  const bare = hop.trim();
  return /^\[([^\]]+)\](:\d+)?$/.exec(bare)?.[1] ?? /^([\d.]+):\d+$/.exec(bare)?.[1] ?? bare;
}

function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "");
  if (isIP(plain) !== 6) return plain;
  // The parser of URLs writes every address in one way.
  const groups = new URL(`http://[${plain.replace(/%.*$/, "")}]`).hostname.slice(1, -1);
  const [head = "", tail] = groups.split("::");
  const before = head === "" ? [] : head.split(":");
  const after = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? [] : new Array<string>(8 - before.length - after.length).fill("0");
  return `${[...before, ...zeros, ...after].slice(0, 4).join(":")}::/64`;
}

/**
 * Does this client come from a trusted network? Behind a proxy the last address that is not a trusted proxy's counts; a forwarded
 * request from anybody else is not trusted, since its real origin is unknown.
 */
export function fromTrustedNetwork(socketAddress: string, forwardedFor: string | null, trusted: InNetworks, proxies: InNetworks): boolean {
  if (forwardedFor === null) return trusted(socketAddress);
  if (!proxies(socketAddress)) return false;
  const hops = forwardedFor.split(",").map((hop) => hop.trim());
  const client = hops.findLast((hop) => !proxies(hop));
  return client !== undefined && trusted(client);
}
