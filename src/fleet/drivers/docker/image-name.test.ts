import { expect, test } from "bun:test";
import { readImageName } from "./image-name.ts";

test.each([
  ["vllm/vllm-openai:v0.29.0", "vllm/vllm-openai", "v0.29.0"],
  ["vllm/vllm-openai", "vllm/vllm-openai", "latest"],
  ["registry.example:5000/vllm", "registry.example:5000/vllm", "latest"],
  ["registry.example:5000/vllm:1", "registry.example:5000/vllm", "1"],
  ["vllm/vllm-openai@sha256:ab", "vllm/vllm-openai", "sha256:ab"],
  ["vllm/vllm-openai:v1@sha256:ab", "vllm/vllm-openai", "sha256:ab"],
])("%s", (image, name, tag) => {
  expect(readImageName(image)).toEqual({ name, tag });
});
