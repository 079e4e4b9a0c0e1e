import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { behalfOf } from "../../src/access/end-user.ts";
import type { AnswerCache } from "../../src/cache/cache.ts";
import { catalog } from "../../src/catalog/catalog.ts";
import { type Models, modelsOf } from "../../src/catalog/models.ts";
import { signatureMemory } from "../../src/gateway/asking/signatures.ts";
import { hedges } from "../../src/gateway/attempts/hedges.ts";
import type { AttemptPolicy, BillingPolicy, ResponseMemory, Signalbox } from "../../src/gateway/signalbox.ts";
import { startPulse } from "../../src/gateway/visit/pulse.ts";
import { openSpool } from "../../src/http/forms/spool.ts";
import { routeTable } from "../../src/http/route-table.ts";
import { clientRoutes } from "../../src/http/routes.ts";
import { startServer } from "../../src/http/server.ts";
import type { RateSettings } from "../../src/limits/rates/who.ts";
import { profileFor, serviceFor } from "../../src/providers/index.ts";
import type { RoutingSettings, RunningRouting } from "../../src/routing/create.ts";
import { upstreamClient } from "../../src/upstream/client.ts";
import type { MediaFetcher } from "../../src/upstream/media/fetch-media.ts";
import type { Caller } from "../../src/vocabulary/caller.ts";
import type { Clock } from "../../src/vocabulary/clock.ts";
import type { Deployment } from "../../src/vocabulary/deployment.ts";
import { Failure } from "../../src/vocabulary/failure.ts";
import type { Model } from "../../src/vocabulary/model.ts";
import type { Profile } from "../../src/vocabulary/profile.ts";
import type { RequestRecord } from "../../src/vocabulary/record.ts";

import { type TestCacheOptions, testCache } from "./answer-cache.ts";
import { testLimits } from "./test-limits.ts";
import { testRouting } from "./test-routing.ts";

import { until } from "./until.ts";

/** A deployment in a test: what kind of service, where, which model. */
export interface TestDeployment {
  readonly kind: string;
  readonly url: string;
  readonly model?: string;
  readonly profile?: Partial<Profile>;
  /** The most inputs it embeds in one call. */
  readonly maxBatch?: number;
  /** Those its service has; absent: one. */
  readonly keys?: readonly string[];
  /** What else it is. */
  readonly more?: Partial<Deployment>;
}

export interface TestBoxOptions {
  /** Public names and what is behind them. */
  readonly models: Readonly<Record<string, readonly TestDeployment[]>>;
  readonly fallbacks?: Readonly<Record<string, readonly string[]>>;
  /** What else they are, by their names. */
  readonly more?: Readonly<Record<string, Partial<Model>>>;
  readonly policy?: Partial<AttemptPolicy>;
  /** What is remembered of deployments from one request to the next, and how; absent: nothing. */
  readonly routing?: Partial<RoutingSettings>;
  readonly caller?: Partial<Caller>;
  /** What end users' tokens are signed with. */
  readonly endUserSecret?: string;
  /** Fetches media by URL; absent: not allowed. */
  readonly media?: MediaFetcher;
  /** Keeps answers of the Responses API; absent: none are kept. */
  readonly responses?: ResponseMemory;
  /** Engines; absent: there are none. */
  readonly fleet?: Signalbox["fleet"];
  /** Keeps count of money; absent: nobody does. */
  readonly ledger?: Signalbox["ledger"];
  readonly billing?: Partial<BillingPolicy>;
  /** Keeps answers; absent: none are kept. */
  readonly cache?: TestCacheOptions;
  /** How fast and how much, by whose it is; absent: no limits. */
  readonly limits?: Partial<RateSettings["limits"]>;
  /** Who asks, by the key they show; any other key is the caller's. */
  readonly callers?: Readonly<Record<string, Partial<Caller>>>;
  /** Other names of the models. */
  readonly aliases?: Readonly<Record<string, readonly string[]>>;
  /** What time it is; durations are the machine's. */
  readonly now?: () => number;
  /** Bytes. */
  readonly bodyCap?: number;
  /** How long the server waits for a client. Seconds; the runtime counts in fours. */
  readonly idleSeconds?: number;
}

export interface TestBox {
  readonly url: string;
  /** Requests that are over, oldest first. */
  readonly records: readonly RequestRecord[];
  /** Failures of our own making that were complained about. */
  readonly complaints: readonly Failure[];
  readonly cache?: AnswerCache;
  readonly routing: RunningRouting;
  /** The folder of bodies on the disk. */
  readonly spool: string;
  inFlight(): number;
  /** The next record that is not there yet; waits at most two seconds. */
  record(index: number): Promise<RequestRecord>;
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  /** From now on these are the models. */
  reload(models: TestBoxOptions["models"]): void;
  stop(): Promise<void>;
}

/** What upstreams are called with, where a test says nothing else. */
export const UPSTREAM_KEY = "upstream-key";

/** Keys that are refused, and why; every other is the caller's. */
const REFUSALS: ReadonlyMap<string, Failure> = new Map([
  ["wrong", new Failure("invalid-key", "This key is not known here.")],
  ["broke", new Failure("quota-exhausted", "The budget of this key is used up: 0.00 of 5.00 USD are left until tomorrow.")],
]);

