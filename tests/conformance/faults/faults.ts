import type { DialectName } from "../../../src/vocabulary/dialect.ts";
import type { FailureKind } from "../../../src/vocabulary/failure.ts";
import type { JsonObject } from "../../../src/vocabulary/json.ts";
import { type Behaviour, failing, HTML_200, type ScriptedRequest } from "../../fakes/upstream/behaviours.ts";

/** The dialects chats are asked in upstream. */
export type Spoken = Extract<DialectName, "openai-chat" | "openai-responses" | "anthropic-messages" | "gemini" | "ollama">;

/** One way for an upstream to fail. */
export interface Fault {
  /** What the upstream does to a call of this dialect; `refused`: nobody is there. */
  readonly does: (asked: ScriptedRequest, dialect: Spoken, stream: boolean) => Behaviour;
  readonly refused?: true;
  /** It says nothing for ever: its deadlines are short. */
  readonly silent?: true;
  /** Content of its stream has reached the client by then. */
  readonly afterContent?: true;
  /** What the trace may call it: dialects have different words for an error inside an answer. */
  readonly kinds: readonly FailureKind[];
  /** The same of a stream whose content had begun, where that is another. */
  readonly kindsAfterContent?: readonly FailureKind[];
}

/** How many words there are, in how many pieces, before an upstream fails in the middle. */
export const BEFORE_IT_FAILS = 40;
const WORDS = 60;
const words = (letter: string, count = WORDS) => Array.from({ length: count }, (_, index) => `${letter}${index + 1} `);

/** What the failing upstream would have said, what came of it, and what the healthy one says: not a word in common. */
const SICK = words("s");
export const SICK_BEGAN = words("s", BEFORE_IT_FAILS).join("");
export const WELL = words("w");

/** What each of them counts. */
export const SICK_USAGE = { input: 900, output: 901 };
export const WELL_USAGE = { input: 7, output: WORDS };

/** Frames of a stream before its first word, and the name of the frame that has a word. */
const OPENINGS: Readonly<Record<Spoken, { readonly frames: number; readonly event?: string }>> = {
  "openai-chat": { frames: 1 },
  "openai-responses": { frames: 4, event: "response.output_text.delta" },
  "anthropic-messages": { frames: 3, event: "content_block_delta" },
  gemini: { frames: 0 },
  ollama: { frames: 0 },
};
const afterWords = (dialect: Spoken, count: number) => ({ afterFrames: OPENINGS[dialect].frames + count });

/** In a whole answer: somewhere among its words. */
const IN_THE_MIDDLE = { afterBytes: 200 };

const answer = { text: SICK, usage: SICK_USAGE };

/** A refusal that repeats the key it was called with, as some services do. */
function repeatingTheKey(status: number, asked: ScriptedRequest, dialect: Spoken): Behaviour {
  const { authorization, "x-api-key": anthropic, "x-goog-api-key": google } = asked.headers;
  const message = `No: ${authorization ?? anthropic ?? google}.`;
  const error = dialect === "ollama" ? message : { type: "error", message, code: null, param: null };
  return { reply: { status, body: { type: "error", error } } };
}

/** An answer of status 200 that is an error, as each dialect has it. */
function errorInstead(dialect: Spoken): Behaviour {
  const message = "The fake broke.";
  const bodies: Readonly<Record<Spoken, JsonObject>> = {
    "openai-chat": { error: { type: "server_error", message, code: null, param: null } },
    "openai-responses": { id: "resp_1", object: "response", status: "failed", output: [], error: { code: "server_error", message } },
    "anthropic-messages": { type: "error", error: { type: "api_error", message }, request_id: "req_fake" },
    gemini: { error: { code: 500, message, status: "INTERNAL" } },
    ollama: { error: message },
  };
  return { reply: { body: bodies[dialect] } };
}

const ours: readonly FailureKind[] = ["upstream-credentials"];
const broken: readonly FailureKind[] = ["upstream-error"];
const overloaded: readonly FailureKind[] = ["overloaded"];
const cut: readonly FailureKind[] = ["upstream-unreachable"];
const late: readonly FailureKind[] = ["upstream-timeout"];

/** Every fault, as the page names it. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  "the connection is refused": { refused: true, does: () => ({}), kinds: cut },
  "401, with our key in it": { does: (asked, dialect) => repeatingTheKey(401, asked, dialect), kinds: ours },
  "402, with our key in it": { does: (asked, dialect) => repeatingTheKey(402, asked, dialect), kinds: ours },
  "429, with our key in it": { does: (asked, dialect) => repeatingTheKey(429, asked, dialect), kinds: ["rate-limited"] },
  "status 500": { does: () => failing(500), kinds: broken },
  "status 529": { does: () => failing(529), kinds: overloaded },
  "200 with a page of HTML": { does: () => HTML_200, kinds: broken },
  silence: { silent: true, does: () => ({ stall: "before-headers" }), kinds: late },
  "200 with an error instead of an answer": {
    does: (_asked, dialect, stream) => (stream ? { answer, errorFrame: afterWords(dialect, 0) } : errorInstead(dialect)),
    kinds: [...broken, ...overloaded],
  },
  "a cut before the first word": {
    does: (_asked, dialect, stream) => ({ answer, cut: stream ? afterWords(dialect, 0) : "before-body" }),
    kinds: cut,
  },
  [`a cut after ${BEFORE_IT_FAILS} tokens`]: {
    afterContent: true,
    does: (_asked, dialect, stream) => ({ answer, cut: stream ? afterWords(dialect, BEFORE_IT_FAILS) : IN_THE_MIDDLE }),
    kinds: cut,
    kindsAfterContent: broken,
  },
  [`an orderly end after ${BEFORE_IT_FAILS} tokens`]: {
    afterContent: true,
    does: (_asked, dialect, stream) => (stream ? { answer, endAfterFrames: afterWords(dialect, BEFORE_IT_FAILS).afterFrames } : halfABody()),
    kinds: broken,
  },
  [`silence after ${BEFORE_IT_FAILS} tokens`]: {
    silent: true,
    afterContent: true,
    does: (_asked, dialect, stream) => ({ answer, stall: stream ? afterWords(dialect, BEFORE_IT_FAILS) : IN_THE_MIDDLE }),
    kinds: late,
  },
  [`an error after ${BEFORE_IT_FAILS} tokens`]: {
    afterContent: true,
    does: (_asked, dialect, stream) => (stream ? { answer, errorFrame: afterWords(dialect, BEFORE_IT_FAILS) } : errorInstead(dialect)),
    kinds: [...broken, ...overloaded],
  },
  "one line in the middle that is no JSON": {
    afterContent: true,
    does: (_asked, dialect, stream) => {
      if (!stream) return halfABody();
      const { event } = OPENINGS[dialect];
      return { answer, errorFrame: { ...afterWords(dialect, BEFORE_IT_FAILS), data: '{"choices":[{"del', event, goesOn: true } };
    },
    kinds: broken,
  },
};

/** JSON that stops, with a length that says it is all. */
function halfABody(): Behaviour {
  return { reply: { headers: { "content-type": "application/json" }, body: '{"id":"half","choices":[{"message":{"content":"s1 s2' } };
}
