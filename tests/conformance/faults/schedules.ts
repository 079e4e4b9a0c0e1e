import fc from "fast-check";
import type { BreakerSettings } from "../../../src/routing/health/breaker.ts";
import { type Behaviour, EMPTY_200, failing, HTML_200, HTML_502 } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";
import type { Speaker } from "../matrix/conversation.ts";
import { SPEAKERS } from "../matrix/matrix.ts";
import { DIALECTS, SERVICES } from "./cell.ts";
import { watchCircuits } from "./circuits.ts";

/** What upstreams do, call by call, whoever of them is asked; what clients ask meanwhile; and how the gateway is set. */
export interface Schedule {
  readonly weather: readonly string[];
  readonly clients: readonly ScheduledClient[];
  readonly attempts: number;
  /** Deployments of the model, and of its fallback. */
  readonly deployments: number;
  readonly fallbacks: number;
  readonly keys: number;
  readonly hedged: boolean;
  /** The status line of streams goes out before there is an answer. */
  readonly early: boolean;
  /** Deployments that fail are left alone for a moment, and each takes two calls at once, and as many wait. */
  readonly guarded: boolean;
}

interface ScheduledClient {
  readonly speaker: number;
  readonly stream: boolean;
  /** It hangs up: never, before an answer begins, or with its first bytes. */
  readonly leaves: "never" | "at once" | "with the first bytes";
}

/** Ways to answer a call, or not to. Words are put in for each call anew: no two answers are alike. */
const WEATHER: Readonly<Record<string, (answer: NonNullable<Behaviour["answer"]>) => Behaviour>> = {
  fine: (answer) => ({ answer }),
  "in small pieces": (answer) => ({ answer, chunks: 7 }),
  "all at once": (answer) => ({ answer, chunks: "whole" }),
  slow: (answer) => ({ answer, delay: 15 }),
  400: () => failing(400),
  401: () => failing(401),
  403: () => failing(403),
  429: () => failing(429),
  "429 with patience": () => failing(429, 60),
  500: () => failing(500),
  503: () => failing(503),
  529: () => failing(529),
  "HTML with 200": () => HTML_200,
  "HTML with 502": () => HTML_502,
  "nothing with 200": () => EMPTY_200,
  "a refusal": () => ({ answer: { text: "", finish: "content-filter" } }),
  "a cut before headers": () => ({ cut: "before-headers" }),
  "a cut before the body": () => ({ cut: "before-body" }),
  "a cut early": (answer) => ({ answer, cut: { afterFrames: 2 } }),
  "a cut in the middle": (answer) => ({ answer, cut: { afterFrames: 8 } }),
  "a cut within a word": (answer) => ({ answer, cut: { afterBytes: 700 } }),
  "an early end": (answer) => ({ answer, endAfterFrames: 8 }),
  "an error at first": (answer) => ({ answer, errorFrame: { afterFrames: 0 } }),
  "an error in the middle": (answer) => ({ answer, errorFrame: { afterFrames: 8 } }),
  "a bad line": (answer) => ({ answer, errorFrame: { afterFrames: 8, data: '{"oh', goesOn: true } }),
  "silence at first": () => ({ stall: "before-headers" }),
  "silence before the body": () => ({ stall: "before-body" }),
  "silence in the middle": (answer) => ({ answer, stall: { afterFrames: 8 } }),
};

const WORDS = 12;
const answerOf = (call: number) => Array.from({ length: WORDS }, (_, word) => `c${call}w${word} `);

