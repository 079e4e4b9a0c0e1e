import type { Clock } from "../../vocabulary/clock.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { RunningStandings } from "../running/standings.ts";

/** One of the deployments of a model, as it is compared with the others. */
export interface Peer {
  readonly id: string;
  /** Lately, in milliseconds; absent: too few answers to judge by. */
  readonly firstToken: number | undefined;
  /** Of its last attempts. */
  readonly attempts: number;
  readonly failures: number;
  readonly resting: boolean;
}

export interface OutlierSettings {
  readonly enabled: boolean;
  /** So many times the others' median. */
  readonly slower: number;
  /** Milliseconds, the first time. */
  readonly rest: number;
}

export interface Outlier {
  readonly id: string;
  readonly reason: string;
}

/** So many milliseconds slower than the others is nobody's grief. */
const NO_MATTER = 500;
/** Attempts to judge failures by; the part of them that is too much, and what the others' median must be under. */
const ENOUGH_ATTEMPTS = 10;
const TOO_OFTEN = 0.5;
const HARDLY_EVER = 0.1;

/** Those that are so much worse than the others that they had better rest: at most as many as leave half of all, the worst first. */
export function outliersAmong(peers: readonly Peer[], slower: number): readonly Outlier[] {
  const awake = peers.filter((peer) => !peer.resting);
  const most = Math.floor(peers.length / 2) - (peers.length - awake.length);
  if (most <= 0) return [];
  const rates = ascending(awake.flatMap((peer) => rateOf(peer) ?? []));
  const firstTokens = ascending(awake.flatMap(({ firstToken }) => firstToken ?? []));
  const found = awake.flatMap((peer) => failsFarMore(peer, rates) ?? isFarSlower(peer, firstTokens, slower) ?? []);
  return found
    .sort((left, right) => right.badness - left.badness)
    .slice(0, most)
    .map(({ id, reason }) => ({ id, reason }));
}

interface Found extends Outlier {
  /** Failing is worse than being slow. */
  readonly badness: number;
}

/** `rates` are everybody's, its own too. */
function failsFarMore(peer: Peer, rates: readonly number[]): Found | undefined {
  const rate = rateOf(peer);
  if (rate === undefined || rate < TOO_OFTEN) return undefined;
  const usual = medianWithout(rate, rates);
  if (usual === undefined || usual >= HARDLY_EVER) return undefined;
  return { id: peer.id, badness: 1e9 * rate, reason: `rests: ${peer.failures} of its last ${peer.attempts} attempts failed, unlike its peers'` };
}

/** `firstTokens` are everybody's, its own too. */
function isFarSlower({ id, firstToken }: Peer, firstTokens: readonly number[], slower: number): Found | undefined {
  if (firstToken === undefined || firstToken < NO_MATTER) return undefined;
  const usual = medianWithout(firstToken, firstTokens);
  if (usual === undefined || firstToken < usual * slower || firstToken - usual < NO_MATTER) return undefined;
  return { id, badness: firstToken, reason: `rests: ${Math.round(firstToken)} ms to its first token, where its peers take ${Math.round(usual)} ms` };
}

/** The part of its last attempts that failed; `undefined` while they are too few. */
function rateOf({ attempts, failures }: Peer): number | undefined {
  return attempts < ENOUGH_ATTEMPTS ? undefined : failures / attempts;
}

function ascending(values: number[]): number[] {
  return values.sort((left, right) => left - right);
}

/** The median of ascending values, one of which is left out. */
function medianWithout(one: number, values: readonly number[]): number | undefined {
  const at = values.indexOf(one);
  const nth = (place: number) => values[place < at ? place : place + 1];
  const others = values.length - 1;
  const middle = others >> 1;
  const upper = nth(middle);
  if (upper === undefined || others % 2 === 1) return upper;
  return (upper + (nth(middle - 1) ?? upper)) / 2;
}

/** Peers are compared this often. Milliseconds. */
const INTERVAL = 1000;
/** Answers lately that a time to the first token must be known from. */
const ENOUGH_ANSWERS = 5;
/** A rest in a row is longer by one, up to so many times. */
const LONGEST = 10;

/**
 * Compares the deployments of each model whenever what it gives is called, but once a second at most, and lets outliers rest: longer
 * each time in a row. A row ends when a deployment has shown that it keeps up.
 */
export function watchOutliers(request: {
  readonly standings: RunningStandings;
  readonly models: () => Iterable<Model>;
  readonly settings: () => OutlierSettings;
  readonly clock: Clock;
}): () => void {
  const { standings, models, settings, clock } = request;
  const rows = new Map<string, number>();
  let next = Number.NEGATIVE_INFINITY;
  const compare = ({ deployments }: Model, now: number) => {
    const { slower, rest } = settings();
    const peers = deployments.map(({ id }) => peerOf(id, standings, now));
    const outliers = outliersAmong(peers, slower);
    for (const { id, reason } of outliers) {
      const row = Math.min(LONGEST, (rows.get(id) ?? 0) + 1);
      rows.set(id, row);
      standings.known(id)?.rest("outlier", { reason, now, until: now + rest * row });
    }
    for (const { id, firstToken, attempts, resting } of peers) {
      const keepsUp = !resting && (firstToken !== undefined || attempts >= ENOUGH_ATTEMPTS) && !outliers.some((each) => each.id === id);
      if (keepsUp || standings.known(id) === undefined) rows.delete(id);
    }
  };
  return () => {
    const now = clock.elapsed();
    if (now < next) return;
    next = now + INTERVAL;
    if (!settings().enabled) return;
    for (const model of models()) if (model.deployments.length > 1) compare(model, now);
  };
}

function peerOf(id: string, standings: RunningStandings, now: number): Peer {
  const state = standings.known(id);
  if (state === undefined) return { id, firstToken: undefined, attempts: 0, failures: 0, resting: false };
  const { attempts, failures } = state.recent;
  const firstToken = state.evidence(now) >= ENOUGH_ANSWERS ? state.pace.firstToken : undefined;
  return { id, firstToken, attempts, failures, resting: state.resting(now) !== undefined };
}
