import { describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GpuHandle, Launch } from "../driver.ts";
import { commandOf, refuseUnrunnable } from "./command.ts";
import { launchOf } from "./launch.fixture.ts";

describe("a launch's command", () => {
  test("has everything filled in, in words and environment", () => {
    const launch = launchOf(["vllm", "serve", "{model}"], { args: ["--port", "{port}", "--served-model-name", "{name}"], env: { WHERE: "{host}:{port}" } });
    const { words, environment } = commandOf(launch, 20_001, {});
    expect(words).toEqual(["vllm", "serve", "fake/tiny", "--port", "20001", "--served-model-name", "signalbox-test-tiny-1"]);
    expect(environment).toMatchObject({ WHERE: "127.0.0.1:20001", SIGNALBOX_ENGINE: "signalbox-test-tiny-1" });
  });

  test("gets of the gateway's environment what programs need, and none of its secrets", () => {
    const own = {
      PATH: "/bin",
      HOME: "/home/me",
      HF_HOME: "/models",
      HF_TOKEN: "hf_1",
      LD_LIBRARY_PATH: "/lib",
      CUDA_HOME: "/cuda",
      NVIDIA_DRIVER_CAPABILITIES: "all",
      NVIDIA_API_KEY: "secret",
      OPENAI_API_KEY: "secret",
      SIGNALBOX_ADMIN_KEY: "secret",
      DATABASE_URL: "postgres://me:secret@host/db",
      CUDA_VISIBLE_DEVICES: "7",
      UNSET: undefined,
    };
    const { environment } = commandOf(launchOf(["engine"], { env: { LOG: "debug" } }), 1, own);
    expect(environment).toEqual({
      PATH: "/bin",
      HOME: "/home/me",
      HF_HOME: "/models",
      HF_TOKEN: "hf_1",
      LD_LIBRARY_PATH: "/lib",
      CUDA_HOME: "/cuda",
      NVIDIA_DRIVER_CAPABILITIES: "all",
      PYTHONUNBUFFERED: "1",
      CUDA_DEVICE_ORDER: "PCI_BUS_ID",
      // Without GPUs it sees none.
      CUDA_VISIBLE_DEVICES: "",
      LOG: "debug",
      SIGNALBOX_ENGINE: "signalbox-test-tiny-1",
      SPT_NOENV: "1",
    });
  });

  for (const [gpus, env, visible] of [
    [[{ id: "0" }, { id: "1" }], {}, "0,1"],
    [[{ id: "0", uuid: "GPU-a" }, { id: "dgx/3" }], {}, "GPU-a,3"],
    [[{ id: "0" }], { CUDA_VISIBLE_DEVICES: "5" }, "5"],
  ] as [GpuHandle[], Record<string, string>, string][]) {
    test(`sees the GPUs ${visible}`, () => {
      const { environment } = commandOf(launchOf(["engine"], { gpus, env }), 1, { CUDA_VISIBLE_DEVICES: "9" });
      expect(environment["CUDA_VISIBLE_DEVICES"]).toBe(visible);
    });
  }
});

describe("what can never run is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-command-"));
  const plain = join(folder, "engine");
  writeFileSync(plain, "#!/bin/sh\n");
  chmodSync(plain, 0o644);

  const rows: [what: string, launch: Launch, says: string][] = [
    ["no command", launchOf(undefined), 'fleet.engines.tiny has no command. Say what runs it: command: [vllm, serve, "{model}"].'],
    ["no port", launchOf(["sh"], { args: ["--port", "8000"] }), "Write {port} where its port belongs."],
    [
      "not there",
      launchOf(["signalbox-nowhere", "{port}"]),
      'The command of fleet.engines.tiny, "signalbox-nowhere", is not there: install it, or name it with its whole path.',
    ],
    ["not there, by its path", launchOf([join(folder, "none"), "{port}"]), "is not there"],
    ["not executable", launchOf([plain, "{port}"]), "may not be executed by this user: give it the right (chmod +x), or name another."],
    ["not a name", launchOf(["sh", "{port}"], { name: "../up" }), `"../up" cannot name an engine's folder`],
  ];
  for (const [what, launch, says] of rows) {
    test(what, async () => {
      await expect(refuseUnrunnable(launch, { PATH: "/usr/bin:/bin" })).rejects.toMatchObject({ reason: "refused", message: expect.stringContaining(says) });
    });
  }

  test("and what can run is not: by its path, by PATH, with its port in the environment", async () => {
    chmodSync(plain, 0o755);
    for (const launch of [launchOf([plain, "{port}"]), launchOf(["engine"], { env: { PORT: "{port}" } })]) {
      await refuseUnrunnable(launch, { PATH: `/nowhere:${folder}` });
    }
    rmSync(folder, { recursive: true });
  });
});
