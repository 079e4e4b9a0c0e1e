import type { Effort, Reasoning } from "../../../vocabulary/chat.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import type { Profile } from "../../../vocabulary/profile.ts";
import { type Depth, effortOfBudget, nearestEffort } from "../../shared/tuning/efforts.ts";

/** The numbers of Google's own OpenAI-compatible endpoint: https://ai.google.dev/gemini-api/docs/openai */
const BUDGETS: Readonly<Record<Depth, number>> = { minimal: 1024, low: 1024, medium: 8192, high: 24576, xhigh: 24576, max: 24576 };
/** The least that 2.5 Pro thinks. */
const LEAST_BUDGET = 128;

/** What every model told by level knows; `minimal` is for some. */
const LEVELS: readonly Depth[] = ["low", "medium", "high"];

/** `thinkingConfig` for what the client asked, in the way the profile's model is told; `undefined` when there is nothing to say. */
export function thinkingConfigOf(
  reasoning: Reasoning | undefined,
  facts: { readonly profile: Profile; readonly maxTokens?: number; readonly warnings: string[] },
): JsonObject | undefined {
  if (reasoning === undefined) return undefined;
  const { profile, maxTokens, warnings } = facts;
  const off = reasoning.effort === "none" || (reasoning.effort === undefined && reasoning.budget === 0);
  if (profile.thinking === "none") {
    if (!off) warnings.push("The reasoning options were left out: this model does not think.");
    return undefined;
  }
  if (off && !profile.thinkingOff) warnings.push("This model cannot stop thinking; it was asked to think as little as it can.");
  const config = profile.thinking === "budget" ? budgetOf(reasoning, { off, profile, maxTokens, warnings }) : levelOf(reasoning, { off, profile, warnings });
  if (!off && reasoning.show !== undefined) config["includeThoughts"] = reasoning.show;
  return Object.keys(config).length === 0 ? undefined : config;
}

function levelOf(reasoning: Reasoning, { off, profile, warnings }: { off: boolean; profile: Profile; warnings: string[] }): JsonObject {
  const known = profile.efforts ?? LEVELS;
  const asked = reasoning.effort === "none" ? undefined : (reasoning.effort ?? effortOfBudget(reasoning.budget ?? -1));
  const level = off ? known[0] : asked === undefined ? undefined : nearestEffort(asked, known, warnings);
  return level === undefined ? {} : { thinkingLevel: level.toUpperCase() };
}

function budgetOfEffort(effort: Effort | undefined, { profile, warnings }: { profile: Profile; warnings: string[] }): number | undefined {
  if (effort === undefined || effort === "none") return undefined;
  const nearest = profile.efforts === undefined ? effort : nearestEffort(effort, profile.efforts, warnings);
  return nearest === undefined ? undefined : BUDGETS[nearest];
}

function budgetOf(reasoning: Reasoning, facts: { off: boolean; profile: Profile; maxTokens?: number; warnings: string[] }): JsonObject {
  if (facts.off) return { thinkingBudget: facts.profile.thinkingOff ? 0 : LEAST_BUDGET };
  const wanted = reasoning.budget ?? budgetOfEffort(reasoning.effort, facts);
  if (wanted === undefined) return {};
  if (wanted < 0) return { thinkingBudget: -1 };
  if (facts.maxTokens === undefined || wanted < facts.maxTokens) return { thinkingBudget: wanted };
  // Thoughts count against the answer's bound: a budget as large as the bound leaves no room for the answer.
  const half = Math.max(Math.floor(facts.maxTokens / 2), facts.profile.thinkingOff ? 0 : LEAST_BUDGET);
  facts.warnings.push(`The thinking budget was lowered from ${wanted} to ${half} tokens: the answer's bound of ${facts.maxTokens} includes thinking.`);
  return { thinkingBudget: half };
}
