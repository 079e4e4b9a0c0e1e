import { z } from "zod";
import { cache } from "./cache.ts";
import { duration, flag, oneOf, text } from "./fields.ts";
import { key } from "./keys.ts";
import { limits } from "./limits.ts";
import { model } from "./models.ts";
import { providerSection } from "./providers.ts";
import { routing } from "./routing.ts";
import { named, section } from "./sections.ts";
import { server } from "./server.ts";

const database = section({
  url: z
    .string({ error: "expected sqlite: and a folder, such as sqlite:data." })
    .refine((url) => !/^postgres(ql)?:/i.test(url), { error: "PostgreSQL is not supported by this version." })
    .refine((url) => /^sqlite:.+/.test(url) || /^postgres(ql)?:/i.test(url), { error: "expected sqlite: and a folder, such as sqlite:data." })
    .default("sqlite:data")
    .describe("Where keys and requests are kept: sqlite: and a folder."),
});

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
    cache: cache.prefault({}).describe("Answers given again to the same request."),
    limits: limits.prefault({}).describe("How fast, and how much at once. Without it nothing is limited; admin keys never are."),
    responses: responses.prefault({}).describe("Answers of the Responses API that are kept for their clients."),
    keys: z.array(key, { error: "expected a list of keys." }).default([]).describe("Keys that exist from start on."),
    auth: section({
      admin_key: text().optional().describe("The first admin key; left out, one is made and printed once."),
      end_user_secret: text()
        .optional()
        .describe("Open WebUI's FORWARD_USER_INFO_HEADER_JWT_SECRET. With it, only users in tokens signed with it are believed, from keys that vouch."),
    })
      .prefault({})
      .describe("Who may manage."),
    telemetry: telemetry.prefault({}).describe("Logs and metrics."),
  });
}

export type Settings = z.output<ReturnType<typeof settingsSchema>>;
export type ProviderSettings = Settings["providers"][string];
export type ModelSettings = Settings["models"][string];
export type ProfileSettings = NonNullable<ProviderSettings["profile"]>;

/** Parts of the contract that this version has not learnt yet; `*` is any name. */
export const LATER: readonly string[] = [
  ...["billing", "fleet", "auth.jwt", "auth.oidc", "auth.new_user_balance"],
  ...["telemetry.log_bodies", "telemetry.retention_days", "telemetry.sentry_dsn", "telemetry.langfuse", "telemetry.otlp_endpoint"],
  ...["models.*.outside_schedule", "models.*.deployments.*.engine", "models.*.price.per_gpu_second"],
  ...["keys.*.budgets", "keys.*.local_only", "keys.*.expires_at", "keys.*.user_id", "keys.*.admin"],
  ...["model_list", "litellm_settings", "router_settings", "general_settings"],
];

/** Values that are never shown; `*` is any name. */
export const SECRETS: readonly string[] = [
  "auth.admin_key",
  "auth.end_user_secret",
  "keys.*.key",
  "redis.url",
  "providers.*.api_key",
  "providers.*.api_keys.*",
  "providers.*.headers.*",
];

/** Is this path one of the patterns? */
export function matchesPattern(path: readonly (string | number)[], patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const steps = pattern.split(".");
    return steps.length === path.length && steps.every((step, index) => step === "*" || step === String(path[index]));
  });
}
