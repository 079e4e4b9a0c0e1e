import { hostname } from "node:os";
import { auditor } from "../admin/audit.ts";
import type { Reloaded } from "../admin/config.ts";
import { limitedWrites } from "../admin/limited-writes.ts";
import { adminRoutes } from "../admin/routes.ts";
import { type Catalog, catalog } from "../catalog/catalog.ts";
import { COMMAND_LINE } from "../cli/link.ts";
import { databaseOf } from "../config/schema/database.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { FleetParts } from "../fleet/fleet.ts";
import { callerOf } from "../gateway/admit.ts";
import { type Gate, guarded } from "../gateway/guard.ts";
import { type Rehearsing, rehearsed } from "../gateway/rehearsal.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Exchange } from "../gateway/visit/exchange.ts";
import { startPulse } from "../gateway/visit/pulse.ts";
import { enterManagement } from "../gateway/within-limits.ts";
import { healthPages, ownersHealth } from "../http/health.ts";
import { fromTrustedNetwork, networks } from "../http/networks.ts";
import { routeTable } from "../http/route-table.ts";
import { clientRoutes } from "../http/routes.ts";
import type { RunningServer } from "../http/server.ts";
import { readPostgresAddress } from "../store/database/postgres/postgres-address.ts";
import { welcomed } from "../store/ledger/welcome.ts";
import { openStore, type Store } from "../store/open.ts";
import { openRedis, type SharedStore } from "../store/redis/redis.ts";
import { createLog, type Log } from "../telemetry/log.ts";
import { createSecrets } from "../telemetry/redact.ts";
import { descriptorSink } from "../telemetry/sink.ts";
import { type UpstreamClient, upstreamClient } from "../upstream/client.ts";
import { probeOver } from "../upstream/probe.ts";
import { systemClock } from "../vocabulary/clock.ts";
import { nanoOf } from "../vocabulary/money.ts";
import { allRoutes } from "./all-routes.ts";
import { openBatches } from "./batches.ts";
import { boxOf } from "./box.ts";
import { openCache } from "./cache.ts";
import { openChanging } from "./changing.ts";
import { conditionOf } from "./condition.ts";
import { deskOf } from "./desk.ts";
import { openEngines } from "./fleet/engines.ts";
import { type Installation, install, KINDS } from "./installation.ts";
import { openLimits } from "./limits.ts";
import { listenForAll, listenForOwner, serving } from "./listening.ts";
import { openThrottle } from "./logins.ts";
import { openMoney } from "./money.ts";
import { remembering } from "./remembering.ts";
import { replicas } from "./replicas.ts";
import { openRouting } from "./routing.ts";
import { keepSecrets } from "./secrets.ts";
import { takingOver } from "./taking-over.ts";
import { watchDatabase } from "./watch-database.ts";
import { type TakenOver, whoMay } from "./who-may.ts";

/** What a gateway is started with. */
export interface Start {
  readonly file?: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** From the command line; they win over file and environment. */
  readonly overrides: readonly { readonly path: readonly (string | number)[]; readonly value: unknown; readonly name: string }[];
  readonly version: string;
  readonly pretty: boolean;
  /** What a fleet is made of, changed: for who has engines of another kind to run. Absent: as the config says. */
  readonly fleet?: (parts: FleetParts) => FleetParts;
}

/** A gateway that is running. */
export interface Running {
  readonly installation: Installation;
  readonly port: number;
  readonly log: Log;
  readonly dataDir: string;
  /** Where PostgreSQL is, when there is one. */
  readonly database?: string;
  /** The keys that were taken over at the start; `undefined` when the database was not there. */
  readonly keys: TakenOver | undefined;
  /** Why the database was not there; told once they are taken over after all. */
  readonly waitingFor?: { readonly trouble: string; readonly late: Promise<TakenOver> };
  readonly models: Catalog;
  reload(): Promise<Reloaded>;
  /** Takes nothing new, lets what runs finish within `server.shutdown_grace`, writes everything down. */
  stop(): Promise<void>;
}

