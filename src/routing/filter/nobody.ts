import { Failure } from "../../vocabulary/failure.ts";
import { opensAt } from "../../vocabulary/hours.ts";
import type { Option } from "../able/option.ts";
import type { Prompt } from "../ask.ts";
import type { Engines } from "../engines.ts";
import { allUsedUp, type Exhausted } from "../quota/used-up.ts";
import { sizeFor } from "./fit.ts";
import type { Because, Out, Sifting } from "./sift.ts";

/** Why nobody may be asked, as the client is told: what passes soonest of all that is against them. */
export function nobody({ able: { model }, ask: { prompt }, rule, engines, today, now }: Sifting, out: readonly Out[]): Failure {
  const name = JSON.stringify(model.name);
  const usedUp = out.filter(({ because }) => because === "used-up");
  if (usedUp.length > 0) return allUsedUp(name, usedUp.map(exhausted), now);
  const those = (because: Because) => out.filter((each) => each.because === because).map(({ option }) => option);
  const closed = those("closed");
  if (closed.length > 0)
    return notScheduled(
      name,
      closed.map((option) => opensFor(option, engines, today)),
      today,
    );
  const small = those("small");
  if (small.length > 0 && prompt !== undefined) return overflow(small, prompt);
  if (those("unable").length > 0 && prompt !== undefined) {
    const needs = [...prompt.needs()].join(", ");
    return new Failure("invalid-request", `No deployment of ${name} that may be asked can do all this request needs: ${needs}. Choose a model that can.`, {
      param: "model",
    });
  }
  if (out.every(({ because }) => because === "cloud"))
    return new Failure(
      "model-not-found",
      `${name} is served by cloud services only, and this API key never uses one (local_only). Choose a model that runs on your own machines: GET /v1/models lists them.`,
      { param: "model" },
    );
  return new Failure("no-healthy-deployment", `${rule?.name ?? "A rule"} of ${name} allows only ${rule?.rule.only ?? "others"}, and that can do nothing here.`);
}

function exhausted({ option, rest = "", until = 0 }: Out): Exhausted {
  return { deployment: option.deployment.id, what: rest, until };
}

/** Its own hours, and those of its engine; milliseconds since 1970. */
function opensFor({ deployment: { hours, engine } }: Option, engines: Engines, today: number): number {
  const own = hours === undefined ? today : (opensAt(hours, today) ?? Number.POSITIVE_INFINITY);
  const its = engine === undefined || engines.readiness(engine).type !== "closed" ? today : (engines.opensFor(engine) ?? Number.POSITIVE_INFINITY);
  return Math.max(own, its);
}

function notScheduled(name: string, openings: readonly number[], today: number): Failure {
  const opens = Math.min(...openings);
  if (!Number.isFinite(opens)) return new Failure("not-scheduled", `${name} is not scheduled on any day.`);
  return new Failure("not-scheduled", `${name} is not scheduled now. It can be asked from ${new Date(opens).toISOString()} on.`, {
    retryAfter: Math.ceil((opens - today) / 1000),
  });
}

/** In OpenAI's words, which programs look for; other dialects put theirs around the same numbers. */
function overflow(small: readonly Option[], prompt: Prompt): Failure {
  const largest = small.reduce((best, each) => ((each.deployment.contextWindow ?? 0) > (best.deployment.contextWindow ?? 0) ? each : best));
  const window = largest.deployment.contextWindow ?? 0;
  const { asked, answer } = sizeFor(largest, prompt);
  const parts = answer > 0 ? ` (${asked} in the messages, ${answer} in the completion)` : "";
  return new Failure(
    "context-overflow",
    `This model's maximum context length is ${window} tokens. However, you requested ${asked + answer} tokens${parts}, as estimated. Shorten the prompt, or choose a model with a larger window.`,
    { param: "messages" },
  );
}
