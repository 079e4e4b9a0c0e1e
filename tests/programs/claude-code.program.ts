import { expect, test } from "bun:test";
import { startFakeUpstream } from "../fakes/upstream/server.ts";
import { startBox } from "../harness/box.ts";
import { askClaude } from "./claude.ts";
import { inFolder } from "./program.ts";

/** What takes Claude Code too long for every run of the tests. */
const SILENCE = 70_000;

test("more than a minute of silence is outlasted in one request", () =>
  inFolder(async (folder) => {
    const fake = await startFakeUpstream();
    const policy = { attempts: 1, firstToken: 2 * SILENCE, total: 3 * SILENCE };
    const box = startBox({ models: { "qwen3-coder": [{ kind: "vllm", model: "qwen", url: fake.url }] }, policy });
    fake.play({ delay: SILENCE, answer: { text: "At last." } });
    const ran = await askClaude("hi", folder, { url: box.url, patience: 3 * SILENCE });
    await box.stop();
    await fake.stop();
    expect(ran.result).toBe("At last.");
    expect(box.records.filter(({ operation }) => operation === "chat").map(({ stream }) => stream)).toEqual([true]);
  }));