/** Puts every part in its place and listens. Throws `ConfigError` or `StoreTrouble`, with nothing left running. */
export async function assemble(start: Start): Promise<Running> {
  const upstream = upstreamClient({ variables: start.variables });
  const installation = install({ file: start.file, variables: start.variables, overrides: start.overrides, kinds: KINDS }, probeOver(upstream));
  const { database, redis } = installation.current().snapshot.settings;
  const place = databaseOf(database);
  const { dataDir } = place;
  const shownDatabase = place.database && readPostgresAddress(place.database.url).shown;
  const store = await openStore(place);
  const shared = redis.url === "" ? undefined : openRedis({ url: redis.url, deadline: redis.timeout });
  const closeStores = async (): Promise<void> => {
    await Promise.all([store.close(), shared?.close()]);
  };
  try {
    return await open({ start, installation, store, shared, dataDir, database: shownDatabase, upstream, closeStores });
  } catch (error) {
    await closeStores();
    throw error;
  }
}

/** What stands before the parts do. */
interface Ground {
  readonly start: Start;
  readonly installation: Installation;
  readonly store: Store;
  /** Redis, where there is one. */
  readonly shared: SharedStore | undefined;
  readonly dataDir: string;
  /** Where PostgreSQL is, when there is one. */
  readonly database: string | undefined;
  readonly upstream: UpstreamClient;
  closeStores(): Promise<void>;
}