export const schedules: fc.Arbitrary<Schedule> = fc.record({
  weather: fc.array(fc.oneof({ weight: 1, arbitrary: fc.constant("fine") }, { weight: 4, arbitrary: fc.constantFrom(...Object.keys(WEATHER)) }), {
    minLength: 24,
    maxLength: 24,
  }),
  clients: fc.array(
    fc.record({
      speaker: fc.nat(SPEAKERS.length - 1),
      stream: fc.boolean(),
      leaves: fc.oneof({ weight: 8, arbitrary: fc.constant("never" as const) }, fc.constantFrom("at once" as const, "with the first bytes" as const)),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  attempts: fc.integer({ min: 1, max: 4 }),
  deployments: fc.integer({ min: 1, max: 3 }),
  fallbacks: fc.integer({ min: 0, max: 2 }),
  keys: fc.integer({ min: 1, max: 2 }),
  hedged: fc.boolean(),
  early: fc.boolean(),
  guarded: fc.boolean(),
});

/** How a request ended, for those who count. */
export type Ending = "answered at once" | "answered after failures" | "failed before content" | "failed after content" | "left";

/** Plays a schedule over upstreams and a gateway of its own, and gives how its requests ended. Throws for whatever must not be. */
export async function play(schedule: Schedule): Promise<readonly Ending[]> {
  let calls = 0;
  const fake = await startFakeUpstream(() => {
    circuits.look();
    const call = calls++;
    const way = WEATHER[weatherAt(schedule, call)];
    if (way === undefined) throw new Error("There is no such weather.");
    return way({ text: answerOf(call) });
  });
  const box = boxFor(schedule, fake);
  const circuits = watchCircuits(box, schedule.guarded ? BREAKER : NO_BREAKER);
  try {
    const sights = await Promise.all(schedule.clients.map((client, index) => ask(client, `client ${index} of all`, box)));
    const stayed = sights.filter(({ left }) => !left).length;
    await until("every request to be over", () => box.inFlight() === 0 && box.records.length >= stayed);
    await until("every upstream to be let go", () => fake.seen.every(({ ending }) => ending !== undefined));
    await until("every seat to be given back", () => box.routing.standings.report().every(({ inFlight, queued }) => inFlight + queued === 0), 5000);
    circuits.look();
    const wrong = [
      ...circuits.wrong(),
      ...(box.records.length > sights.length || new Set(box.records.map(({ id }) => id)).size < box.records.length ? ["a request was settled twice"] : []),
      ...box.complaints.map((failure) => `our own mistake: ${String(failure.facts.cause)}`),
    ];
    const endings = sights.map((sight) => endingOf(sight, schedule, fake, box, wrong));
    if (wrong.length > 0) throw new Error(wrong.join("\n"));
    return endings;
  } finally {
    await box.stop();
    await fake.stop();
  }
}

const weatherAt = ({ weather }: Schedule, call: number): string => weather[call % weather.length] ?? "fine";

/** Of silence, and of a whole attempt. Short: a healthy answer that comes too late is only one more failure. Milliseconds. */
const DEADLINES = { firstToken: 60, idle: 60, total: 120 };

const BREAKER: BreakerSettings = { enabled: true, failures: 2, window: 1000, open: 25 };
const NO_BREAKER: BreakerSettings = { ...BREAKER, enabled: false };

function boxFor({ deployments, fallbacks, keys, attempts, hedged, early, guarded }: Schedule, fake: FakeUpstream): TestBox {
  const each = (name: string, count: number) =>
    Array.from({ length: count }, (_, index) => {
      const dialect = DIALECTS[(index + name.length) % DIALECTS.length] ?? "openai-chat";
      const tokens = Array.from({ length: keys }, (_key, at) => `sk-${name}-${at}-0123456789`);
      const more = guarded ? { limits: { maxConcurrent: 2, maxQueue: 2 } } : {};
      return { ...SERVICES[dialect], url: fake.url, profile: { dialect, deadlines: DEADLINES }, keys: tokens, more };
    });
  const others = fallbacks === 0 ? [] : ["other"];
  return startBox({
    models: { m: each("m", deployments), ...(fallbacks === 0 ? {} : { other: each("other", fallbacks) }) },
    more: { m: { fallbacks: others, contextFallbacks: others, contentFallbacks: others, ...(hedged ? { hedge: { after: 10, percent: 100 } } : {}) } },
    policy: { attempts, holdStatus: early ? 10 : 8000, comment: 20 },
    routing: guarded ? { breaker: BREAKER, outliers: { enabled: true, slower: 4, rest: 50 }, patience: 200 } : {},
  });
}

/** What one client saw. */
interface Sight {
  readonly name: string;
  readonly speaker: Speaker;
  readonly stream: boolean;
  readonly left: boolean;
  readonly status?: number;
  readonly id?: string;
  readonly text?: string;
  /** When the first words of an answer had come, on `performance.now()`. */
  readonly contentAt?: number;
}

async function ask({ speaker: which, stream, leaves }: ScheduledClient, name: string, box: TestBox): Promise<Sight> {
  const speaker = SPEAKERS[which] as Speaker;
  const { path, body } = speaker.ask({ turns: [{ user: `I am ${name}.` }] }, "m", stream);
  const leaving = new AbortController();
  if (leaves === "at once") setTimeout(() => leaving.abort(), 0);
  try {
    const response = await box.post(path, body, { signal: leaving.signal });
    const decoder = new TextDecoder();
    let text = "";
    let contentAt: number | undefined;
    for await (const bytes of response.body ?? []) {
      text += decoder.decode(bytes, { stream: true });
      if (/c\d+w\d/.test(text)) contentAt ??= performance.now();
      if (leaves === "with the first bytes") leaving.abort();
    }
    return { name, speaker, stream, left: false, status: response.status, id: response.headers.get("x-request-id") ?? "", text, contentAt };
  } catch (thrown) {
    if (!leaving.signal.aborted) throw thrown;
    return { name, speaker, stream, left: true };
  }
}

/** How it ended, and what is wrong with that. */
function endingOf(sight: Sight, schedule: Schedule, fake: FakeUpstream, box: TestBox, wrong: string[]): Ending {
  const { name, speaker, stream, left, status, id, text = "", contentAt = Number.POSITIVE_INFINITY } = sight;
  const complain = (what: string) => void wrong.push(`${name} (${speaker.dialect}, ${stream ? "stream" : "whole"}): ${what}`);
  const calls = fake.seen.flatMap((seen, call) => (seen.text.includes(name) ? [{ call, seen }] : []));
  if (calls.length > schedule.attempts) complain(`${calls.length} calls for ${schedule.attempts} tries`);
  if (left) return "left";

  const record = box.records.find((each) => each.id === id);
  if (record === undefined) complain("no record");
  const attempts = record?.trace.attempts ?? [];
  if (attempts.length > schedule.attempts) complain(`${attempts.length} attempts in the trace for ${schedule.attempts} tries`);
  // A call that was on its way already may arrive later, if two are on their way at once.
  if (!schedule.hedged && calls.some(({ seen }) => seen.at > contentAt)) complain("an upstream was asked after content");
  const answered = attempts.find(({ decision }) => decision === "answered");
  if (answered !== undefined && attempts.some(({ startedMs }) => startedMs > (answered.firstTokenMs ?? 0))) complain("an attempt began after the answer had");

  const heard = status === 200 && stream ? speaker.hearStream(text) : speaker.hearWhole(text);
  for (const problem of heard.problems) complain(problem);
  const failed = heard.error !== undefined;
  if (!failed && status !== 200) complain(`status ${status} without an error: ${text.slice(0, 200)}`);
  if (failed && status === 200 && !stream) complain("an error in a whole answer of status 200");
  if (record !== undefined && (record.outcome !== (failed ? "failed" : "ok") || record.status !== status))
    complain(`recorded as ${record.outcome}, ${record.status}`);
  const begun = heard.text !== "";
  const whose = calls.filter(({ call }) => answerOf(call).join("").startsWith(heard.text));
  if (begun && whose.length !== 1) complain(`nobody said ${JSON.stringify(heard.text)}`);
  if (!failed) {
    const whole = begun
      ? whose.some(({ call }) => answerOf(call).join("") === heard.text)
      : calls.some(({ call }) => weatherAt(schedule, call) === "a refusal");
    if (!whole || heard.finish === undefined) complain(`half an answer that looks whole: ${JSON.stringify(heard)}`);
    return attempts.length > 1 ? "answered after failures" : "answered at once";
  }
  return begun ? "failed after content" : "failed before content";
}
