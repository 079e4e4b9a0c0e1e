import { z } from "zod";
import { address, amount, duration, flag, oneOf, text, texts, wholeNumber } from "./fields.ts";

/** Shortest and longest wait between two tries, in milliseconds. */
export const DEFAULT_BACKOFF: readonly [number, number] = [200, 2000];

const section = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape, { error: wrongShape });
const wrongShape = (issue: { readonly code?: string }) => (issue.code === "invalid_type" ? "expected fields below this name, as `name: value`." : undefined);
const named = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value, { error: "expected names with their fields below." });

const server = section({
  host: text("an address to listen on").default("0.0.0.0").describe("Address to listen on. 127.0.0.1 keeps it on this machine."),
  port: wholeNumber(0, 65_535).prefault(4000).describe("Port to listen on; 0 takes any free one."),
  public_url: address().optional().describe("How clients reach this server, as shown at start: https://llm.example.com."),
  max_body_mb: wholeNumber(1, 1024).prefault(32).describe("Largest request body, in megabytes; more is 413."),
  cors_origins: texts().default([]).describe("Web origins whose pages may call from a browser; `*` for all."),
  allowed_hosts: texts().default([]).describe("Host names requests may be addressed to; empty allows any."),
  trusted_proxies: texts().default([]).describe("Addresses or networks (10.0.0.0/8, loopback) whose X-Forwarded-For is believed."),
  trusted_networks: texts().default(["loopback"]).describe("Networks that may read health details and metrics without a key."),
  shutdown_grace: duration().prefault("30s").describe("How long running requests may go on once told to stop; then they are called off, each with an error."),
  private_mode: flag().prefault(true).describe("Every call needs a key. `false` is obeyed only when the server listens on loopback."),
  remove_sources: flag().prefault(false).describe("Strip citations from answers."),
  ollama_api: flag().prefault(true).describe("Serve Ollama's own API (`/api/chat`, `/api/tags`, …) beside the others; `false`: its routes are 404."),
  fetch_media: section({
    enabled: flag()
      .prefault(false)
      .describe("Fetch images and files that a request names by https URL, when its model needs the bytes. `false`: such requests are 400."),
    max_mb: wholeNumber(1, 100).prefault(10).describe("Most megabytes fetched for one request."),
    timeout: duration().prefault("5s").describe("Longest time to fetch them all."),
  })
    .prefault({})
    .describe("Media by URL for models that cannot fetch themselves. Only public addresses are called, and no redirects followed."),
  environment: text().optional().describe("Name of this installation's stage, such as production; also chooses the overlay file."),
  app_version: text().optional().describe("Your own version label, shown in logs and health."),
});

const database = section({
  url: z
    .string({ error: "expected sqlite: and a folder, such as sqlite:data." })
    .refine((url) => !/^postgres(ql)?:/i.test(url), { error: "PostgreSQL is not supported by this version." })
    .refine((url) => /^sqlite:.+/.test(url) || /^postgres(ql)?:/i.test(url), { error: "expected sqlite: and a folder, such as sqlite:data." })
    .default("sqlite:data")
    .describe("Where keys and requests are kept: sqlite: and a folder."),
});

