import { promptTokens, type Usage } from "../../vocabulary/usage.ts";
import type { Pace } from "../standing.ts";
import { Fading } from "./fading.ts";

/** What is seen of speed changes within a minute, what is seen of prompts within the hour. Milliseconds. */
const SPEED_FADES = 30_000;
const PROMPTS_FADE = 600_000;
/** However many answers there were: who was quick a thousand times in this minute, and is slow now, is slow. */
const MOST_ANSWERS = 20;
/** An estimate is never further off than so many times: past that the count is of something else. */
const FURTHEST_OFF = 10;

/** How an answer went. Times on a clock that never goes back. */
export interface Answer {
  readonly began: number;
  /** Its first content, if it came in pieces. */
  readonly answered: number | undefined;
  readonly finished: number;
  readonly usage: Usage | undefined;
}

/** How fast a deployment answers, and how many tokens its prompts have, lately. */
export class PaceKeeper implements Pace {
  readonly since: number;
  answers = 0;
  readonly #firstToken = new Fading(SPEED_FADES, MOST_ANSWERS);
  readonly #perToken = new Fading(SPEED_FADES);
  readonly #answerTokens = new Fading(PROMPTS_FADE);
  readonly #hitRate = new Fading(PROMPTS_FADE);
  readonly #tokenFactor = new Fading(PROMPTS_FADE);

  constructor(now: number) {
    this.since = now;
  }

  get firstToken(): number | undefined {
    return this.#firstToken.mean;
  }

  get perToken(): number | undefined {
    return this.#perToken.mean;
  }

  get answerTokens(): number | undefined {
    return this.#answerTokens.mean;
  }

  get hitRate(): number {
    return this.#hitRate.mean ?? 0;
  }

  get tokenFactor(): number {
    return this.#tokenFactor.mean ?? 1;
  }

  /** How many answers lately the time to the first token is known from. */
  evidence(now: number): number {
    return this.#firstToken.weightAt(now);
  }

  /** The first content of an answer that comes in pieces. */
  answered(began: number, now: number): void {
    this.#firstToken.add(now - began, now);
  }

  finished({ began, answered, finished, usage }: Answer): void {
    this.answers++;
    const output = usage?.output ?? 0;
    if (answered === undefined) {
      // A whole answer: what generating it took is not the wait for its first token.
      this.#firstToken.add(Math.max(0, finished - began - (this.perToken ?? 0) * output), finished);
    } else if (output > 1) this.#perToken.add((finished - answered) / (output - 1), finished, output - 1);
    if (usage === undefined) return;
    if (output > 0) this.#answerTokens.add(output, finished);
    const prompt = promptTokens(usage);
    if (usage.evidence !== "reported" || prompt === 0) return;
    this.#hitRate.add(usage.cacheRead / prompt, finished, prompt);
  }

  /** A prompt estimated at so many tokens turned out to have those of its usage. */
  counted(usage: Usage, estimated: number, now: number): void {
    const prompt = promptTokens(usage);
    if (usage.evidence !== "reported" || prompt === 0 || estimated <= 0) return;
    this.#tokenFactor.add(Math.min(FURTHEST_OFF, Math.max(1 / FURTHEST_OFF, prompt / estimated)), now, estimated);
  }

  /** What was slow so far says nothing of what comes: it is given a fresh start. */
  fade(): void {
    this.#firstToken.fade();
  }
}
