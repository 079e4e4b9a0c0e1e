import { isWithin } from "../../vocabulary/hours.ts";
import type { Conditions } from "../../vocabulary/model.ts";
import type { Able } from "../able/able.ts";
import type { Ask, Prompt } from "../ask.ts";
import { correctedTokens, usualFactor } from "../tokens.ts";
import type { PreparedRule } from "./prepared.ts";

/** The first rule of the model all of whose conditions hold. `now` is milliseconds since 1970. */
export function matchingRule(able: Able, ask: Ask, now: number): PreparedRule | undefined {
  for (const rule of able.rules) if (matches(rule, able, ask, now)) return rule;
  return undefined;
}

/** What is not known of a request meets no condition. */
function matches({ rule: { when } }: PreparedRule, able: Able, ask: Ask, now: number): boolean {
  const { caller, behalf, headers, prompt } = ask;
  return (
    (when.hours === undefined || isWithin(when.hours, now)) &&
    (when.source === undefined || has(when.source, caller?.source ?? headers?.get("x-signalbox-source"))) &&
    (when.user === undefined || has(when.user, caller?.userId) || has(when.user, behalf?.endUser)) &&
    (when.tag === undefined || isTagged(when.tag, headers?.get("x-signalbox-tags"))) &&
    (when.ability === undefined || needsOne(when.ability, prompt)) &&
    isSized(when, prompt, able)
  );
}

function has(words: readonly string[], word: string | null | undefined): boolean {
  return word !== null && word !== undefined && words.includes(word);
}

function isTagged(words: readonly string[], header: string | null | undefined): boolean {
  return header?.split(",").some((tag) => words.includes(tag.trim())) ?? false;
}

function needsOne(abilities: NonNullable<Conditions["ability"]>, prompt: Prompt | undefined): boolean {
  const needs = prompt?.needs();
  return needs !== undefined && abilities.some((ability) => needs.has(ability));
}

/** No prompt has more tokens than bytes: what is short by its bytes is short, and is not read. */
function isSized({ promptTokensOver: over, promptTokensUnder: under }: Conditions, prompt: Prompt | undefined, able: Able): boolean {
  if (over === undefined && under === undefined) return true;
  if (prompt === undefined || (over !== undefined && prompt.bytes <= over)) return false;
  if (over === undefined && under !== undefined && prompt.bytes < under) return true;
  const tokens = correctedTokens(prompt, usualFactor(able.options)); // a rule speaks of the prompt before anybody is chosen
  return (over === undefined || tokens > over) && (under === undefined || tokens < under);
}
