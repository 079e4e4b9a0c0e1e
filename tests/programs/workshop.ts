import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listOf, objectOf } from "../../src/vocabulary/json.ts";
import type { RequestRecord } from "../../src/vocabulary/record.ts";
import type { FakeToolCall } from "../fakes/upstream/answers/answer.ts";
import { type FakeUpstream, type Seen, startFakeUpstream } from "../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../harness/box.ts";
import { inFolder, type Ran } from "./program.ts";
import { recordingProxy } from "./recording-proxy.ts";

/** A gateway with models of several makers, and one task that any coding program can do: a file in a repository says `red` and shall say `blue`. */
export interface Workshop {
  /** Where programs are told to go. */
  readonly url: string;
  /** Lets the model make these calls in turn, then say `DONE`, while the program runs in a fresh repository that is its home too. */
  edit(task: Task): Promise<Edited>;
  stop(): Promise<void>;
}

export interface Task {
  /** One call of each turn, for the file at this path. */
  readonly calls: (file: string) => readonly FakeToolCall[];
  readonly run: (folder: string) => Promise<Ran>;
}

export interface Edited {
  readonly ran: Ran;
  /** What the file holds afterwards. */
  readonly content: string;
  /** What upstreams were asked with tools on offer, which leaves titles and summaries out. */
  readonly turns: readonly Seen[];
  readonly records: readonly RequestRecord[];
  /** The keys it came with, each once. */
  readonly keys: readonly string[];
}

const BEFORE = "colour = red\n";
export const AFTER = "colour = blue\n";
export const PROMPT = "Make the colour in settings.txt blue.";
export const DONE = "The colour is blue now.";

/** The names of models in the pages, and what serves them here. */
const MODELS = {
  "claude-haiku": { kind: "anthropic", model: "claude-haiku-4-5" },
  "qwen-coder": { kind: "vllm", model: "qwen" },
  "gemini-flash": { kind: "gemini", model: "gemini-2.5-flash" },
};

export async function openWorkshop(): Promise<Workshop> {
  const fake: FakeUpstream = await startFakeUpstream();
  const models = Object.fromEntries(Object.entries(MODELS).map(([name, one]) => [name, [{ ...one, url: fake.url }]]));
  const box: TestBox = startBox({ models, caller: { vouches: true }, policy: { attempts: 1 } });
  const proxy = recordingProxy(box.url);
  return {
    url: proxy.url,
    edit: ({ calls, run }) =>
      inFolder(async (folder) => {
        const file = join(folder, "settings.txt");
        writeFileSync(file, BEFORE);
        spawnSync("git", ["init", "-q"], { cwd: folder });
        const turns = calls(file).map((call) => ({ answer: { toolCalls: [call] } }));
        let turn = 0;
        fake.forget();
        fake.play(({ json }) => (offersTools(json) ? (turns[turn++] ?? { answer: { text: DONE } }) : { answer: { text: "A title" } }));
        const records = box.records.length;
        const sent = proxy.sent.length;
        const ran = await run(folder);
        return {
          ran,
          content: readFileSync(file, "utf8"),
          turns: fake.seen.filter(({ json }) => offersTools(json)),
          records: box.records.slice(records),
          keys: [...new Set(proxy.sent.slice(sent).map(({ headers }) => headers.get("x-goog-api-key") ?? headers.get("authorization") ?? "none"))],
        };
      }),
    async stop() {
      proxy.stop();
      await box.stop();
      await fake.stop();
    },
  };
}

const offersTools = (json: Seen["json"]) => listOf(objectOf(json)["tools"]).length > 0;