async function open({ start, installation, store, shared, dataDir, database, upstream, closeStores }: Ground): Promise<Running> {
  const settings = (): Settings => installation.current().snapshot.settings;
  const secrets = createSecrets();
  keepSecrets(secrets, installation);
  // Engines are told it, and may write it in their logs.
  secrets.add(start.variables["HF_TOKEN"] ?? "");
  const log = createLog({ level: settings().telemetry.log_level, secrets, sink: descriptorSink(1), pretty: start.pretty });
  const instance = `${hostname()}:${process.pid}`;
  let stopping = false;

  // Who else there is, who may, and how much.
  const self = `${instance}:${crypto.randomUUID()}`;
  const others = replicas({ shared, self, missed: () => missed() });
  const limits = openLimits({ settings, shared, self });
  const logins = openThrottle(shared);
  const access = whoMay(store, installation, {
    replicas: others,
    upstream,
    dataDir,
    throttle: logins.throttle,
    welcome: (user, balance) => welcomed(store.money, user.id, balance ?? nanoOf(settings().billing.default_balance) ?? 0n),
  });
  const late = Promise.withResolvers<TakenOver>();
  const declared = takingOver({
    store,
    takeOver: access.takeOverKeys,
    late(taken) {
      log.info("the database is there, the declared keys have been taken over");
      late.resolve(taken);
    },
    complain: (error) => log.error("the declared keys could not be taken over", { error }),
  });
  const keys = await declared.attempt();
  const stopWatching = database === undefined ? () => undefined : watchDatabase(store, log);

  // What there is, and where it goes.
  const engines = openEngines({
    settings,
    dataDir,
    database,
    desk: store.fleet,
    self,
    upstream,
    variables: start.variables,
    log,
    change: start.fleet,
  });
  const { fleet, happenings } = engines;
  const models = catalog(() => installation.current().models, installation.settling, { now: systemClock.now, engineOpens: engines.opens });
  const routing = openRouting({ installation, models, upstream, replicas: others, fleet, happenings });
  const pulse = startPulse();
  const money = await openMoney({
    desk: store.money,
    dataDir,
    shared: database !== undefined,
    ready: store.ready,
    settings: () => settings().billing,
    replicas: others,
    log,
  });
  const cache = openCache({ settings, shared, box: () => box, record: (entry) => memory.remember(entry) });
  const box = boxOf({
    settings,
    access,
    limits: limits.limiter,
    catalog: models,
    routing,
    fleet,
    upstream,
    pulse,
    cache,
    ledger: money.ledger,
    responses: store.responses,
    batches: () => batches,
    log,
    stopping: () => stopping,
  });

  // What is remembered.
  let server: RunningServer;
  const condition = conditionOf({ installation, models, standings: routing.standings, fleet, clock: systemClock });
  const memory = remembering({
    installation,
    models,
    store,
    log,
    cache,
    limits: limits.limiter,
    deployments: condition.gauges,
    fleet,
    instance,
    inFlight: () => server.inFlight(),
  });

  // How it changes.
  const missed = () => access.forgetAll();
  const changing = openChanging({
    installation,
    replicas: others,
    models,
    keys: declared,
    log,
    changed() {
      keepSecrets(secrets, installation);
      routing.standings.takeOver(models.deployment);
      fleet?.configure();
      happenings.tell({ type: "config", why: "another config is in force" });
    },
  });

  // What operators see.
  const trusts = (exchange: Exchange): boolean => {
    const { trusted_networks: trusted, trusted_proxies: proxies } = settings().server;
    return fromTrustedNetwork(exchange.address(), exchange.headers.get("x-forwarded-for"), networks(trusted), networks(proxies));
  };
  const health = healthPages({
    version: start.version,
    labels: () => labelsOf(settings()),
    models: condition.models,
    circuits: condition.circuits,
    trouble: () => store.requests.state().trouble ?? money.ledger.trouble(),
    waitingFor: () => (access.hasTakenOver() ? undefined : "the database has not been reached yet"),
    sharedTrouble: () =>
      sentences(...(fleet?.troubles() ?? []), store.trouble(), shared?.trouble(), limits.trouble(), logins.trouble(), money.ledger.backlog()),
    stopping: () => stopping,
    trusts: async (exchange) => exchange.visit.caller !== undefined || trusts(exchange) || access.isKnown(exchange),
    metrics: () => (settings().telemetry.metrics ? memory.metrics.text() : undefined),
  });
  const { ollama_api: ollama } = settings().server;
  const gateOf = (stage: Signalbox): Gate => ({ callerOf: (exchange) => callerOf(exchange, stage), trusts, audit: auditor(store.audit) });
  const routesOn = (stage: Signalbox) => routeTable(guarded(clientRoutes(stage, health, { ollama }), gateOf(stage)));
  const explaining = {
    box,
    rehearse: routing.rehearse,
    find: (stage: Signalbox, path: string) => routesOn(stage).find("POST", path),
    clock: systemClock,
  };
  const forLines = routesOn(box);
  const batches = openBatches({
    store,
    settings,
    models,
    standings: routing.standings,
    engines: fleet,
    find: (path) => forLines.find("POST", path),
    record: memory.record,
    callerNow: access.callerNow,
    shared: database !== undefined,
    replicas: others,
    log,
  });
  const desk = deskOf({
    installation,
    store,
    access,
    money,
    models,
    routing,
    reload: changing.reload,
    cache,
    explain: (request: Rehearsing) => rehearsed(request, explaining),
    fleet,
    happenings,
    pulse,
    secrets,
    stopping: () => stopping,
  });

  // Who changes settings over the network, or tries to, may not too often.
  const withinLimits = limitedWrites((exchange) => enterManagement(exchange, box));

  // What runs already goes on, before anybody asks for it.
  await engines.begin();

  // Where it listens.
  const common = serving({ settings, dataDir, pulse, record: memory.record, log });
  const { programs, people } = allRoutes({
    box,
    health,
    desk,
    doors: access.logins.desk,
    options: { ollama },
    stays: engines.stays && { ...engines.stays, pulse },
  });
  const gate = gateOf(box);
  const door: Gate = { ...gate, callerOf: (exchange) => access.loggedIn(exchange) ?? gate.callerOf(exchange) };
  try {
    server = listenForAll(settings(), { ...common, routes: routeTable([...guarded(programs, gate), ...guarded(people, door).map(withinLimits)]) });
  } catch (error) {
    // Nobody has seen the new admin key: the start that succeeds makes another and tells it.
    if (keys?.newAdmin !== undefined) await access.keys.revoke(keys.newAdmin.id);
    throw error;
  }
  engines.listening(server.port);
  log.info("started", { version: start.version, instance, port: server.port, ...labelsOf(settings()) });
  const ownersRoutes = guarded([...adminRoutes(desk), ownersHealth(health)], { ...gate, callerOf: () => COMMAND_LINE });
  const control = listenForOwner(dataDir, { ...common, routes: routeTable(ownersRoutes) });

  return {
    installation,
    port: server.port,
    log,
    dataDir,
    database,
    keys,
    waitingFor: keys === undefined ? { trouble: store.trouble() ?? "", late: late.promise } : undefined,
    models,
    reload: changing.reload,
    async stop() {
      stopping = true;
      changing.stop();
      stopWatching();
      declared.stop();
      routing.stop();
      limits.close();
      logins.close();
      const grace = settings().server.shutdown_grace;
      await Promise.all([server.stop(grace), control.stop(grace), batches.stop(grace)]);
      await engines.close();
      await money.close();
      await closeStores();
      log.flushNow();
    },
  };
}

/** Those of the sentences that there are. */
function sentences(...all: readonly (string | undefined)[]): string | undefined {
  const said = all.filter((each) => each !== undefined);
  return said.length === 0 ? undefined : said.join(" ");
}

/** How the operator calls this installation. */
function labelsOf({ server: { environment, app_version } }: Settings): { environment?: string; app_version?: string } {
  return { environment, app_version };
}
