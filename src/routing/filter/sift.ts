import { isLocal } from "../../vocabulary/deployment.ts";
import { isWithin } from "../../vocabulary/hours.ts";
import type { Able } from "../able/able.ts";
import type { Option } from "../able/option.ts";
import type { Ask } from "../ask.ts";
import type { Engines } from "../engines.ts";
import type { PreparedRule } from "../rules/prepared.ts";
import { can, fits, mayNotFit } from "./fit.ts";

/** One that may not be asked: what lasts longest of all that is against it. */
export interface Out {
  readonly option: Option;
  readonly because: Because;
  /** For one that rests: why. */
  readonly rest?: string;
  /** For one of which nothing is left: until when. */
  readonly until?: number;
  /** The fallback it is a deployment of; absent: the model itself. */
  readonly fallback?: string;
}

export type Because = "cloud" | "rule" | "small" | "unable" | "closed" | "used-up" | "rests";

export interface Sifted {
  readonly eligible: readonly Option[];
  /** Those of the eligible that have to be waited for: engines that are not up, or open soon. Absent: none of them. */
  readonly cold?: ReadonlySet<Option>;
  /** To be asked when nobody else is left, and why they rest. */
  readonly lastResort: ReadonlyMap<Option, string>;
  readonly out: readonly Out[];
}

export interface Sifting {
  readonly able: Able;
  readonly ask: Ask;
  readonly rule: PreparedRule | undefined;
  readonly engines: Engines;
  /** Milliseconds since 1970. */
  readonly today: number;
  /** Milliseconds on a clock that never goes back. */
  readonly now: number;
}

const NOBODY: ReadonlyMap<Option, string> = new Map();
const NONE: readonly Out[] = [];

/**
 * Who may be asked now: those that are not too far away for the caller, the rule allows, that the prompt fits, that can do what it needs, whose
 * hours it is, who have something left to give and do not rest. When more than half of those who would do rest, health is not obeyed: as many are hardly broken all at once, and if they
 * are, asking costs nothing but a failure. What is used up stays so.
 */
export function sift(sifting: Sifting): Sifted {
  const { able, ask, rule, now } = sifting;
  const careful = rule?.only !== undefined || ask.caller?.localOnly === true || able.keepsHours || able.hasEngines || mayNotFit(able, ask);
  if (!careful && able.allWell(now)) return { eligible: able.options, lastResort: NOBODY, out: NONE };
  const eligible: Option[] = [];
  const out: Out[] = [];
  let resting: Map<Option, string> | undefined;
  let cold: Set<Option> | undefined;
  for (const option of able.options) {
    const because = careful ? unfit(option, sifting) : undefined;
    if (because !== undefined) {
      out.push({ option, because });
      continue;
    }
    const { engine } = option.deployment;
    const readiness = engine === undefined ? undefined : sifting.engines.readiness(engine);
    const shut = readiness?.type === "closed";
    if (shut && !(readiness.soon && able.model.outsideSchedule === "queue")) {
      out.push({ option, because: "closed" });
      continue;
    }
    if (shut || readiness?.type === "cold") cold = (cold ?? new Set<Option>()).add(option);
    const rest = readiness?.type === "out" ? readiness.why : option.standing.resting(now);
    const usedUp = rest === undefined ? undefined : option.standing.usedUp(now);
    if (rest === undefined) eligible.push(option);
    else if (usedUp !== undefined) out.push({ option, because: "used-up", rest: usedUp.what, until: usedUp.until });
    else resting = (resting ?? new Map<Option, string>()).set(option, rest);
  }
  if (resting === undefined) return { eligible, cold, lastResort: NOBODY, out };
  if (resting.size > eligible.length) return { eligible, cold, lastResort: resting, out };
  for (const [option, rest] of resting) out.push({ option, because: "rests", rest });
  return { eligible, cold, lastResort: NOBODY, out };
}

function unfit(option: Option, { ask: { prompt, caller }, rule, today }: Sifting): Because | undefined {
  if (caller?.localOnly && !isLocal(option.deployment)) return "cloud";
  if (rule?.only !== undefined && !rule.only[option.index]) return "rule";
  if (prompt !== undefined && !can(option, prompt)) return "unable";
  if (prompt !== undefined && !fits(option, prompt)) return "small";
  const { hours } = option.deployment;
  return hours === undefined || isWithin(hours, today) ? undefined : "closed";
}
