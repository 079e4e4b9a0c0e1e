import type { StrategyName } from "../../vocabulary/model.ts";
import type { Tell } from "../file/problem.ts";
import type { Workshop } from "./deployments.ts";
import { asCount, asDuration, asFlag, asText, Carried, type Convert, type Fields, NOT_CARRIED } from "./fields.ts";

/** LiteLLM's sections about everything but models. */
export interface Sections {
  readonly router: Fields;
  readonly litellm: Fields;
  readonly general: Fields;
}

type Ours = Record<string, Carried | undefined>;

const STRATEGIES: Readonly<Record<string, StrategyName>> = {
  "simple-shuffle": "weighted",
  "least-busy": "least_busy",
  "latency-based-routing": "fastest",
  "cost-based-routing": "cheapest",
  "usage-based-routing": "least_busy",
  "usage-based-routing-v2": "least_busy",
};

/** `routing`, from the router's section; what that leaves out, from LiteLLM's. */
export function routingOf({ router, litellm, general }: Sections, tell: Tell): Ours {
  const either = (name: string, convert: Convert) => {
    const [first, second] = [router, litellm].map((section) => section.carry(name, convert));
    return first ?? second;
  };
  const strategy = router.carry("routing_strategy", (value) => STRATEGIES[String(value)]);
  if (/^usage-based/.test(String(router.take("routing_strategy"))))
    tell([...router.path, "routing_strategy"], "became least_busy.", "Quotas (rpm, tpm) are kept whatever the strategy.");
  const [timeout, requestTimeout] = [either("timeout", asDuration), litellm.carry("request_timeout", asDuration)];
  const total = timeout ?? requestTimeout;
  const firstToken = router.carry("stream_timeout", asDuration);
  const deadlines = total ?? firstToken;
  const failures = either("allowed_fails", (value) => plusOne(value, 10_000));
  const open = either("cooldown_time", asDuration);
  const disabled = router.carry("disable_cooldowns", asFlag);
  const enabled = disabled?.value === true ? new Carried(false, disabled.from) : undefined;
  const breaker = failures ?? open ?? enabled;
  const every = general.carry("health_check_interval", asDuration);
  const looks = general.carry("background_health_checks", asFlag)?.value === true ? every : undefined;
  // Prompts that are too long for a deployment never go there.
  router.skip("enable_pre_call_checks", "enable_pre_call_check");
  return {
    strategy,
    attempts: either("num_retries", (value) => plusOne(value, 20)),
    backoff_ms: router.carry("retry_after", backoffOf),
    default_model: general.carry("completion_model", asText),
    deadlines: deadlines && new Carried({ total, first_token: firstToken }, deadlines.from),
    breaker: breaker && new Carried({ enabled, failures, open }, breaker.from),
    health_check: looks && new Carried({ every: looks }, looks.from),
  };
}

/** One try and so many again; so many failures and one more. */
function plusOne(value: unknown, most: number): number | undefined {
  const number = Number(value);
  return Number.isInteger(number) && number >= 0 ? Math.min(most, number + 1) : undefined;
}

const LONGEST_WAIT = 2000;

function backoffOf(value: unknown): readonly [number, number] | undefined {
  const least = Math.round(Number(value) * 1000);
  return Number.isFinite(least) && least >= 0 ? [least, Math.max(least, LONGEST_WAIT)] : undefined;
}

/** `cache` and `redis`. */
export function storesOf({ router, litellm }: Sections, shop: Workshop): { readonly cache: Ours; readonly redis: Ours } {
  const on = litellm.carry("cache", asFlag);
  const params = litellm.section("cache_params");
  const type = params.text("type") ?? "redis";
  const known = type === "redis" || type === "local";
  if (on?.value === true && !known) shop.tell([...params.path, "type"], `is not carried over: answers are not cached in ${type}.`, "They are kept in memory.");
  const optIn = params.text("mode") === "default_off";
  if (optIn) shop.tell([...params.path, "mode"], "is not carried over: nothing is cached.", "Turn it on for a model: cache: true.");
  const url = redisUrl(router, "redis_") ?? (known && type === "redis" ? redisUrl(params, "") : undefined) ?? redisOfFile(shop, on);
  const ttl = params.carry("ttl", asDuration);
  if (known || on !== undefined) params.tellRest();
  const enabled = on?.value === true && !optIn;
  const cache = enabled
    ? { enabled: on, store: new Carried(type === "redis" ? "redis" : "memory", params.has("type") ? [...params.path, "type"] : on.from), ttl }
    : {};
  return { cache, redis: { url } };
}

