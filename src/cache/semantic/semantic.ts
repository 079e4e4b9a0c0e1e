import type { Caller } from "../../vocabulary/caller.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import type { KeptAnswer } from "../keep/answer.ts";
import { keyOf, type Question } from "../key/key.ts";
import { lastWords } from "./last-words.ts";
import { Neighbours, similarityOf } from "./neighbours.ts";

/** What the config says, read anew for each request. */
export interface SemanticPolicy {
  readonly mode: "off" | "shadow" | "on";
  /** Public names. */
  readonly models: readonly string[];
  /** How near two questions must be: 1 is the same. */
  readonly similarity: number;
}

/** A question that nearly the same may have been asked before. */
export interface Probe {
  readonly mode: "shadow" | "on";
  readonly text: string;
  /** Tenant, model and all but the text. */
  readonly scope: string;
  readonly similarity: number;
  readonly caller: Caller;
}

/** How often an answer to nearly the same question would have been right. */
export interface ShadowCounts {
  readonly true: number;
  readonly false: number;
}

export interface SemanticCache {
  /** `undefined` where it is off, and for what is more than a plain question. */
  probe(question: Question): Probe | undefined;
  /** What the text means; `undefined` when nobody says so in time. Never rejects. */
  meaning(probe: Probe): Promise<Float32Array | undefined>;
  /** The key of the answer to nearly the same question. */
  near(probe: Probe, meaning: Float32Array): string | undefined;
  /** The question's answer is kept under this key, for so many milliseconds. */
  learn(probe: Probe, meaning: Float32Array, key: string, milliseconds: number): void;
  /** Notes whether the answer to nearly the same question would have done for this one. */
  compare(probe: Probe, wouldBe: KeptAnswer, answer: KeptAnswer): Promise<void>;
  forget(beginning: string): void;
  state(): { readonly questions: number; readonly shadow: ShadowCounts };
}

export interface SemanticParts {
  readonly policy: () => SemanticPolicy;
  /** The vector of a text, on the caller's account. */
  readonly embed: (text: string, caller: Caller) => Promise<Float32Array>;
  /** Most questions remembered. */
  readonly most: number;
  readonly clock: Clock;
}

/** Two answers whose meaning is so near say the same. */
const SAME_ANSWER = 0.9;

/** Questions that mean nearly the same share an answer, or only note how that would have gone. */
export function semanticCache({ policy, embed, most, clock }: SemanticParts): SemanticCache {
  const neighbours = new Neighbours({ most, clock });
  const shadow = { true: 0, false: 0 };
  const meaningOf = (text: string, caller: Caller): Promise<Float32Array | undefined> => embed(text, caller).catch(() => undefined);
  return {
    probe(question) {
      const { mode, models, similarity } = policy();
      if (mode === "off" || question.operation !== "chat" || !models.includes(question.model)) return undefined;
      const words = lastWords(question.call);
      if (words === undefined) return undefined;
      const scope = keyOf({ ...question, call: { ...question.call, json: words.rest } });
      return { mode, text: words.text, scope, similarity, caller: question.caller };
    },
    meaning: ({ text, caller }) => meaningOf(text, caller),
    near({ scope, similarity }, meaning) {
      const nearest = neighbours.nearest(scope, meaning);
      return nearest !== undefined && nearest.similarity >= similarity ? nearest.key : undefined;
    },
    learn: ({ scope }, meaning, key, milliseconds) => neighbours.add(scope, key, meaning, milliseconds),
    async compare({ caller }, wouldBe, answer) {
      const [one, other] = [wordsOf(wouldBe), wordsOf(answer)];
      if (one === other) {
        shadow.true++;
        return;
      }
      const [a, b] = await Promise.all([meaningOf(one, caller), meaningOf(other, caller)]);
      if (a !== undefined && b !== undefined) shadow[similarityOf(a, b) >= SAME_ANSWER ? "true" : "false"]++;
    },
    forget: (beginning) => neighbours.forget(beginning),
    state: () => ({ questions: neighbours.size, shadow: { ...shadow } }),
  };
}

/** What an answer says, its thinking left out. */
function wordsOf({ said }: KeptAnswer): string {
  return said.type === "chat" ? said.events.map((event) => (event.type === "text" ? event.text : "")).join("") : "";
}