/** Nobody's money is counted. */
const NOBODY_COUNTS: Signalbox["ledger"] = {
  counts: () => false,
  reserve: () => {
    throw new Error("nobody's money is counted here");
  },
};

/** Deadlines short enough for tests; nothing here is asserted by the clock. */
const POLICY: AttemptPolicy = {
  attempts: 3,
  backoff: [1, 5],
  holdStatus: 8000,
  connect: 2000,
  firstToken: 5000,
  idle: 5000,
  total: 20_000,
  comment: 10_000,
  removeSources: false,
};

/** The gateway in this process, with real routes, story, routing and upstream client; keys and store are left out. */
export function startBox(options: TestBoxOptions): TestBox {
  const records: RequestRecord[] = [];
  const complaints: Failure[] = [];
  const pulse = startPulse(10);
  // No two services share a name.
  const taken = new Map<string, string>();
  const nameOf = (wanted: string, url: string, model: string) => {
    const name = (taken.get(wanted) ?? url) === url ? wanted : `${wanted}-${model}`;
    taken.set(name, url);
    return name;
  };
  const modelsFrom = (wanted: TestBoxOptions["models"]): Models =>
    modelsOf(
      Object.entries(wanted).map(
        ([name, deployments]): Model => ({
          name,
          aliases: options.aliases?.[name] ?? [],
          ownedBy: "test",
          listed: true,
          fallbacks: options.fallbacks?.[name] ?? [],
          contextFallbacks: [],
          contentFallbacks: [],
          strategy: "weighted",
          rules: [],
          deployments: deployments.map((each, index) => {
            const model = each.model ?? name;
            const service = serviceFor({
              name: nameOf(deployments.length > 1 ? `${each.kind}-${index}` : each.kind, each.url, name),
              kind: each.kind,
              keys: each.keys ?? [UPSTREAM_KEY],
              baseUrl: each.url,
            });
            if (typeof service === "string") throw new Error(service);
            const profile = profileFor(each.kind, model, each.profile);
            return { id: `${service.name}/${model}`, service, model, profile, weight: 1, tier: 0, tags: [], limits: {}, maxBatch: each.maxBatch, ...each.more };
          }),
          ...options.more?.[name],
        }),
      ),
    );
  let models = modelsFrom(options.models);
  const names = catalog(
    () => models,
    () => undefined,
    { now: () => 1_700_000_000_000 },
  );
  const caller: Caller = { keyId: "key_test", keyName: "test", role: "member", ...options.caller };
  const clock: Clock = { now: options.now ?? Date.now, elapsed: () => performance.now() };
  const cache = options.cache && testCache(options.cache, { clock, box: () => box, record: (record) => void records.push(record) });
  const routing = testRouting(options.routing, { instead: names.instead, models: () => models.all(), clock });
  const box: Signalbox = {
    access: {
      identify(headers) {
        const key = (headers.get("authorization") ?? headers.get("x-api-key") ?? "").replace(/^Bearer /, "");
        const refusal = REFUSALS.get(key);
        if (refusal !== undefined) throw refusal;
        return { ...caller, ...options.callers?.[key] };
      },
      behalf: (headers) => behalfOf(headers, options.endUserSecret),
      attributed: (known) => known,
      networkOf: (exchange) => exchange.address(),
    },
    limits: options.limits && testLimits(options.limits),
    catalog: names,
    routing,
    hedges: hedges(),
    upstream: upstreamClient(),
    pulse,
    signatures: signatureMemory(),
    media: options.media,
    responses: options.responses,
    cache,
    fleet: options.fleet,
    ledger: options.ledger ?? NOBODY_COUNTS,
    policy: () => ({ ...POLICY, ...options.policy }),
    billing: () => ({ assumedOutput: 4096, unfinished: "delivered", unpriced: "allow", cacheHits: 0, ...options.billing }),
  };
  const limits = () => ({ each: options.bodyCap ?? 32 * 1024 * 1024, all: 512 * 1024 * 1024 });
  const spool = mkdtempSync(join(tmpdir(), "signalbox-spool-"));
  const nothing = () => new Response() as never;
  const server = startServer({
    listen: { hostname: "127.0.0.1", port: 0 },
    routes: routeTable(clientRoutes(box, { health: nothing, live: nothing, ready: nothing, circuits: nothing, metrics: nothing }, { ollama: true })),
    limits,
    spool: openSpool(spool, limits),
    edge: () => ({ corsOrigins: [], allowedHosts: [] }),
    pulse,
    clock,
    idleSeconds: options.idleSeconds,
    record: (record) => void records.push(record),
    complain: (_id, failure) => void complaints.push(failure),
  });
  const url = `http://127.0.0.1:${server.port}`;
  return {
    url,
    records,
    complaints,
    cache,
    routing,
    spool,
    inFlight: () => server.inFlight().length,
    async record(index) {
      await until(`request ${index} to be over`, () => records.length > index, 4000);
      return records[index] as RequestRecord;
    },
    post: (path, body, init = {}) =>
      fetch(url + path, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: "Bearer sb-test" },
        body: typeof body === "string" ? body : JSON.stringify(body),
        ...init,
      }),
    reload(wanted) {
      models = modelsFrom(wanted);
      routing.standings.takeOver((id) => models.deployments.get(id));
    },
    async stop() {
      await server.stop(0);
      rmSync(spool, { recursive: true, force: true });
    },
  };
}
