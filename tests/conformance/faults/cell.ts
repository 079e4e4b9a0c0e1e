import type { RequestRecord } from "../../../src/vocabulary/record.ts";
import type { Usage } from "../../../src/vocabulary/usage.ts";
import { refusingAddress, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestDeployment, UPSTREAM_KEY } from "../../harness/box.ts";
import type { Speaker, Understood } from "../matrix/conversation.ts";
import { BEFORE_IT_FAILS, type Fault, SICK_BEGAN, SICK_USAGE, type Spoken, WELL, WELL_USAGE } from "./faults.ts";

/** Where chats are asked upstream: each dialect, and a service that speaks it. */
export const SERVICES: Readonly<Record<Spoken, Pick<TestDeployment, "kind" | "model">>> = {
  "openai-chat": { kind: "openai", model: "gpt-4o" },
  "openai-responses": { kind: "openai", model: "gpt-4.1" },
  "anthropic-messages": { kind: "anthropic", model: "claude-sonnet-4-5" },
  gemini: { kind: "gemini", model: "gemini-2.5-flash" },
  ollama: { kind: "ollama", model: "llama3.2" },
};
export const DIALECTS = Object.keys(SERVICES) as Spoken[];

/** One call of one client to a model whose first deployment, of this dialect, has a fault. */
export interface Case {
  readonly fault: Fault;
  readonly client: Speaker;
  readonly upstream: Spoken;
  readonly stream: boolean;
}

/** What is wrong with what came of it; nothing where all is as it should be. */
export type Play = (of: Case) => Promise<readonly string[]>;

/** A failing upstream and a healthy one, for any number of cases at once. */
export async function openCases(): Promise<{ readonly play: Play; stop(): Promise<void> }> {
  const nobody = await refusingAddress();
  const well = await startFakeUpstream({ answer: { text: WELL, usage: WELL_USAGE } });
  return {
    async play(of) {
      // Its own: nobody else's calls are among those it saw.
      const sick = await startFakeUpstream((asked) => of.fault.does(asked, of.upstream, of.stream));
      const box = startBox({ ...modelsOf(of, of.fault.refused ? nobody : sick.url, well.url) });
      try {
        const { path, body } = of.client.ask({ turns: [{ user: "hello" }] }, "m", of.stream);
        const response = await box.post(path, body);
        const text = await response.text();
        const record = await box.record(0);
        const understood = response.status !== 200 ? undefined : of.stream ? of.client.hearStream(text) : of.client.hearWhole(text);
        const told = JSON.stringify([...response.headers]) + text + JSON.stringify(box.records);
        return [
          ...(understood === undefined ? [`status ${response.status}: ${text.slice(0, 200)}`] : judge(of, understood, record)),
          ...(told.includes(UPSTREAM_KEY) ? [`our key is in ${told}`] : []),
          ...(box.records.length === 1 && box.inFlight() === 0 ? [] : [`${box.records.length} records, ${box.inFlight()} in flight`]),
          ...box.complaints.map((failure) => `our own mistake: ${String(failure.facts.cause)}`),
          ...(sick.seen.length <= 1 ? [] : [`the failing upstream was asked ${sick.seen.length} times`]),
        ];
      } finally {
        await box.stop();
        await sick.stop();
      }
    },
    stop: () => well.stop(),
  };
}

/** Short enough for silence to end, long enough for forty words on a busy machine. */
const PATIENCE = 400;

function modelsOf({ fault, upstream, stream }: Case, sick: string, well: string) {
  const deadlines = !fault.silent ? {} : stream ? { firstToken: PATIENCE, idle: PATIENCE } : { total: PATIENCE };
  const other = DIALECTS[(DIALECTS.indexOf(upstream) + 1) % DIALECTS.length] as Spoken;
  const at = (dialect: Spoken, url: string) => ({ ...SERVICES[dialect], url, profile: { dialect } });
  return {
    // The healthy one speaks another dialect: what failed must leave nothing behind.
    models: { m: [{ ...at(upstream, sick), profile: { dialect: upstream, deadlines } }], other: [at(other, well)] },
    fallbacks: { m: ["other"] },
  };
}

/** Does this fault of such an answer show? */
export const shows = (fault: Fault, stream: boolean): boolean => stream && fault.afterContent === true;

/** The upstream had not come to its counts: ours are about one token for each word. Gemini's come with every frame. */
function countsWhatCame(usage: Usage | undefined, upstream: Spoken): boolean {
  if (usage === undefined) return false;
  if (usage.evidence === "reported") return upstream === "gemini" && usage.output === SICK_USAGE.output;
  return usage.output >= BEFORE_IT_FAILS / 2 && usage.output <= BEFORE_IT_FAILS * 2 && usage.input > 0;
}

function judge({ fault, upstream, stream }: Case, heard: Understood, record: RequestRecord): string[] {
  const wrong = [...heard.problems];
  const is = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) wrong.push(`${what}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`);
  };
  const [first, second, ...more] = record.trace.attempts;
  is("attempts after the second", more.length, 0);
  is("status", record.status, 200);
  if (shows(fault, stream)) {
    is("text", heard.text, SICK_BEGAN);
    is("an error", typeof heard.error, "string");
    is("a second attempt", second, undefined);
    is("outcome", record.outcome, "failed");
    if (!(fault.kindsAfterContent ?? fault.kinds).some((kind) => kind === record.failure)) wrong.push(`it failed with ${record.failure}`);
    if (!countsWhatCame(record.usage, upstream)) wrong.push(`usage ${JSON.stringify(record.usage)}`);
    return wrong;
  }
  is("text", heard.text, WELL.join(""));
  is("an error", heard.error, undefined);
  is("its end", heard.finish, "done");
  if (!fault.kinds.some((kind) => kind === first?.failure)) wrong.push(`the first attempt failed with ${first?.failure}`);
  is("the second attempt", second?.decision, "answered");
  is("outcome", record.outcome, "ok");
  is("served by", record.deployment, second?.deployment);
  is("input", record.usage?.input, WELL_USAGE.input);
  is("output", record.usage?.output, WELL_USAGE.output);
  is("usage", record.usage?.evidence, "reported");
  is("output as the client was told", heard.usage?.output, WELL_USAGE.output);
  return wrong;
}
