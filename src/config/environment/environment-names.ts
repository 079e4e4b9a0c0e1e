/** `get`: what another name says, if anything. */
export type Convert = (text: string, get: (name: string) => string | undefined) => unknown;

/** One environment name and what it means for the config. */
export interface EnvironmentName {
  readonly name: string;
  /** The config path it sets; absent for names that are read elsewhere. `keys`: a key of that name is added. */
  readonly path?: readonly (string | number)[];
  /** Text to the config's value, with what other names say; `undefined` sets nothing. Left out: the text itself, which the schema reads. */
  readonly convert?: Convert;
  /** `later`: understood, reported at start, and waiting for a later version. `start`: read before the config is. `stack`: for the compose stacks. `unused`: of seed 004, replaced by another. */
  readonly standing: "in force" | "later" | "start" | "stack" | "unused";
  readonly group: string;
  readonly example: string;
  readonly help: string;
}

/** Seconds, as the seeds write durations, to milliseconds. Text that is no number stays as it is, for the schema to refuse. */
function milliseconds(text: string): unknown {
  const seconds = Number(text);
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : text;
}

/** Seconds to a duration as the config writes it. */
function duration(text: string): string {
  return Number.isFinite(Number(text)) ? `${text.trim()}s` : text;
}

/** Redis' address from its parts. */
const redisAddress: Convert = (host, get) => {
  const password = get("REDIS_PASSWORD");
  const login = password === undefined ? "" : `:${encodeURIComponent(password)}@`;
  return `redis://${login}${host.includes(":") ? `[${host}]` : host}:${get("REDIS_PORT") ?? 6379}/${get("REDIS_DB") ?? 0}`;
};

/** A folder that DATABASE_URL names counts before it. */
const unlessFolder: Convert = (text, get) => (/^sqlite:/i.test(get("DATABASE_URL") ?? "") ? undefined : text);

/** `["a", "b"]` or `a,b`. */
function list(text: string): unknown {
  if (text.trimStart().startsWith("[")) {
    try {
      return JSON.parse(text);
    } catch {
      return text;
    }
  }
  return text.split(",").map((part) => part.trim());
}

/** Python's and our own names of log levels. */
function level(text: string): unknown {
  const name = text.toLowerCase();
  return { warning: "warn", critical: "error", fatal: "error", trace: "debug", notset: "debug" }[name] ?? name;
}

const isTrue = (text: string) => /^(true|yes|on|1)$/i.test(text);
const isFalse = (text: string) => /^(false|no|off|0)$/i.test(text);

type Row = readonly [name: string, path: string, example: string, help: string, convert?: Convert];

function group(title: string, standing: EnvironmentName["standing"], rows: readonly Row[]): EnvironmentName[] {
  return rows.map(([name, path, example, help, convert]) => ({
    name,
    path: path === "" ? undefined : path.split(".").map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
    ...(convert === undefined ? {} : { convert }),
    standing,
    group: title,
    example,
    help,
  }));
}

