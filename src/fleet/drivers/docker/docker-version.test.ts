import { expect, test } from "bun:test";
import { versionToSpeak } from "./docker-version.ts";

test.each([
  ["Docker 20.10", { ApiVersion: "1.41", MinAPIVersion: "1.12" }, "v1.41"],
  ["Docker 28", { ApiVersion: "1.51", MinAPIVersion: "1.24" }, "v1.44"],
  ["a Docker to come", { ApiVersion: "1.60", MinAPIVersion: "1.50" }, "v1.50"],
  ["Podman 5", { ApiVersion: "1.41", MinAPIVersion: "1.24" }, "v1.41"],
  ["one before GPUs", { ApiVersion: "1.39", MinAPIVersion: "1.12" }, undefined],
  ["no Docker", { version: "0.29.0" }, undefined],
])("%s", (_what, answer, version) => {
  expect(versionToSpeak(answer)).toBe(version);
});
