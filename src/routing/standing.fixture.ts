import type { Ability, Deployment } from "../vocabulary/deployment.ts";
import type { Prompt } from "./ask.ts";
import type { Pace, Standing, Standings } from "./standing.ts";

/** How a deployment stands in a test: what is not said is as if it had just begun, and well. */
export interface TestStanding extends Partial<Omit<Standing, "pace" | "resting" | "usedUp" | "nextKey">> {
  readonly pace?: Partial<Pace>;
  /** Why it rests. */
  readonly rests?: string;
  /** Does it rest because that is used up, and until when? */
  readonly usedUpUntil?: number;
}

/** Standings by the deployments' ids; the rows may be changed meanwhile. */
export function testStandings(rows: Record<string, TestStanding> = {}): Standings {
  const known = new Map<string, Standing>();
  return {
    forgotten: 0,
    alarms: 0,
    get calls() {
      return Int32Array.from(known.values(), ({ inFlight, queued }) => inFlight + queued);
    },
    of(deployment) {
      const standing = known.get(deployment.id) ?? testStanding(deployment, rows, known.size);
      known.set(deployment.id, standing);
      return standing;
    },
  };
}

function testStanding({ id, service }: Deployment, rows: Record<string, TestStanding>, slot: number): Standing {
  return {
    slot,
    get inFlight() {
      return rows[id]?.inFlight ?? 0;
    },
    get queued() {
      return rows[id]?.queued ?? 0;
    },
    get pace() {
      return { firstToken: undefined, perToken: undefined, answerTokens: undefined, answers: 0, since: 0, ...rows[id]?.pace };
    },
    get hitRate() {
      return rows[id]?.hitRate ?? 0;
    },
    get tokenFactor() {
      return rows[id]?.tokenFactor ?? 1;
    },
    get isPlain() {
      return rows[id]?.isPlain ?? false;
    },
    resting: () => rows[id]?.rests,
    usedUp() {
      const { rests = "", usedUpUntil: until } = rows[id] ?? {};
      return until === undefined ? undefined : { what: rests, until };
    },
    nextKey: () => service.keys.at(-1) ?? service.keys[0],
  };
}

/** A prompt of so many tokens, four bytes each; it notes whether anybody read it. */
export function testPrompt({ tokens = 10, answer, needs = [], text = "" }: TestPrompt = {}): Prompt & { read: boolean } {
  const prompt = {
    read: false,
    bytes: Math.max(tokens * 4, Buffer.byteLength(text)),
    tokens() {
      prompt.read = true;
      return tokens;
    },
    answerTokens: () => answer,
    needs() {
      prompt.read = true;
      return new Set(needs);
    },
    text() {
      prompt.read = true;
      return text;
    },
  };
  return prompt;
}

export interface TestPrompt {
  readonly tokens?: number;
  /** The most its answer may have. */
  readonly answer?: number;
  readonly needs?: readonly Ability[];
  readonly text?: string;
}
