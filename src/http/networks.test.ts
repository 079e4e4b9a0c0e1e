import { expect, test } from "bun:test";
import { clientAddress, networks } from "./networks.ts";

const proxies = networks(["10.0.0.0/8"]);

test.each<[what: string, socket: string, forwarded: string | null, address: string]>([
  ["who asks directly", "203.0.113.9", null, "203.0.113.9"],
  ["who asks directly and says otherwise", "203.0.113.9", "198.51.100.1", "203.0.113.9"],
  ["whom a proxy of ours forwards for", "10.0.0.1", "203.0.113.9", "203.0.113.9"],
  ["through two of ours", "10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"],
  ["who wrote a line of their own before", "10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"],
  ["a proxy of ours itself", "10.0.0.1", null, "10.0.0.1"],
  ["one proxy of ours for another", "10.0.0.1", "10.0.0.2", "10.0.0.1"],
])("%s", (_what, socket, forwarded, address) => {
  expect(clientAddress(socket, forwarded, proxies)).toBe(address);
});
