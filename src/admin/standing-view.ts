import { type CircuitReport, circuitOf, type StandingReport } from "../routing/running/report.ts";
import type { Deployment } from "../vocabulary/deployment.ts";
import { isoTime } from "./input.ts";

/** How a deployment is doing, in fields of its row; of its keys never more than which of several it is. */
export function shownStanding({ service }: Deployment, report: StandingReport = unasked(service.keys)) {
  const { resting, inFlight, queued, pace, hitRate, tokenFactor, keys, lastFailure } = report;
  return {
    ...shownCircuit({ ...report, circuit: circuitOf(report) }),
    resting: resting ?? null,
    in_flight: inFlight,
    queued,
    first_token_ms: rounded(pace.firstToken),
    per_token_ms: rounded(pace.perToken),
    answer_tokens: rounded(pace.answerTokens),
    answers: pace.answers,
    hit_rate: rounded(hitRate),
    token_factor: rounded(tokenFactor),
    keys: keys.map((key) => ({ name: key.name === "" ? null : key.name, ...shownCircuit(key), resting: key.resting ?? null })),
    last_failure:
      lastFailure === undefined
        ? null
        : { kind: lastFailure.kind, message: lastFailure.message, status: lastFailure.status ?? null, at: isoTime(lastFailure.at) },
  };
}

function shownCircuit({ circuit, failures, until }: CircuitReport) {
  return { state: circuit, failures, until: isoTime(until) };
}

const CLOSED: CircuitReport = { circuit: "closed", failures: 0 };

/** Nobody has looked at it: nothing is known, and nothing is held against it. */
function unasked(keys: Deployment["service"]["keys"]): StandingReport {
  return {
    deployment: "",
    ...CLOSED,
    inFlight: 0,
    queued: 0,
    pace: { firstToken: undefined, perToken: undefined, answerTokens: undefined, answers: 0 },
    hitRate: 0,
    tokenFactor: 1,
    keys: keys.map(({ name }) => ({ name, ...CLOSED })),
  };
}

/** To a hundredth. */
function rounded(value: number): number;
function rounded(value: number | undefined): number | null;
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 100) / 100;
}
