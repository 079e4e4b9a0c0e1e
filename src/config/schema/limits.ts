import { rateLimits } from "./bounds.ts";
import { duration, oneOf, wholeNumber } from "./fields.ts";
import { section } from "./sections.ts";

/** `limits`. */
export const limits = section({
  per_ip: rateLimits.prefault({}).describe("For each address; of IPv6 for each /64."),
  per_key: rateLimits.prefault({}).describe("For each key, with the same fields; where a key has limits of its own, each takes the place of this one."),
  per_user: rateLimits.prefault({}).describe("For each user, with the same fields; a key without one is a user of its own."),
  per_team: rateLimits.prefault({}).describe("For each team, with the same fields."),
  per_model: rateLimits.prefault({}).describe("For each model over all callers, with the same fields."),
  global: rateLimits.prefault({}).describe("For all callers together, with the same fields."),
  settings: rateLimits.prefault({}).describe("For each who changes settings over the network or tries to, with the same fields; reading is never limited."),
  store: oneOf(["memory", "redis"]).optional().describe("Where they are counted; left out: in Redis where redis.url is set."),
  timeout: duration().prefault("15ms").describe("Longest wait for Redis; past that each gateway counts for itself until Redis answers again."),
  replicas: wholeNumber(1, 10_000).prefault(1).describe("How many gateways there are: each grants this part of every limit while they cannot count together."),
});
