import { describe, expect, test } from "bun:test";
import type { FailureKind } from "../../../src/vocabulary/failure.ts";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { startBox } from "../../harness/box.ts";
import { twoUpstreams } from "../../harness/two-upstreams.ts";
import { DIALECTS, SERVICES } from "../faults/cell.ts";
import type { Spoken } from "../faults/faults.ts";
import type { Speaker, Understood } from "../matrix/conversation.ts";
import { SPEAKERS } from "../matrix/matrix.ts";

/** Other models: for those that fail, for prompts too long, for prompts that are refused. Each has its own list, and a list is used for nothing else. */
const LISTS = { fallbacks: ["plain"], contextFallbacks: ["long"], contentFallbacks: ["permissive"] };
const OTHERS = ["plain", "long", "permissive"];
const {
  fake: sick,
  second: well,
  box,
} = await twoUpstreams((fake, second) => ({
  models: {
    ...Object.fromEntries(DIALECTS.map((dialect) => [dialect, [{ ...SERVICES[dialect], url: fake.url, profile: { dialect } }]])),
    alone: [{ kind: "openai", url: fake.url }],
    two: [
      { kind: "openai", url: fake.url, more: { contextWindow: 8000 } },
      { kind: "openai", url: second.url, model: "wide", more: { contextWindow: 200_000 } },
      { kind: "openai", url: fake.url, model: "narrow", more: { contextWindow: 4000 } },
    ],
    ...Object.fromEntries(OTHERS.map((name) => [name, [{ kind: "openai-compatible", url: second.url }]])),
  },
  more: { ...Object.fromEntries([...DIALECTS, "two"].map((name) => [name, LISTS])) },
}));

async function ask(speaker: Speaker, model: string, stream: boolean): Promise<Understood> {
  const { path, body } = speaker.ask({ turns: [{ user: "hello" }] }, model, stream);
  const response = await box.post(path, body);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`status ${response.status}: ${text}`);
  return stream ? speaker.hearStream(text) : speaker.hearWhole(text);
}

/** An error in the words of a service. */
function error(dialect: Spoken, message: string, code: string | null = null): Behaviour {
  const inside = { type: "invalid_request_error", message, code, param: null };
  return { reply: { status: 400, body: { type: "error", error: dialect === "ollama" ? message : inside } } };
}

const NO = "I cannot help with that.";
const OPENAI: readonly Spoken[] = ["openai-chat", "openai-responses"];

interface Mishap {
  readonly does: (dialect: Spoken) => Behaviour;
  readonly kind: FailureKind;
  readonly answers: string;
  /** Who can say this at all; absent: everybody. */
  readonly saidBy?: readonly Spoken[];
}

const MISHAPS: Readonly<Record<string, Mishap>> = {
  "a failure": { does: () => failing(500), kind: "upstream-error", answers: "plain" },
  "a prompt that is too long": {
    does: (dialect) => error(dialect, "prompt is too long: 9000 tokens > 8192 maximum", "context_length_exceeded"),
    kind: "context-overflow",
    answers: "long",
  },
  "an error of the provider's filter": {
    does: (dialect) => error(dialect, "The response was filtered.", "content_filter"),
    kind: "content-refused",
    answers: "permissive",
    saidBy: OPENAI,
  },
  "nothing but an end by the filter": {
    does: () => ({ answer: { text: "", finish: "content-filter" } }),
    kind: "content-refused",
    answers: "permissive",
    saidBy: ["openai-chat", "openai-responses", "anthropic-messages", "gemini"],
  },
  // Claude refuses with a stop reason, in no words of its own.
  "a refusal": {
    does: (dialect) => ({ answer: refusalOf(dialect) }),
    kind: "content-refused",
    answers: "permissive",
    saidBy: [...OPENAI, "anthropic-messages"],
  },
};

function refusalOf(dialect: Spoken): Behaviour["answer"] {
  return dialect === "anthropic-messages" ? { text: "", finish: "refusal" } : { refusal: NO };
}

describe.each(Object.entries(MISHAPS))("%s", (_name, { does, kind, answers, saidBy = DIALECTS }) => {
  describe.each(saidBy)("of %s", (upstream) => {
    test.each(SPEAKERS.map((speaker) => [speaker.dialect, speaker] as const))(`sends %s to ${answers}`, async (_dialect, speaker) => {
      for (const stream of [false, true]) {
        const before = box.records.length;
        sick.play(does(upstream));
        well.play({ models: Object.fromEntries(OTHERS.map((name) => [name, { answer: { text: `I am ${name}.` } }])) });
        const { text, finish, problems } = await ask(speaker, upstream, stream);
        expect([text, finish, problems]).toEqual([`I am ${answers}.`, "done", []]);
        const { trace, outcome, deployment } = await box.record(before);
        expect([outcome, deployment, trace.attempts.map(({ failure }) => failure)]).toEqual(["ok", `openai-compatible/${answers}`, [kind, undefined]]);
        expect(trace.attempts[1]?.why).toStartWith(`fallback ${answers}`);
      }
    });
  });
});

describe("a refusal reaches the client", () => {
  const refuses: Behaviour = { answer: { refusal: NO } };
  test.each([false, true])("where no other model is named for it; stream: %p", async (stream) => {
    sick.play(refuses);
    expect(await ask(SPEAKERS[0] as Speaker, "alone", stream)).toMatchObject({ text: NO, finish: "refused", problems: [] });
    expect([sick.seen.length, well.seen.length]).toEqual([1, 0]);
  });

  test.each([false, true])("when the one named for it refuses too; stream: %p", async (stream) => {
    sick.play(refuses);
    well.play({ answer: { refusal: "Nor can I." } });
    expect(await ask(SPEAKERS[0] as Speaker, "openai-chat", stream)).toMatchObject({ text: "Nor can I.", finish: "refused", problems: [] });
    expect([sick.seen.length, well.seen.length]).toEqual([1, 1]);
  });

  test.each([false, true])("when something was said before it; stream: %p", async (stream) => {
    sick.play({ answer: { text: "I was about to", finish: "content-filter" } });
    expect(await ask(SPEAKERS[0] as Speaker, "openai-chat", stream)).toMatchObject({ text: "I was about to", finish: "refused", problems: [] });
    expect(well.seen.length).toBe(0);
  });
});

test("a prompt that is too long goes first to a deployment with a larger window, and never to a smaller", async () => {
  sick.play(MISHAPS["a prompt that is too long"]?.does("openai-chat") ?? {});
  well.play({ models: { wide: failing(500), long: { answer: { text: "I am long." } } } });
  const { text } = await ask(SPEAKERS[0] as Speaker, "two", false);
  expect(text).toBe("I am long.");
  expect([...sick.seen, ...well.seen].map(({ model }) => model)).toEqual(["two", "wide", "long"]);
});

test("a model all of whose deployments are left alone is not asked while a fallback answers", async () => {
  const guarded = startBox({
    models: { m: [{ kind: "openai", url: sick.url }], plain: [{ kind: "openai-compatible", url: well.url }] },
    fallbacks: { m: ["plain"] },
    routing: { breaker: { enabled: true, failures: 2, window: 60_000, open: 60_000 } },
  });
  sick.play(failing(500));
  for (let request = 0; request < 6; request++) {
    const response = await guarded.post("/v1/chat/completions", { model: "m", messages: [{ role: "user", content: "hello" }] });
    await response.text();
    expect(response.status).toBe(200);
  }
  expect([sick.seen.length, well.seen.length]).toEqual([2, 6]);
  await guarded.stop();
});
