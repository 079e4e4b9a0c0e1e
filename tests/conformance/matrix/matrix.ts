import type { Profile } from "../../../src/vocabulary/profile.ts";
import { startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox } from "../../harness/box.ts";
import { dialectAt, requestMisfits } from "../../specs/requests.ts";
import type { Speaker } from "./conversation.ts";
import { DECIDED, type Decision, decisionFor } from "./decided.ts";
import { FEATURES, type Feature } from "./features.ts";
import { anthropicMessages } from "./speakers/anthropic-messages.ts";
import { gemini } from "./speakers/gemini.ts";
import { ollama } from "./speakers/ollama.ts";
import { openaiChat } from "./speakers/openai-chat.ts";
import { openaiResponses } from "./speakers/openai-responses.ts";

export const SPEAKERS: readonly Speaker[] = [openaiChat, openaiResponses, anthropicMessages, gemini, ollama];
export const UPSTREAMS: Readonly<Record<string, { readonly kind: string; readonly model: string; readonly profile?: Partial<Profile> }>> = {
  openai: { kind: "openai", model: "gpt-4o" },
  "openai responses": { kind: "openai", model: "gpt-4o", profile: { dialect: "openai-responses", thinking: "effort" } },
  anthropic: { kind: "anthropic", model: "claude-sonnet-4-5" },
  gemini: { kind: "gemini", model: "gemini-2.5-flash" },
  ollama: { kind: "ollama", model: "qwen3" },
  vllm: { kind: "vllm", model: "qwen" },
};

/** One feature as one client has it over one upstream: nothing wrong with what was heard, or a decision that says why there is. */
export interface Cell {
  readonly feature: string;
  readonly client: string;
  readonly upstream: string;
  readonly problems: readonly string[];
  /** What does not fit its vendor's schema in what was sent upstream. */
  readonly misfits: readonly string[];
  readonly decision?: Decision;
}

/** Every client's dialect over every upstream's, feature by feature. */
export interface Matrix {
  fill(speaker: Speaker, upstream: string, feature: string): Promise<Cell>;
  /** All that was filled, as one table; a cell that was not is empty, one that is wrong and not decided says NO. */
  text(): string;
  stop(): Promise<void>;
}

export async function openMatrix(): Promise<Matrix> {
  const fake = await startFakeUpstream();
  const models = Object.fromEntries(Object.entries(UPSTREAMS).map(([name, upstream]) => [name, [{ ...upstream, url: fake.url }]]));
  const box = startBox({ models, policy: { attempts: 1 } });
  const cells = new Map<string, Cell>();

  const played = async (speaker: Speaker, upstream: string, feature: Feature, stream: boolean): Promise<Pick<Cell, "problems" | "misfits">> => {
    fake.forget();
    fake.play(feature.upstream ?? {});
    const { path, body } = speaker.ask(feature.ask, upstream, stream);
    const response = await box.post(path, body);
    const text = await response.text();
    const { status } = response;
    const problems: string[] = [];
    if (status !== (feature.status ?? 200)) problems.push(`status ${status}: ${text.slice(0, 300)}`);
    else {
      const heard = stream && status === 200 ? speaker.hearStream(text) : speaker.hearWhole(text);
      problems.push(...feature.wrong(heard), ...heard.problems);
    }
    const asked = fake.seen.map((seen) => seen.text).join("\n");
    if (status === 200)
      problems.push(...(feature.reaches ?? []).filter((words) => !asked.includes(words)).map((words) => `${words} did not reach the upstream`));
    problems.push(...box.complaints.map((failure) => `our own mistake: ${String(failure.cause)}`));
    const kind = UPSTREAMS[upstream]?.kind ?? "";
    const misfits = fake.seen.flatMap((seen) => requestMisfits({ dialect: dialectAt(seen.path) ?? seen.path, kind, body: seen.json }));
    return { problems: problems.map((problem) => `${stream ? "stream" : "whole"}: ${problem}`), misfits };
  };

  return {
    async fill(speaker, upstream, name) {
      const feature = FEATURES[name] as Feature;
      const runs = [...(feature.streamOnly ? [] : [await played(speaker, upstream, feature, false)]), await played(speaker, upstream, feature, true)];
      const decision = decisionFor(name, speaker.dialect, upstream);
      const misfits = runs.flatMap((run) => run.misfits);
      const problems = [...runs.flatMap((run) => run.problems), ...(decision?.misfits ? misfits : [])];
      const cell = { feature: name, client: speaker.dialect, upstream, problems, misfits: decision?.misfits ? [] : misfits, decision };
      cells.set(keyOf(cell), cell);
      return cell;
    },
    text: () => tableOf(cells),
    async stop() {
      await box.stop();
      await fake.stop();
    },
  };
}

const keyOf = ({ feature, client, upstream }: Pick<Cell, "feature" | "client" | "upstream">): string => `${client}|${upstream}|${feature}`;

function markOf(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  if (cell.problems.length === 0) return "yes";
  return cell.decision === undefined ? "NO" : `(${DECIDED.indexOf(cell.decision) + 1})`;
}

function tableOf(cells: ReadonlyMap<string, Cell>): string {
  const columns = SPEAKERS.flatMap(({ dialect }) => Object.keys(UPSTREAMS).map((upstream) => ({ client: dialect, upstream })));
  const rows = Object.keys(FEATURES).map((feature) => {
    const marks = columns.map((column) => markOf(cells.get(keyOf({ feature, ...column }))));
    return `| ${feature} | ${marks.join(" | ")} |`;
  });
  const heads = columns.map(({ client, upstream }) => `${client} → ${upstream}`);
  const notes = DECIDED.map(({ feature, why }, index) => `(${index + 1}) ${feature}: ${why}`);
  return [`| feature | ${heads.join(" | ")} |`, `|---|${heads.map(() => "---|").join("")}`, ...rows, "", notes.join("\\\n")].join("\n");
}
