import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Profile } from "../../../src/vocabulary/profile.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { dialectAt, requestMisfits } from "../../specs/requests.ts";
import type { Speaker } from "./conversation.ts";
import { DECIDED, decisionFor } from "./decided.ts";
import { FEATURES, type Feature } from "./features.ts";
import { anthropicMessages } from "./speakers/anthropic-messages.ts";
import { gemini } from "./speakers/gemini.ts";
import { ollama } from "./speakers/ollama.ts";
import { openaiChat } from "./speakers/openai-chat.ts";
import { openaiResponses } from "./speakers/openai-responses.ts";

/** Every client's dialect over every upstream's, feature by feature, as one matrix. */
const SPEAKERS: readonly Speaker[] = [openaiChat, openaiResponses, anthropicMessages, gemini, ollama];
const UPSTREAMS: Readonly<Record<string, { readonly kind: string; readonly model: string; readonly profile?: Partial<Profile> }>> = {
  openai: { kind: "openai", model: "gpt-4o" },
  "openai responses": { kind: "openai", model: "gpt-4o", profile: { dialect: "openai-responses", thinking: "effort" } },
  anthropic: { kind: "anthropic", model: "claude-sonnet-4-5" },
  gemini: { kind: "gemini", model: "gemini-2.5-flash" },
  ollama: { kind: "ollama", model: "qwen3" },
  vllm: { kind: "vllm", model: "qwen" },
};

let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  const models = Object.fromEntries(Object.entries(UPSTREAMS).map(([name, upstream]) => [name, [{ ...upstream, url: fake.url }]]));
  box = startBox({ models, policy: { attempts: 1 } });
});
const cells = new Map<string, string>();
afterAll(async () => {
  console.log(`\n${matrix()}\n`);
  await box.stop();
  await fake.stop();
});

describe.each(SPEAKERS.map((speaker) => [speaker.dialect, speaker] as const))("%s", (dialect, speaker) => {
  describe.each(Object.keys(UPSTREAMS))("over %s", (upstream) => {
    test.each(Object.keys(FEATURES))("%s", async (name) => {
      const feature = FEATURES[name] as Feature;
      const runs = [...(feature.streamOnly ? [] : [await played(speaker, upstream, feature, false)]), await played(speaker, upstream, feature, true)];
      const decision = decisionFor(name, dialect, upstream);
      const misfits = runs.flatMap((run) => run.misfits);
      const problems = [...runs.flatMap((run) => run.problems), ...(decision?.misfits ? misfits : [])];
      expect(decision?.misfits ? [] : misfits).toEqual([]);
      cells.set(`${dialect}|${upstream}|${name}`, problems.length === 0 ? "yes" : decision === undefined ? "NO" : `(${DECIDED.indexOf(decision) + 1})`);
      if (decision === undefined) expect(problems).toEqual([]);
      else expect(problems.length, `it works, though it is said: ${decision.why}`).toBeGreaterThan(0);
    });
  });
});

/** What is wrong with what was heard, and with what was sent upstream, by its vendor's schema. */
async function played(speaker: Speaker, upstream: string, feature: Feature, stream: boolean): Promise<{ problems: string[]; misfits: string[] }> {
  fake.forget();
  fake.play(feature.upstream ?? {});
  const { path, body } = speaker.ask(feature.ask, upstream, stream);
  const response = await box.post(path, body);
  const text = await response.text();
  const { status } = response;
  const problems: string[] = [];
  const mode = stream ? "stream" : "whole";
  if (status !== (feature.status ?? 200)) problems.push(`status ${status}: ${text.slice(0, 300)}`);
  else {
    const heard = stream && status === 200 ? speaker.hearStream(text) : speaker.hearWhole(text);
    problems.push(...feature.wrong(heard), ...heard.problems);
  }
  const asked = fake.seen.map((seen) => seen.text).join("\n");
  if (status === 200) problems.push(...(feature.reaches ?? []).filter((words) => !asked.includes(words)).map((words) => `${words} did not reach the upstream`));
  problems.push(...box.complaints.map((failure) => `our own mistake: ${String(failure.cause)}`));
  const kind = UPSTREAMS[upstream]?.kind ?? "";
  const misfits = fake.seen.flatMap((seen) => requestMisfits({ dialect: dialectAt(seen.path) ?? seen.path, kind, body: seen.json }));
  return { problems: problems.map((problem) => `${mode}: ${problem}`), misfits };
}

function matrix(): string {
  const rows = Object.keys(FEATURES).map((name) => {
    const marks = SPEAKERS.flatMap(({ dialect }) => Object.keys(UPSTREAMS).map((upstream) => cells.get(`${dialect}|${upstream}|${name}`) ?? ""));
    return `| ${name} | ${marks.join(" | ")} |`;
  });
  const columns = SPEAKERS.flatMap(({ dialect }) => Object.keys(UPSTREAMS).map((upstream) => `${dialect} → ${upstream}`));
  const notes = DECIDED.map(({ feature, why }, index) => `(${index + 1}) ${feature}: ${why}`);
  return [`| feature | ${columns.join(" | ")} |`, `|---|${columns.map(() => "---|").join("")}`, ...rows, ...notes].join("\n");
}
