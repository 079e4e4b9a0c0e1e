import { STRATEGIES } from "../src/vocabulary/model.ts";

/** With everything on (keys of users, limits, balances, prices, rows, lines and metrics), or with as little as the config allows: the difference is the price of the features. */
export type Features = "on" | "off";

/** The first admin key of a gateway under test. */
export const BENCH_KEY = "sb-bench-0123456789abcdef0123456789abcdef";
/** A user who pays for what they ask, and their key. */
export const BENCH_USER = { id: "bench", balance: 1_000_000_000, key: "sb-user-0123456789abcdef0123456789abcdef" };

/** What the bench upstream can be asked for: see `upstream.ts`. */
export const KINDS = ["instant", "delay-20", "stream-100-100", "stream-50-20", "stream-100000-100"] as const;

const FIFTY = Array.from({ length: 50 }, (_, index) => ({ provider: "instant", model: `bench-${index}`, price: { input: index + 1, output: index + 1 } }));

/** A config with one provider and one model (`bench-<kind>`) per kind of work, and one model per strategy with fifty deployments. */
export function benchConfig(upstreamPort: number, features: Features): object {
  const providers: Record<string, object> = {};
  const models: Record<string, object> = {};
  for (const kind of KINDS) {
    providers[kind] = { kind: "openai-compatible", base_url: `http://127.0.0.1:${upstreamPort}/${kind}/v1`, api_key: "none" };
    models[`bench-${kind}`] = { deployments: [{ provider: kind, model: "bench" }], price: { input: 1, output: 2 } };
  }
  models["bench-engine"] = { deployments: [{ engine: "bench" }], price: { input: 1, output: 2 } };
  const fleet = { engines: { bench: { driver: "static", kind: "openai-compatible", model: "bench", url: `http://127.0.0.1:${upstreamPort}/instant/v1` } } };
  for (const strategy of STRATEGIES) models[`bench-${strategy}`] = { strategy, deployments: FIFTY };
  if (features === "off") return { providers, models, fleet, telemetry: { log_level: "error", log_requests: false, metrics: false } };
  // Nobody reaches them: what costs is the counting.
  const limit = { requests_per_minute: 1_000_000_000, tokens_per_minute: 1_000_000_000_000 };
  return { providers, models, fleet, billing: { enabled: true, durability: "strict" }, limits: { per_key: limit, per_user: limit } };
}