const profile = section({
  dialect: oneOf(["openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama"])
    .optional()
    .describe("The only one of its provider's dialects it is asked in. Left out: the client's own, else the provider's first."),
  translated_to: oneOf(["openai-chat", "openai-responses", "anthropic-messages", "gemini", "ollama"])
    .optional()
    .describe("Which of its provider's dialects it is asked in for clients who speak none of them."),
  stream_usage: oneOf(["ask", "always", "never"]).optional().describe("Usage in streams: ask for it, it always comes, it never does."),
  drop: texts().optional().describe("Top-level fields this upstream rejects; dropped with a warning."),
  rename: z.record(z.string(), text()).optional().describe("Top-level fields it knows by another name."),
  developer_role: flag().optional().describe("Does it know the developer role?"),
  sampling: oneOf(["free", "fixed"]).optional().describe("fixed: temperature, top_p and top_k are not sent."),
  max_temperature: amount().optional().describe("Highest temperature it takes."),
  thinking: oneOf(["none", "effort", "adaptive", "budget", "level"]).optional().describe("How it is told to think."),
  efforts: z
    .array(oneOf(["minimal", "low", "medium", "high", "xhigh", "max"]), { error: "expected a list of efforts, such as [low, medium, high]." })
    .optional()
    .describe("The efforts it knows, the least first; others become the nearest. Empty: it thinks as it sees fit."),
  thinking_off: flag().optional().describe("Can thinking be turned off?"),
  max_output: wholeNumber(1, 10_000_000).optional().describe("Most tokens in one answer; more is clamped."),
  default_max_tokens: wholeNumber(1, 10_000_000).optional().describe("Sent when the client gives no bound and the upstream needs one."),
  prefill: flag().optional().describe("May the last message be the assistant's, to be continued?"),
  mid_system: flag().optional().describe("Does it take system messages after the conversation began?"),
  image_urls: flag().optional().describe("Does it fetch images by URL itself?"),
  tool_result_images: flag().optional().describe("Does it take images in tool results?"),
  max_stops: wholeNumber(0, 10_000).optional().describe("Most stop sequences it takes."),
  family: text().optional().describe("Deployments of one family accept each other's thinking signatures."),
  deadlines: section({
    first_token: duration().optional().describe("Longest wait for the first content of a stream."),
    idle: duration().optional().describe("Longest silence inside a stream."),
    total: duration().optional().describe("Longest time for a whole answer."),
  })
    .optional()
    .describe("Deadlines of this model, over those of routing."),
});

function providerSection(kinds: readonly string[]) {
  return section({
    kind: z
      .enum(kinds as readonly [string, ...string[]], { error: `expected a kind of provider: ${kinds.join(", ")}.` })
      .optional()
      .describe("What it is. May be left out when the provider is named like its kind."),
    api_key: text().optional().describe("Its key; best as ${NAME} or ${file:/run/secrets/name}. Left out: the kind's usual environment variable."),
    base_url: address().optional().describe("Where it is, when not at the kind's usual address."),
    headers: z.record(z.string(), text()).optional().describe("Sent with every call to it."),
    resource: text().optional().describe("Azure: the resource's name, instead of base_url."),
    api_version: text().optional().describe("Azure: the api-version of every call."),
    deployment_paths: flag().optional().describe("Azure: call /openai/deployments/{model}/…, as older resources want it."),
    profile: profile.optional().describe("Quirks of all its models, over the built-in ones."),
  });
}

const deployment = section({
  provider: text("the name of a provider").describe("A name under providers."),
  model: text("the model as the provider calls it").describe("The model as the provider calls it."),
  weight: amount().prefault(1).describe("Share of the traffic among the deployments of this model."),
  max_batch: wholeNumber(1, 100_000).optional().describe("Most inputs of one embeddings call; more are put in several calls, side by side."),
  profile: profile.optional().describe("Quirks of this deployment, over all others."),
});

const price = section({
  input: amount().optional().describe("USD for a million prompt tokens."),
  output: amount().optional().describe("USD for a million generated tokens."),
  cache_read: amount().optional().describe("USD for a million prompt tokens read from a cache."),
  cache_write: amount().optional().describe("USD for a million prompt tokens written to a cache."),
  per_request: amount().optional().describe("USD for each request."),
});

const model = section({
  aliases: texts().default([]).describe("Other names clients may use."),
  deployments: z
    .array(deployment, { error: "expected a list of deployments, such as [{ provider: openai, model: gpt-4o-mini }]." })
    .min(1, { error: "expected at least one deployment, such as { provider: openai, model: gpt-4o-mini }." })
    .describe("Where it can be served."),
  fallbacks: texts().default([]).describe("Models to try, in order, when no deployment of this one can answer."),
  price: price.optional().describe("What it costs, in USD per million tokens."),
});

