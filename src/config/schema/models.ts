import { z } from "zod";
import { ABILITIES } from "../../vocabulary/deployment.ts";
import { STRATEGIES } from "../../vocabulary/model.ts";
import { amount, DAYS, duration, flag, oneOf, text, texts, timeOfDay, timeZone, wholeNumber } from "./fields.ts";
import { price } from "./price.ts";
import { profile } from "./providers.ts";
import { section } from "./sections.ts";

const hours = section({
  from: timeOfDay().describe("From this time of day: 02:00."),
  to: timeOfDay().describe("Until this one; the next day's when it is not later."),
  days: z
    .array(oneOf(DAYS), { error: "expected a list of days, such as [mon, tue]." })
    .optional()
    .describe("On these days: sun, mon, tue, wed, thu, fri, sat. Left out: every day."),
  timezone: timeZone().optional().describe("Of this time zone: Europe/Moscow. Left out: this machine's."),
});

const A_PROVIDER = "the name of a provider";
const ITS_MODEL = "the model as the provider calls it";

const deployment = section({
  provider: text(A_PROVIDER).optional().describe("A name under providers."),
  model: text(ITS_MODEL).optional().describe("The model as the provider calls it; `*` under a name with `*`: what the client wrote there."),
  engine: text("the name of an engine").optional().describe("A name under fleet.engines, instead of provider and model; its limits are the engine's."),
  weight: amount().prefault(1).describe("Share of the traffic among the deployments of this model."),
  priority: wholeNumber(0, 100).prefault(0).describe("Its tier: 0 is asked first, 1 when none of those can answer, and so on."),
  tags: texts().default([]).describe("Words by which rules choose it."),
  max_concurrent: wholeNumber(1, 1_000_000).optional().describe("Most calls at once."),
  max_queue: wholeNumber(0, 1_000_000)
    .prefault(100)
    .describe("Most calls that wait for their turn when it is full; 0: none, they go elsewhere or are told 503."),
  requests_per_minute: wholeNumber(1, 1_000_000_000).optional().describe("Most calls in a minute; past them others are asked."),
  tokens_per_minute: wholeNumber(1, 1_000_000_000_000).optional().describe("Most tokens in a minute, prompt and answer together."),
  max_batch: wholeNumber(1, 100_000)
    .optional()
    .describe("Most inputs of one embeddings call; more are put in several calls, side by side as far as there is room."),
  context_window: wholeNumber(1, 1_000_000_000).optional().describe("Tokens that prompt and answer may have together; longer prompts go elsewhere."),
  abilities: z
    .array(oneOf(ABILITIES), { error: `expected a list of ${ABILITIES.join(", ")}.` })
    .optional()
    .describe(`All it can do besides text: ${ABILITIES.join(", ")}. Left out: not known, so it is asked.`),
  hours: hours.optional().describe("When it may be called. Left out: always."),
  price: price().optional().describe("What it costs, in USD, or free. Left out: what is built in, else the model's price."),
  profile: profile.optional().describe("Quirks of this deployment, over all others."),
}).superRefine((given, context) => {
  if (given.engine !== undefined) return;
  for (const [field, message] of [
    ["provider", A_PROVIDER],
    ["model", ITS_MODEL],
  ] as const)
    if (given[field] === undefined)
      context.addIssue({ code: "invalid_type", expected: "string", input: undefined, path: [field], message: `expected ${message}.` });
});

/** One word or several. */
const words = () => z.union([text(), texts()], { error: "expected a word or a list of words." });

const when = section({
  prompt_tokens_over: wholeNumber(0, 1_000_000_000).optional().describe("The prompt has more tokens than this, as estimated."),
  prompt_tokens_under: wholeNumber(0, 1_000_000_000).optional().describe("It has fewer."),
  source: words().optional().describe("The key's source, or the header x-signalbox-source of a key that has none: webui, n8n."),
  user: words().optional().describe("The key's user, or whom it vouches for."),
  tag: words().optional().describe("A word of the header x-signalbox-tags."),
  ability: z
    .union([oneOf(ABILITIES), z.array(oneOf(ABILITIES))], { error: `expected one or a list of ${ABILITIES.join(", ")}.` })
    .optional()
    .describe(`What the request needs: ${ABILITIES.join(", ")}.`),
  time: hours.optional().describe("The time of day."),
});

const rule = section({
  when: when.prefault({}).describe("All of these must hold; of a list, one. Left out: always."),
  prefer: text().optional().describe("A tag, a provider or `provider/model`: those are asked first, the others when none of them can."),
  only: text().optional().describe("Likewise, and no others are asked."),
  sticky: z
    .union(
      [flag(), oneOf(["auto", "user", "chat", "session", "prefix"]), section({ header: text().describe("Requests with the same value of this header.") })],
      { error: "expected true, auto, user, chat, session, prefix, or { header: name }." },
    )
    .optional()
    .describe(
      "What belongs together goes to one deployment: by user, chat, session, the prompt's beginning (prefix) or a header. `true`: the first of them there is.",
    ),
  priority: wholeNumber(-100, 100).prefault(0).describe("Where all deployments are full: who waits with a higher one is served first."),
});

const hedge = section({
  after: duration().describe("A second deployment is asked when the first has sent no content for so long; who answers first is heard."),
  percent: wholeNumber(1, 100).prefault(5).describe("Of a hundred requests so many may be asked twice."),
});

/** One of `models`. */
export const model = section({
  aliases: texts().default([]).describe("Other names clients may use."),
  deployments: z
    .array(deployment, { error: "expected a list of deployments, such as [{ provider: openai, model: gpt-4o-mini }]." })
    .min(1, { error: "expected at least one deployment, such as { provider: openai, model: gpt-4o-mini }." })
    .describe("Where it can be served."),
  strategy: oneOf(STRATEGIES)
    .optional()
    .describe(`How its deployments are put in order: ${STRATEGIES.join(", ")}. Left out: routing.strategy.`),
  rules: z
    .array(rule, { error: "expected a list of rules, such as [{ when: { source: n8n }, prefer: batch }]." })
    .default([])
    .describe("Which deployments a request goes to; the first rule that matches counts."),
  fallbacks: texts().default([]).describe("Models to try, in order, when no deployment of this one can answer."),
  context_fallbacks: texts().default([]).describe("Models to try instead when the prompt is too long for it."),
  content_fallbacks: texts().default([]).describe("Models to try when its provider refuses what the prompt says."),
  cache: flag().optional().describe("Are its answers kept in the cache? Left out: when cache.enabled is true."),
  hedge: hedge.optional().describe("Asking a second deployment when the first is slow. Left out: never."),
  outside_schedule: z
    .union([oneOf(["reject", "queue"]), section({ alias: text().describe("The model that answers instead.") })], {
      error: "expected reject, queue, or { alias: other-model }.",
    })
    .optional()
    .describe(
      "What becomes of requests while none of its engines may run. reject: they are told when one may. queue: they wait as long as fleet.max_wait. alias: another model answers. Left out: its fallbacks, if it has any, else reject.",
    ),
  price: price().optional().describe("What those who ask for it are charged, in USD, or free. Left out: what the deployment that serves costs."),
});
