import { handTurned } from "../../vocabulary/clock.fixture.ts";
import type { Deployment, DeploymentLimits, Target } from "../../vocabulary/deployment.ts";
import { Failure, type FailureFacts, type FailureKind } from "../../vocabulary/failure.ts";
import { testDeployment, testService } from "../../vocabulary/model.fixture.ts";
import type { ServiceKey } from "../../vocabulary/service.ts";
import type { BreakerSettings } from "../health/breaker.ts";
import type { Hint } from "../health/hints.ts";
import type { Seat } from "../routing.ts";
import type { GateFor, WaitAt } from "./gate.ts";
import { createSeats } from "./seats.ts";
import { createStandings } from "./standings.ts";

/** With these gates, which a test has of another part. */
export const runningWith =
  (gates: { readonly gateFor: GateFor; readonly waitAt: WaitAt }) =>
  (settings: Partial<BreakerSettings> = {}) =>
    runningParts(gates, settings);

/** Standings and seats by a clock that is turned by hand; hints are recorded, and can be given. */
function runningParts({ gateFor, waitAt }: { readonly gateFor: GateFor; readonly waitAt: WaitAt }, settings: Partial<BreakerSettings>) {
  const time = handTurned();
  const told: Hint[] = [];
  let hear: (hint: Hint) => void = () => {};
  const standings = createStandings({
    clock: time.clock,
    breaker: () => ({ enabled: true, failures: 3, window: 60_000, open: 60_000, ...settings }),
    gateFor,
    models: () => [],
    hints: { tell: (hint) => void told.push(hint), heard: (listener) => void (hear = listener) },
  });
  let ended = 0;
  const seats = createSeats({ standings, clock: time.clock, timer: time.timer, waitAt, patience: () => 30_000, ended: () => void ended++ });
  return { ...time, standings, ...seats, told, hint: (hint: Hint) => hear(hint), ended: () => ended };
}

/** A deployment with so many keys. */
export function keyed(id: string, count = 1, limits: DeploymentLimits = {}): Deployment {
  const key = (index: number): ServiceKey => ({ name: count === 1 ? "" : `key ${index + 1}`, headers: { authorization: `Bearer ${id}-${index + 1}` } });
  const [first = key(0), ...rest] = Array.from({ length: count }, (_, index) => key(index));
  return testDeployment(id, { limits, service: testService(id, { keys: [first, ...rest] }) });
}

/** It as a target, with its first key if no other is named. */
export function targetOf(deployment: Deployment, key: ServiceKey = deployment.service.keys[0]): Target {
  return { deployment, key, route: { dialect: "openai-chat", path: "/chat/completions" }, why: "its turn" };
}

export function failureOf(kind: FailureKind, facts: FailureFacts = {}): Failure {
  return new Failure(kind, `it was ${kind}`, facts);
}

/** The seat, where there must be one. */
export function seated(seat: Seat | string): Seat {
  if (typeof seat === "string") throw new Error(seat);
  return seat;
}