const routing = section({
  attempts: wholeNumber(1, 20).prefault(3).describe("Most tries for one request, over all deployments."),
  backoff_ms: z
    .tuple([wholeNumber(0, 3_600_000), wholeNumber(0, 3_600_000)], { error: "expected two waits in milliseconds, such as [200, 2000]." })
    .refine(([least, most]) => least <= most, { error: "the first wait is longer than the second." })
    .prefault([...DEFAULT_BACKOFF])
    .describe("Shortest and longest wait before the same deployment is tried again, in milliseconds."),
  hold_status: duration().prefault("8s").describe("How long a stream's status line waits for its first content, so that quick failures keep their true codes."),
  default_model: text().optional().describe("The model of a request that names none."),
  default_provider: text().optional().describe("The provider whose first model serves a request that names none."),
  deadlines: section({
    connect: duration().prefault("5s").describe("Longest time until a connection stands."),
    first_token: duration().prefault("60s").describe("Longest wait for the first content of a stream; reasoning models have more."),
    idle: duration().prefault("60s").describe("Longest silence inside a stream."),
    total: duration().prefault("10m").describe("Longest time for a whole answer."),
  })
    .prefault({})
    .describe("Deadlines of each attempt."),
});

const responses = section({
  store: flag()
    .prefault(true)
    .describe("Keep the answers of /v1/responses for clients that do not say `store: false`, as OpenAI does; they go on from them by id."),
  lifetime: duration().prefault("30d").describe("How long they are kept."),
});

const key = section({
  name: text().describe("What it is called in logs and lists."),
  key: text().describe("The key itself; best as ${NAME}. Stored hashed; a changed value replaces the old one."),
  source: text().optional().describe("Where it is used: webui, n8n."),
  models: texts().optional().describe("Models it may use; left out: all."),
  vouches: flag()
    .prefault(false)
    .describe("Is it believed when it says for whom it asks, by Open WebUI's headers and the like? Only for programs that check who their users are."),
  strict: flag().prefault(false).describe("Refuse a request whose tuning the model does not know, instead of answering without it and saying so in a header."),
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
    providers: named(providerSection(kinds))
      .default({})
      .describe("Services to call, by a name of your choice. None: they are discovered from the environment."),
    models: named(model).default({}).describe("What clients ask for, by name. None: every model the providers list."),
    routing: routing.prefault({}).describe("Retries, fallbacks and deadlines."),
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
export type ProfileSettings = NonNullable<ProviderSettings["profile"]>;

/** Parts of the contract that this version has not learnt yet; `*` is any name. */
export const LATER: readonly string[] = [
  ...["redis", "cache", "limits", "billing", "fleet", "auth.jwt", "auth.oidc", "auth.new_user_balance"],
  ...["telemetry.log_bodies", "telemetry.retention_days", "telemetry.sentry_dsn", "telemetry.langfuse", "telemetry.otlp_endpoint"],
  ...["routing.breaker", "routing.health_check", "models.*.strategy", "models.*.rules", "models.*.context_fallbacks", "models.*.content_fallbacks"],
  ...["models.*.outside_schedule", "models.*.deployments.*.engine", "models.*.deployments.*.tags", "models.*.deployments.*.max_concurrent"],
  ...["models.*.deployments.*.max_queue", "models.*.price.per_gpu_second"],
  ...["keys.*.limits", "keys.*.budgets", "keys.*.local_only", "keys.*.expires_at", "keys.*.user_id", "keys.*.admin"],
  ...["model_list", "litellm_settings", "router_settings", "general_settings"],
];

/** Values that are never shown; `*` is any name. */
export const SECRETS: readonly string[] = ["auth.admin_key", "auth.end_user_secret", "keys.*.key", "providers.*.api_key", "providers.*.headers.*"];

/** Is this path one of the patterns? */
export function matchesPattern(path: readonly (string | number)[], patterns: readonly string[]): boolean {
  return patterns.some((pattern) => {
    const steps = pattern.split(".");
    return steps.length === path.length && steps.every((step, index) => step === "*" || step === String(path[index]));
  });
}
