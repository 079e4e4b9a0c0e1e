import { z } from "zod";
import { auth } from "./auth.ts";
import { batches } from "./batches.ts";
import { billing } from "./billing.ts";
import { cache } from "./cache.ts";
import { database } from "./database.ts";
import { duration, flag, oneOf } from "./fields.ts";
import { fleet } from "./fleet.ts";
import { key } from "./keys.ts";
import { limits } from "./limits.ts";
import { model } from "./models.ts";
import { providerSection } from "./providers.ts";
import { routing } from "./routing.ts";
import { named, section } from "./sections.ts";
import { server } from "./server.ts";

const redis = section({
  url: z
    .string({ error: "expected redis:// and an address, such as redis://localhost:6379/0." })
    .regex(/^(rediss?:\/\/\S+)?$/, { error: "expected redis:// and an address, such as redis://localhost:6379/0." })
    .default("")
    .describe("Redis or Valkey, for what several gateways share; empty: none."),
  timeout: duration().prefault("100ms").describe("Longest wait for it; past that the gateway goes on without."),
});

const responses = section({
  store: flag()
    .prefault(true)
    .describe("Keep the answers of /v1/responses for clients that do not say `store: false`, as OpenAI does; they go on from them by id."),
  lifetime: duration().prefault("30d").describe("How long they are kept."),
});

const telemetry = section({
  log_level: oneOf(["debug", "info", "warn", "error"]).default("info").describe("Least important lines to write."),
  log_requests: flag().prefault(true).describe("Write a line for every request."),
  metrics: flag().prefault(true).describe("Count requests and serve `/metrics`."),
});

/** The whole config, with every default. `kinds` are the kinds of provider that exist. */
export function settingsSchema(kinds: readonly string[]) {
  return section({
    server: server.prefault({}).describe("The HTTP server."),
    database: database.prefault({}).describe("Where keys and requests are kept."),
    redis: redis.prefault({}).describe("What several gateways share."),
    providers: named(providerSection(kinds))
      .default({})
      .describe("Services to call, by a name of your choice. None: they are discovered from the environment."),
    models: named(model).default({}).describe("What clients ask for, by name. None: every model the providers list."),
    routing: routing.prefault({}).describe("Retries, fallbacks and deadlines."),
    fleet: fleet.prefault({}).describe("Engines on your own GPUs, started when they are called and stopped when they are not."),
    billing: billing.prefault({}).describe("What requests are paid with."),
    cache: cache.prefault({}).describe("Answers given again to the same request."),
    limits: limits.prefault({}).describe("How fast, and how much at once. Without it nothing is limited; admin keys never are."),
    responses: responses.prefault({}).describe("Answers of the Responses API that are kept for their clients."),
    batches: batches.prefault({}).describe("Files of requests that are answered when there is room for them."),
    keys: z.array(key, { error: "expected a list of keys." }).default([]).describe("Keys that exist from start on."),
    auth: auth.prefault({}).describe("Who may, and how they show it."),
    telemetry: telemetry.prefault({}).describe("Logs and metrics."),
  });
}

export type Settings = z.output<ReturnType<typeof settingsSchema>>;
export type JwtSettings = Settings["auth"]["jwt"];
export type OidcSettings = Settings["auth"]["oidc"];
export type FleetSettings = Settings["fleet"];
export type EngineSettings = FleetSettings["engines"][string];
export type ProviderSettings = Settings["providers"][string];
export type ModelSettings = Settings["models"][string];
export type ProfileSettings = NonNullable<ProviderSettings["profile"]>;

/** Parts of the contract that this version has not learnt yet; `*` is any name. */
export const LATER: readonly string[] = [
  ...["telemetry.log_bodies", "telemetry.retention_days", "telemetry.sentry_dsn", "telemetry.langfuse", "telemetry.otlp_endpoint"],
  ...["model_list", "litellm_settings", "router_settings", "general_settings"],
];

/** Values that are never shown; `*` is any name. */
export const SECRETS: readonly string[] = [
  "auth.admin_key",
  "auth.end_user_secret",
  "auth.jwt.secret",
  "auth.oidc.client_secret",
  "keys.*.key",
  "database.url",
  "redis.url",
  "providers.*.api_key",
  "providers.*.api_keys.*",
  "providers.*.headers.*",
  "fleet.engines.*.env.*",
  "fleet.kubernetes.token",
];

/** Is this path one of the patterns? */
export function matchesPattern(path: readonly (string | number)[], patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const steps = pattern.split(".");
    return steps.length === path.length && steps.every((step, index) => step === "*" || step === String(path[index]));
  });
}
