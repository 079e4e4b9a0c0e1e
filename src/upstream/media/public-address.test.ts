import { describe, expect, test } from "bun:test";
import { isPublicAddress } from "./public-address.ts";

describe("refused", () => {
  test.each([
    ["this network", "0.0.0.0"],
    ["this network, its end", "0.255.255.255"],
    ["private, 10/8", "10.1.2.3"],
    ["carrier-grade NAT", "100.64.0.1"],
    ["carrier-grade NAT, its end", "100.127.255.255"],
    ["loopback", "127.0.0.1"],
    ["loopback, its end", "127.255.255.254"],
    ["link-local and cloud metadata", "169.254.169.254"],
    ["private, 172.16/12", "172.16.0.1"],
    ["private, 172.16/12, its end", "172.31.255.255"],
    ["protocol assignments", "192.0.0.8"],
    ["documentation 1", "192.0.2.1"],
    ["documentation 2", "198.51.100.1"],
    ["documentation 3", "203.0.113.1"],
    ["6to4 relays", "192.88.99.1"],
    ["private, 192.168/16", "192.168.1.1"],
    ["benchmarks", "198.19.0.1"],
    ["multicast", "224.0.0.1"],
    ["reserved", "240.0.0.1"],
    ["broadcast", "255.255.255.255"],
    ["IPv6 nowhere", "::"],
    ["IPv6 loopback", "::1"],
    ["IPv6 loopback, in full", "0:0:0:0:0:0:0:1"],
    ["IPv6 unique local", "fd12:3456::1"],
    ["IPv6 unique local, fc", "fc00::1"],
    ["IPv6 link-local", "fe80::1"],
    ["IPv6 link-local with its zone", "fe80::1%eth0"],
    ["IPv6 site-local", "fec0::1"],
    ["IPv6 multicast", "ff02::1"],
    ["IPv4-mapped loopback", "::ffff:127.0.0.1"],
    ["IPv4-mapped loopback, in hex", "::ffff:7f00:1"],
    ["IPv4-mapped, although public", "::ffff:8.8.8.8"],
    ["IPv4-compatible", "::127.0.0.1"],
    ["NAT64", "64:ff9b::7f00:1"],
    ["local NAT64", "64:ff9b:1::1"],
    ["discarded", "100::1"],
    ["Teredo", "2001::1"],
    ["ORCHID", "2001:20::1"],
    ["IPv6 documentation", "2001:db8::1"],
    ["IPv6 documentation, the newer", "3fff::1"],
    ["6to4", "2002:7f00:1::1"],
    ["segment routing", "5f00::1"],
    ["a name", "localhost"],
    ["a number", "2130706433"],
    ["nothing", ""],
  ])("%s: %s", (_name, address) => {
    expect(isPublicAddress(address)).toBe(false);
  });
});

describe("public", () => {
  test.each([
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.1",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "2a00:1450::1",
  ])("%s", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});
