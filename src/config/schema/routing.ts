import { z } from "zod";
import { STRATEGIES } from "../../vocabulary/model.ts";
import { duration, flag, oneOf, text, wholeNumber } from "./fields.ts";
import { section } from "./sections.ts";

/** Shortest and longest wait between two tries, in milliseconds. */
export const DEFAULT_BACKOFF: readonly [number, number] = [200, 2000];

const deadlines = section({
  connect: duration().prefault("5s").describe("Longest time until a connection stands."),
  first_token: duration().prefault("60s").describe("Longest wait for the first content of a stream; reasoning models have more."),
  idle: duration().prefault("60s").describe("Longest silence inside a stream."),
  total: duration().prefault("10m").describe("Longest time for a whole answer."),
  queue: duration().prefault("30s").describe("Longest wait for a turn at a deployment that is full."),
});

const breaker = section({
  enabled: flag().prefault(true).describe("Leave failing deployments alone for a while."),
  failures: wholeNumber(1, 10_000).prefault(5).describe("So many failures within the window, with no answer between them, and it is left alone."),
  window: duration().prefault("60s").describe("How long a failure counts."),
  open: duration().prefault("60s").describe("How long it is left alone; then one request tries it."),
});

const healthCheck = section({
  mode: oneOf(["cheap", "completion", "off"])
    .default("cheap")
    .describe("cheap: the provider's list of models is asked for. completion: one token of each deployment, which may cost money. off: nothing."),
  every: duration().prefault("30s").describe("How often each provider of your own, or one that fails, is looked at."),
  max_fails: wholeNumber(1, 1000).prefault(3).describe("So many failed checks in a row, and it counts as down."),
  fail_timeout: duration().prefault("30s").describe("How long it counts as down at least."),
  timeout: duration().prefault("5s").describe("Longest wait for a check's answer."),
});

const outliers = section({
  enabled: flag().prefault(true).describe("Rest a deployment that is far slower, or fails far more often, than the others of its model."),
  slower: wholeNumber(2, 1000).prefault(4).describe("So many times as slow to the first token as the others' median."),
  rest: duration().prefault("30s").describe("How long it rests; longer each time in a row."),
});

/** `routing`. */
export const routing = section({
  strategy: oneOf(STRATEGIES)
    .default("weighted")
    .describe(`How the deployments of a model are put in order: ${STRATEGIES.join(", ")}.`),
  attempts: wholeNumber(1, 20).prefault(3).describe("Most tries for one request, over all deployments."),
  backoff_ms: z
    .tuple([wholeNumber(0, 3_600_000), wholeNumber(0, 3_600_000)], { error: "expected two waits in milliseconds, such as [200, 2000]." })
    .refine(([least, most]) => least <= most, { error: "the first wait is longer than the second." })
    .prefault([...DEFAULT_BACKOFF])
    .describe("Shortest and longest wait before the same deployment is tried again, in milliseconds."),
  hold_status: duration().prefault("8s").describe("How long a stream's status line waits for its first content, so that quick failures keep their true codes."),
  default_model: text().optional().describe("The model of a request that names none."),
  default_provider: text().optional().describe("The provider whose first model serves a request that names none."),
  deadlines: deadlines.prefault({}).describe("Deadlines of each attempt."),
  breaker: breaker.prefault({}).describe("When a deployment, or one key of it, is left alone."),
  health_check: healthCheck.prefault({}).describe("Looking at providers while nobody asks them."),
  outliers: outliers.prefault({}).describe("Resting what is much worse than its peers."),
});
