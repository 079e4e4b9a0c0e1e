import { expect, test } from "bun:test";
import { DriverFailure } from "../driver.ts";
import { readDockerAddress } from "./docker-address.ts";

test.each([
  ["unix:///var/run/docker.sock", { socketPath: "/var/run/docker.sock" }, true],
  ["tcp://127.0.0.1:2375", { host: "127.0.0.1", port: 2375 }, true],
  ["tcp://localhost", { host: "localhost", port: 2375 }, true],
  ["tcp://[::1]:99", { host: "::1", port: 99 }, true],
  ["tcp://socket-proxy:2375/", { host: "socket-proxy", port: 2375 }, false],
] as const)("%s", (text, target, local) => {
  expect(readDockerAddress(text)).toEqual({ target, shown: text, local });
});

test.each(["", "unix://docker.sock", "http://localhost:2375", "ssh://host", "tcp://user:secret@host:1", "tcp://host:port"])("not %p", (text) => {
  expect(() => readDockerAddress(text)).toThrow(DriverFailure);
  expect(() => readDockerAddress(text)).not.toThrow(/secret/);
});