/** Every name the gateway knows besides the providers' own, which live with the providers. Where two set one path, the later row wins. */
export const ENVIRONMENT_NAMES: readonly EnvironmentName[] = [
  ...group("Start", "start", [["SIGNALBOX_CONFIG", "", "signalbox.yaml", "The config file. Without one, providers are discovered."]]),
  ...group("Server", "in force", [
    ["ENVIRONMENT", "server.environment", "production", "Stage; signalbox.<stage>.yaml overlays signalbox.yaml."],
    ["HOST", "server.host", "0.0.0.0", "Address to listen on."],
    ["PORT", "server.port", "4000", "Port to listen on."],
    ["PUBLIC_URL", "server.public_url", "https://llm.example.com", "How clients reach this server."],
    ["CORS_ORIGINS", "server.cors_origins", '["http://localhost:3000"]', "Web origins that may call from a browser, as a JSON list.", list],
    ["ALLOWED_HOSTS", "server.allowed_hosts", '["localhost"]', "Host names requests may be addressed to, as a JSON list.", list],
    ["PRIVATE_MODE", "server.private_mode", "true", "Every call needs a key; false is obeyed only on loopback."],
    ["REMOVE_SOURCES", "server.remove_sources", "false", "Strip citations from answers."],
    ["APP_VERSION", "server.app_version", "1.0.0", "Your own version label, shown in logs and health."],
    ["DEBUG", "telemetry.log_level", "false", "true writes debug lines, unless LOG_LEVEL says otherwise.", (text) => (isTrue(text) ? "debug" : undefined)],
    ["LOG_LEVEL", "telemetry.log_level", "info", "Least important lines to write: debug, info, warn, error.", level],
    ["ENABLE_REQUEST_LOGGING", "telemetry.log_requests", "true", "Write a line for every request."],
    ["PROMETHEUS_ENABLED", "telemetry.metrics", "true", "Count requests and serve /metrics."],
  ]),
  ...group("Storage", "in force", [
    ["SIGNALBOX_DATA_DIR", "database.data_dir", "data", "Folder of what is this gateway's alone, and of SQLite's files.", unlessFolder],
    ["DATABASE_URL", "database.url", "sqlite:data", "sqlite: and a folder, or postgres://user:password@host:5432/database."],
    ["REDIS_HOST", "redis.url", "localhost", "Redis, by parts: its host.", redisAddress],
    ["REDIS_PORT", "", "6379", "Its port, with REDIS_HOST."],
    ["REDIS_DB", "", "0", "Its database, with REDIS_HOST."],
    ["REDIS_PASSWORD", "", "", "Its password, with REDIS_HOST."],
    ["REDIS_URL", "redis.url", "redis://localhost:6379/0", "Redis, for what several gateways share; counts before the parts."],
  ]),
  ...group("Keys", "in force", [
    ["LITELLM_MASTER_KEY", "auth.admin_key", "sb-a-long-random-text", "The first admin key, by LiteLLM's name."],
    ["SIGNALBOX_ADMIN_KEY", "auth.admin_key", "sb-a-long-random-text", "The first admin key; without it one is made and printed once."],
    ["WEBUI_API_KEY", "keys.webui", "sb-a-long-random-text", "A key for Open WebUI (source webui)."],
    ["N8N_API_KEY", "keys.n8n", "sb-a-long-random-text", "A key for n8n (source n8n)."],
    ["FORWARD_USER_INFO_HEADER_JWT_SECRET", "auth.end_user_secret", "", "Open WebUI's secret for its users' names, shared with it."],
  ]),
  ...group("Tokens", "in force", [
    ["JWT_SECRET_KEY", "auth.jwt.secret", "", "Secret of JSON Web Tokens, at least 32 bytes: openssl rand -hex 32."],
    ["JWT_ALGORITHM", "auth.jwt.algorithm", "HS256", "The one algorithm accepted with it: HS256, HS384 or HS512."],
    ["JWT_ACCESS_TOKEN_EXPIRE_MINUTES", "auth.jwt.expire_minutes", "30", "How long a token of /auth/token is good."],
  ]),
  ...group("Routing", "in force", [
    ["PROVIDER", "routing.default_provider", "openai", "The provider that serves requests which name no model."],
    ["RETRY_MAX_ATTEMPTS", "routing.attempts", "3", "Most tries for one request."],
    ["RETRY_ENABLED", "routing.attempts", "true", "false: one try only.", (text) => (isFalse(text) ? 1 : undefined)],
    ["RETRY_BASE_DELAY", "routing.backoff_ms.0", "0.2", "Shortest wait before a retry, in seconds.", milliseconds],
    ["RETRY_MAX_DELAY", "routing.backoff_ms.1", "2.0", "Longest wait before a retry, in seconds.", milliseconds],
  ]),
  ...group("Failing deployments", "in force", [
    ["CIRCUIT_BREAKER_ENABLED", "routing.breaker.enabled", "true", "Leave failing deployments alone for a while."],
    ["CIRCUIT_BREAKER_FAILURE_THRESHOLD", "routing.breaker.failures", "5", "Failures until then."],
    ["CIRCUIT_BREAKER_RECOVERY_TIMEOUT", "routing.breaker.open", "60", "Seconds until one is tried again.", duration],
  ]),
  ...group("Limits", "in force", [
    ["RATE_LIMIT_STORAGE", "limits.store", "memory", "Where limits are counted: memory or redis."],
    ["RATE_LIMIT_REQUESTS_PER_MINUTE", "limits.per_user.requests_per_minute", "60", "Requests per user and minute."],
    ["RATE_LIMIT_REQUESTS_PER_HOUR", "limits.per_user.requests_per_hour", "1000", "Requests per user and hour."],
  ]),
  ...group("Money", "in force", [
    ["BILLING_ENABLED", "billing.enabled", "false", "Enforce balances."],
    ["BILLING_CURRENCY", "billing.currency", "USD", "Their currency."],
    ["BILLING_DEFAULT_BALANCE", "billing.default_balance", "100.0", "A new user's balance."],
  ]),
  ...group("Waiting for a later version", "later", [
    ["SENTRY_DSN", "telemetry.sentry_dsn", "", "Report errors to Sentry."],
    ["LANGFUSE_ENABLED", "telemetry.langfuse.enabled", "false", "Report requests to Langfuse."],
    ["LANGFUSE_PUBLIC_KEY", "telemetry.langfuse.public_key", "", "Langfuse's public key."],
    ["LANGFUSE_SECRET_KEY", "telemetry.langfuse.secret_key", "", "Langfuse's secret key."],
    ["LANGFUSE_HOST", "telemetry.langfuse.host", "", "Langfuse's address."],
    ["OTEL_EXPORTER_OTLP_ENDPOINT", "telemetry.otlp_endpoint", "", "Where traces are sent."],
  ]),
  ...group("For the compose stacks", "stack", [
    ["SSL_DOMAIN", "", "llm.example.com", "The proxy's domain."],
    ["SSL_EMAIL", "", "admin@example.com", "Whom the certificate authority writes to."],
  ]),
  ...group("Not used", "unused", [
    ["SUPABASE_URL", "", "", "Not used: Supabase is its PostgreSQL string in DATABASE_URL."],
    ["SUPABASE_KEY", "", "", "Not used, like SUPABASE_URL."],
    ["SUPABASE_SERVICE_ROLE_KEY", "", "", "Not used, like SUPABASE_URL."],
  ]),
];
