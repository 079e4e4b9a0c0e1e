import { expect, test } from "bun:test";
import { clientNetwork, networks } from "./networks.ts";

const proxies = networks(["10.0.0.0/8", "loopback", "fd00::/8"]);

const ROWS: readonly [what: string, socket: string, forwarded: string | null, network: string][] = [
  ["itself", "203.0.113.7", null, "203.0.113.7"],
  ["a stranger's word for it", "203.0.113.7", "1.1.1.1", "203.0.113.7"],
  ["as a proxy says", "10.0.0.1", "198.51.100.9", "198.51.100.9"],
  ["the last that is no proxy, whatever it says itself", "10.0.0.1", "1.1.1.1, 198.51.100.9, 10.0.0.2", "198.51.100.9"],
  ["all proxies: the first", "10.0.0.1", "10.0.0.9, 10.0.0.2", "10.0.0.9"],
  ["with a port", "10.0.0.1", "198.51.100.9:4711", "198.51.100.9"],
  ["six, with brackets and port", "10.0.0.1", "[2001:db8:1:2:3::9]:443", "2001:db8:1:2::/64"],
  ["nonsense from a proxy", "10.0.0.1", "unknown", "10.0.0.1"],
  ["nothing from a proxy", "10.0.0.1", "", "10.0.0.1"],
  ["four as six", "::ffff:203.0.113.7", null, "203.0.113.7"],
  ["any of one network", "2001:db8:1:2:aaaa:bbbb:cccc:dddd", null, "2001:db8:1:2::/64"],
  ["the same network, written short", "2001:0db8:1:2::1", null, "2001:db8:1:2::/64"],
  ["a network of zeros", "2001:db8::1", null, "2001:db8:0:0::/64"],
  ["of a link", "fe80::1%eth0", null, "fe80:0:0:0::/64"],
  ["loopback", "::1", null, "0:0:0:0::/64"],
  ["a Unix socket", "", null, ""],
];

test.each(ROWS)("a client's network: %s", (_what, socket, forwarded, network) => {
  expect(clientNetwork(socket, forwarded, proxies)).toBe(network);
});
