import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listOf, objectOf, stringOf } from "../../src/vocabulary/json.ts";
import { blockOf } from "../docs/blocks.ts";
import { type FakeUpstream, startFakeUpstream } from "../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../harness/box.ts";
import { inFolder, type Ran, runProgram } from "./program.ts";

/** Codex itself, headless, over upstreams that know nothing of Responses. */
let fake: FakeUpstream;
let box: TestBox;
const UPSTREAMS = {
  "house-claude": { kind: "anthropic", model: "claude-sonnet-4-5" },
  "house-gemini": { kind: "gemini", model: "gemini-2.5-pro" },
  "house-qwen": { kind: "vllm", model: "qwen" },
  // A name Codex knows: it then sends its own kind of tools.
  "gpt-5.5": { kind: "anthropic", model: "claude-sonnet-4-5" },
};
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({ models: Object.fromEntries(Object.entries(UPSTREAMS).map(([name, one]) => [name, [{ ...one, url: fake.url }]])) });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});
beforeEach(() => fake.forget());

interface Asking {
  readonly model?: string;
  readonly key?: string;
  readonly sandbox?: "read-only" | "workspace-write" | "danger-full-access";
  /** Further lines for its config: of the provider, and after it. */
  readonly provider?: string;
  readonly features?: string;
}

/** `codex exec` with this prompt and the settings of its page; the folder is its home and workspace. */
async function codex(
  prompt: string,
  folder: string,
  { model = "house-claude", key = "sb-test", sandbox = "read-only", provider = "", features = "" }: Asking = {},
) {
  const before = box.records.length;
  mkdirSync(join(folder, ".codex"), { recursive: true });
  const page = blockOf("clients/codex.md", "toml", box.url).replace('model = "claude-haiku"', `model = "${model}"`);
  writeFileSync(join(folder, ".codex", "config.toml"), [page, provider, features].join("\n"));
  const words = ["exec", "--skip-git-repo-check", "-s", sandbox, prompt];
  const ran: Ran = await runProgram("codex", { arguments: words, environment: { SIGNALBOX_KEY: key }, folder });
  return { ...ran, records: box.records.slice(before) };
}

const shell = (cmd: string) => ({ name: "exec_command", arguments: { cmd } });

describe("a plain answer", () => {
  test.each(["house-claude", "house-gemini", "house-qwen"])("over %s", (model) =>
    inFolder(async (folder) => {
      fake.play([{ answer: { text: "Good morning from the house." } }]);
      const ran = await codex("say good morning", folder, { model });
      expect(ran.output.trim()).toBe("Good morning from the house.");
      expect(ran.code).toBe(0);
      expect(fake.seen.length).toBe(1);
    }),
  );
});

describe("two commands at once", () => {
  test.each(["house-claude", "house-gemini", "house-qwen"])("over %s: both run, and the next request holds both results", (model) =>
    inFolder(async (folder) => {
      fake.play([
        { answer: { thinking: "Two at once.", toolCalls: [shell("echo first-$((40 + 2))"), shell("echo second-$((40 + 3))")] } },
        { answer: { text: "Both done." } },
      ]);
      const ran = await codex("run both", folder, { model, sandbox: "danger-full-access" });
      expect(ran.output.trim()).toBe("Both done.");
      expect(ran.code).toBe(0);
      expect(fake.seen.length).toBe(2);
      expect(fake.seen[1]?.text).toContain("first-42");
      expect(fake.seen[1]?.text).toContain("second-43");
    }),
  );
});

test("a custom tool edits a file: apply_patch, unwrapped for Codex and wrapped for the model", () =>
  inFolder(async (folder) => {
    const patch = "*** Begin Patch\n*** Add File: made-by-codex.txt\n+hello from a patch\n*** End Patch\n";
    fake.play([{ answer: { toolCalls: [{ name: "apply_patch", arguments: { input: patch } }] } }, { answer: { text: "Patched." } }]);
    const ran = await codex("add the file", folder, { model: "gpt-5.5", sandbox: "danger-full-access" });
    expect(ran.output.trim()).toBe("Patched.");
    expect(readFileSync(join(folder, "made-by-codex.txt"), "utf8")).toBe("hello from a patch\n");
    const tools = listOf(objectOf(fake.seen[0]?.json)["tools"]).map((tool) => stringOf(objectOf(tool)["name"]));
    expect(tools).toContain("apply_patch");
    expect(fake.seen[1]?.text).toContain("made-by-codex.txt");
  }));

test("a WebSocket is tried once, and then HTTP", () =>
  inFolder(async (folder) => {
    fake.play([{ answer: { text: "over http" } }]);
    const ran = await codex("hi", folder, { provider: "supports_websockets = true" });
    expect(ran.output.trim()).toBe("over http");
    expect(ran.records.map(({ status }) => status)).toEqual([426, 200]);
  }));

describe("refusals", () => {
  test("an exhausted budget ends it at once", () =>
    inFolder(async (folder) => {
      const ran = await codex("hi", folder, { key: "broke" });
      expect(ran.code).toBe(1);
      expect(ran.errors).toMatch(/quota exceeded/i);
      expect(ran.records.length).toBe(1);
    }));

  test("an unknown model ends it at once, with our words", () =>
    inFolder(async (folder) => {
      const ran = await codex("hi", folder, { model: "house-clod" });
      expect(ran.code).toBe(1);
      expect(ran.errors).toContain('Did you mean "house-claude"?');
      expect(ran.records.length).toBe(1);
    }));

  test("a wrong key shows our words, after its own retries", () =>
    inFolder(async (folder) => {
      const ran = await codex("hi", folder, { key: "wrong" });
      expect(ran.code).toBe(1);
      expect(ran.errors).toContain("This key is not known here.");
    }));
});

test("an answer that breaks off is asked for again, and both tries are in the book", () =>
  inFolder(async (folder) => {
    fake.play([{ answer: { text: "this never comes to an end, does it" }, cut: { afterFrames: 5 } }, { answer: { text: "now whole" } }]);
    const ran = await codex("hi", folder);
    expect(ran.output.trim()).toBe("now whole");
    expect(ran.code).toBe(0);
    expect(ran.records.map(({ outcome }) => outcome)).toEqual(["failed", "ok"]);
  }));

test("our list of models does not upset it", () =>
  inFolder(async (folder) => {
    fake.play([{ answer: { text: "ok" } }]);
    const provider = `model_catalog_url = "${box.url}/v1/models"`;
    const ran = await codex("hi", folder, { provider, features: "[features]\napi_key_model_discovery = true" });
    expect(ran.output.trim()).toBe("ok");
    expect(ran.errors).not.toMatch(/failed to (refresh|decode)/);
  }));
