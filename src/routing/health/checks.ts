import type { Probe } from "../../upstream/probe.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Failure } from "../../vocabulary/failure.ts";
import type { Service } from "../../vocabulary/service.ts";
import type { Timer } from "../../vocabulary/timer.ts";
import type { RunningStandings } from "../running/standings.ts";
import { verdictOf } from "./verdicts.ts";

/** How services are looked at while nobody asks them. Durations are milliseconds. */
export interface CheckSettings {
  readonly mode: "cheap" | "completion" | "off";
  readonly every: number;
  /** So many failed checks in a row, and it counts as down. */
  readonly maxFails: number;
  /** So long at least. */
  readonly failTimeout: number;
  readonly timeout: number;
}

/** Asks a deployment for one token, if it chats. Gives what went wrong, and never rejects. */
export type OneToken = (deployment: Deployment, deadline: number) => Promise<"answered" | "does-not-chat" | Failure>;

export interface ChecksRequest {
  readonly standings: RunningStandings;
  /** Those in force now. */
  readonly deployments: () => Iterable<Deployment>;
  /** As they are now: a reload may change them. */
  readonly settings: () => CheckSettings;
  readonly probe: Probe;
  readonly oneToken: OneToken;
  readonly clock: Clock;
  readonly timer: Timer;
  /** From 0 to 1. */
  readonly random?: () => number;
}

/** What one round looks at. */
interface Patient {
  readonly service: Service;
  readonly deployments: readonly Deployment[];
}

/** Replicas that were started together are not to ask together: a round comes so much earlier or later. */
const JITTER = 0.1;

/**
 * Looks at services, round after round: those of the operator's own, and any of which a deployment is left alone or down. Of one service
 * one check is on its way at a time. Gives a function that ends it.
 */
export function startChecks(request: ChecksRequest): () => void {
  const { settings, timer, random = Math.random } = request;
  const rounds = new Rounds(request);
  let stop: () => void;
  const next = () => {
    stop = timer(settings().every * (1 - JITTER + 2 * JITTER * random()), () => {
      next();
      rounds.begin();
    });
  };
  next();
  return () => stop();
}

class Rounds {
  readonly #request: ChecksRequest;
  readonly #underWay = new Set<string>();
  /** Failed checks in a row: of a service by its name, of a deployment by its id. */
  readonly #fails = new Map<string, number>();

  constructor(request: ChecksRequest) {
    this.#request = request;
  }

  begin(): void {
    const settings = this.#request.settings();
    if (settings.mode === "off") return;
    for (const patient of this.#patients()) {
      const { name } = patient.service;
      if (this.#underWay.has(name)) continue;
      this.#underWay.add(name);
      const check = settings.mode === "cheap" ? this.#ask(patient, settings) : this.#askEach(patient, settings);
      check.finally(() => this.#underWay.delete(name));
    }
  }

  #patients(): Patient[] {
    const { standings, deployments, clock } = this.#request;
    const now = clock.elapsed();
    const byService = new Map<Service, Deployment[]>();
    for (const deployment of deployments()) {
      const others = byService.get(deployment.service);
      if (others === undefined) byService.set(deployment.service, [deployment]);
      else others.push(deployment);
    }
    const ails = ({ id }: Deployment) => this.#fails.has(id) || (standings.known(id)?.breaker.circuit(now) ?? "closed") !== "closed";
    return [...byService]
      .map(([service, those]) => ({ service, deployments: those }))
      .filter(({ service, deployments: those }) => service.check?.own === true || this.#fails.has(service.name) || those.some(ails));
  }

  /** Any answer but a server's error is a sign of life: a refused key is no dead service. */
  async #ask({ service, deployments }: Patient, settings: CheckSettings): Promise<void> {
    if (service.check === undefined) return;
    const trouble = await this.#request.probe(service.check.url, service.keys[0].headers, settings.timeout).then(
      ({ status }) => (status >= 500 ? `it answered ${status}` : undefined),
      () => "nothing answered",
    );
    this.#note(service.name, deployments, trouble, settings);
  }

  /** One after the other, and not where there is no place for it: who is full is asked enough. */
  async #askEach({ deployments }: Patient, settings: CheckSettings): Promise<void> {
    const { standings, oneToken, clock } = this.#request;
    for (const deployment of deployments) {
      const { gate, breaker } = standings.of(deployment);
      const place = gate.enter();
      if (place === undefined) continue;
      const result = await oneToken(deployment, settings.timeout).finally(() => place.leave());
      if (result === "does-not-chat") continue;
      if (result === "answered") breaker.succeeded(breaker.enter(clock.elapsed()));
      const trouble = result !== "answered" && verdictOf(result, true) === "trouble" ? result.kind : undefined;
      this.#note(deployment.id, [deployment], trouble, settings);
    }
  }

  #note(name: string, deployments: readonly Deployment[], trouble: string | undefined, settings: CheckSettings): void {
    const { standings, clock } = this.#request;
    if (trouble === undefined) {
      this.#fails.delete(name);
      for (const { id } of deployments) standings.known(id)?.rests.end("checks");
      return;
    }
    const fails = (this.#fails.get(name) ?? 0) + 1;
    this.#fails.set(name, fails);
    if (fails < settings.maxFails) return;
    const now = clock.elapsed();
    const reason = `down: ${fails} checks in a row failed, the last: ${trouble}`;
    // If there are no more checks, as after a reload that wants none, it is over by itself.
    const until = now + Math.max(settings.failTimeout, settings.every * 2 + settings.timeout);
    for (const deployment of deployments) standings.of(deployment).rest("checks", { reason, now, until, least: now + settings.failTimeout });
  }
}
