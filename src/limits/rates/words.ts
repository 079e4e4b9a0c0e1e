import { Failure } from "../../vocabulary/failure.ts";
import { type Reading, remainingOf } from "./reading.ts";
import type { Limited, RateKind, Rule } from "./rule.ts";

/** What is limited, in words that follow a number. */
export const WHAT: Readonly<Record<RateKind, string>> = {
  second: "requests per second",
  minute: "requests per minute",
  hour: "requests per hour",
  tokens: "tokens per minute",
  parallel: "requests at once",
};

/** The failure of a request that a limit turns away. `tokens`: what it asked for. */
export function refusal(reading: Reading, tokens: number): Failure {
  const { wait } = reading;
  const text = `${explained(reading)} ${whatNext(reading, tokens)}`;
  return new Failure("rate-limited", text, Number.isFinite(wait) ? { retryAfter: Math.ceil(wait) / 1000 } : { hopeless: true });
}

/** Which limit it is, how much of it is used and when it is whole again: told to whoever is turned away, and to whoever asks how things stand. */
export function explained(reading: Reading): string {
  const { of, rule, used, resets } = reading;
  const state =
    rule.kind === "parallel"
      ? `${used} ${used === 1 ? "is" : "are"} running`
      : used === 0
        ? "none is used"
        : `${remainingOf(reading)} ${remainingOf(reading) === 1 ? "is" : "are"} left, and all again in ${duration(resets)}`;
  return `${whose(of)} may ${rule.kind === "tokens" ? "use" : "make"} ${limitOf(rule)}: ${state}.`;
}

function whatNext({ rule, wait }: Reading, tokens: number): string {
  if (rule.kind === "tokens") {
    const needs = `This request may need ${tokens} (its prompt and its answer, by an estimate)`;
    return Number.isFinite(wait)
      ? `${needs}, and fits in ${duration(wait)}.`
      : `${needs}, which never fits. Shorten the prompt or ask for less with max_tokens.`;
  }
  if (!Number.isFinite(wait)) return "This request never fits.";
  return rule.kind === "parallel" ? "Ask again when one has ended." : `The next fits in ${duration(wait)}.`;
}

function limitOf({ kind, limit, burst, whole }: Rule): string {
  const most = `${Math.round(limit * 100) / 100} ${limit === 1 ? WHAT[kind].replace(/s\b/, "") : WHAT[kind]}`;
  const atOnce = kind === "second" && burst !== limit ? ` and ${burst} at once` : "";
  return `${most}${atOnce}${whole === undefined ? "" : ` (this gateway's share of ${whole} while the gateways cannot count together)`}`;
}

function whose({ scope, id }: Limited): string {
  switch (scope) {
    case "ip":
      return "This address";
    case "key":
      return "This key";
    case "user":
      return "This user";
    case "team":
      return "This team";
    case "model":
      return `All callers of ${id} together`;
    case "global":
      return "All callers together";
    case "settings":
      return "Who changes settings";
    default:
      return scope satisfies never;
  }
}

/** So many milliseconds for people, rounded up. */
function duration(milliseconds: number): string {
  if (milliseconds <= 1000) return `${Math.ceil(milliseconds)} ms`;
  const seconds = Math.ceil(milliseconds / 1000);
  return seconds < 100 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}