/** An address from its parts, which may be references. */
function redisUrl(section: Fields, prefix: string): Carried | undefined {
  const whole = section.carry(`${prefix}url`, asText);
  const host = section.carry(`${prefix}host`, asText);
  const [port, db, password] = ["port", "db", "password"].map((name) => section.carry(prefix + name, asText));
  const secure = section.carry(`${prefix}ssl`, asFlag)?.value === true;
  if (whole !== undefined) return whole;
  return host && new Carried(addressOf({ host: host.value, port: port?.value, db: db?.value, password: password?.value, secure }), host.from);
}

/** What the file itself puts into the environment counts like what is there. */
function redisOfFile(shop: Workshop, on: Carried | undefined): Carried | undefined {
  if (on === undefined) return undefined;
  const whole = shop.variable("REDIS_URL");
  const host = shop.variable("REDIS_HOST");
  const [port, db, password] = ["REDIS_PORT", "REDIS_DB", "REDIS_PASSWORD"].map((name) => shop.variable(name)?.value);
  return whole ?? (host && new Carried(addressOf({ host: host.value, port, db, password, secure: false }), host.from));
}

function addressOf(parts: {
  readonly host: unknown;
  readonly port: unknown;
  readonly db: unknown;
  readonly password: unknown;
  readonly secure: boolean;
}): string {
  const { host, port = 6379, db = 0, password, secure } = parts;
  const encoded = password === undefined ? "" : `:${String(password).startsWith("${") ? password : encodeURIComponent(String(password))}@`;
  return `${secure ? "rediss" : "redis"}://${encoded}${host}:${port}/${db}`;
}

/** `auth` and `server`. */
export function managementOf({ general }: Sections): { readonly auth: Ours; readonly server: Ours } {
  return { auth: { admin_key: general.carry("master_key", asText) }, server: { max_body_mb: general.carry("max_request_size_mb", asCount) } };
}

const TOLD_ELSEWHERE = "Requests are counted at /metrics and kept, with traces, under /admin/requests.";
const OWN_KEYS = "Keys and users are Signalbox's own: signalbox keys create.";
const WHY: Readonly<Record<string, string>> = {
  success_callback: TOLD_ELSEWHERE,
  failure_callback: TOLD_ELSEWHERE,
  callbacks: TOLD_ELSEWHERE,
  service_callbacks: TOLD_ELSEWHERE,
  set_verbose: "telemetry.log_level: debug says more.",
  json_logs: "Logs are JSON, unless a terminal reads them.",
  drop_params: "A field that a model does not know is always left out, and x-signalbox-warnings says so.",
  modify_params: "Requests are always written as the provider takes them.",
  database_url: OWN_KEYS,
  database_connection_pool_limit: OWN_KEYS,
  custom_auth: OWN_KEYS,
  store_model_in_db: "Models live in the config file.",
  health_check_interval: "Without background_health_checks it has no effect.",
  retry_policy: "routing.attempts counts for all kinds of failure; which are tried again is fixed.",
  allowed_fails_policy: "routing.breaker counts for all kinds of failure.",
  cache_responses: "cache.enabled counts for all.",
};

/** Tells of every setting that nothing became of. */
export function tellRest({ router, litellm, general }: Sections): void {
  for (const section of [router, litellm, general]) section.tellRest(WHY);
}

/** Requests with a tag go to deployments with it, others to those with the tag `default`, where there are any. */
export function tagRules(tags: readonly string[], from: Carried["from"]): Carried[] {
  const own = tags.filter((tag) => tag !== "default").map((tag) => new Carried({ when: { tag }, only: tag }, from));
  return tags.includes("default") ? [...own, new Carried({ only: "default" }, from)] : own;
}

/** Is a deployment chosen by the request's tags? */
export function routesByTags({ router }: Sections, tell: Tell): Carried | undefined {
  const on = router.carry("enable_tag_filtering", asFlag);
  if (on?.value !== true) return undefined;
  tell(on.from, "became rules.", "Requests name their tags in the header x-signalbox-tags.");
  if (router.carry("tag_filtering_match_any", asFlag)?.value === false)
    tell([...router.path, "tag_filtering_match_any"], NOT_CARRIED, "A rule looks for one tag.");
  return on;
}
