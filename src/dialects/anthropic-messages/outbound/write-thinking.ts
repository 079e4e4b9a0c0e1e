import type { Reasoning } from "../../../vocabulary/chat.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import type { Turn } from "../../shared/conversation/turns.ts";
import { type Depth, effortOfBudget, nearestEffort } from "../../shared/tuning/efforts.ts";
import { isSigned } from "./write-turns.ts";
import type { Writing } from "./writing.ts";

/** The least Claude accepts as `budget_tokens`. */
const LEAST_BUDGET = 1024;
/** Claude knows no `minimal`. */
const EFFORTS: readonly Depth[] = ["low", "medium", "high", "xhigh", "max"];
/** The part of `max_tokens` each effort may think for, where thinking is told in tokens. */
const SHARE: Readonly<Record<Depth, number>> = { minimal: 0.1, low: 0.2, medium: 0.5, high: 0.8, xhigh: 0.9, max: 0.95 };
/** The most of `max_tokens` an explicit budget may take, so that something is left to answer with. */
const LARGEST_SHARE = 0.95;

export interface ThinkingFields {
  readonly thinking?: JsonObject;
  /** For `output_config.effort`. */
  readonly effort?: string;
  /** Will the model think, as far as we asked? Then sampling is not free. */
  readonly on: boolean;
}

interface Circumstances {
  readonly turns: readonly Turn[];
  readonly maxTokens: number;
  /** `tool_choice` forces a call. */
  readonly forced: boolean;
}

/** How the model is told to think, or not to. https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
export function writeThinking(circumstances: Circumstances, writing: Writing): ThinkingFields {
  const { reasoning } = writing.request;
  const { profile, model, warnings } = writing;
  if (reasoning === undefined) return { on: false };
  const off = reasoning.effort === "none" || reasoning.budget === 0;
  switch (profile.thinking) {
    case "none":
      if (!off && (reasoning.effort !== undefined || reasoning.budget !== undefined)) warnings.push(`reasoning was dropped: ${model} does not think.`);
      return { on: false };
    case "effort":
    case "level":
      return { effort: effortOf(reasoning, writing), on: false };
    case "adaptive": {
      if (off && profile.thinkingOff) return { thinking: { type: "disabled" }, on: false };
      if (off) {
        warnings.push(`reasoning cannot be turned off: ${model} always thinks. The lowest effort was asked for.`);
        return { effort: "low", on: true };
      }
      const effort = effortOf(reasoning, writing);
      const against = obstacle(circumstances, false);
      if (against === undefined) return { thinking: { type: "adaptive", ...display(reasoning) }, effort, on: true };
      if (!profile.thinkingOff) return { effort, on: true };
      warnings.push(`reasoning was turned off for this turn: ${against}.`);
      // Opus 5 refuses to answer without thinking at the two highest efforts.
      return { thinking: { type: "disabled" }, effort: effort === "xhigh" || effort === "max" ? "high" : effort, on: false };
    }
    case "budget": {
      if (off) return profile.thinkingOff ? { thinking: { type: "disabled" }, on: false } : { on: true };
      const against = obstacle(circumstances, true);
      if (against !== undefined) {
        warnings.push(`reasoning was turned off for this turn: ${against}.`);
        return { on: false };
      }
      const budget = budgetOf(reasoning, circumstances.maxTokens, warnings);
      return { thinking: { type: "enabled", budget_tokens: budget, ...(reasoning.show === false ? { display: "omitted" } : {}) }, on: true };
    }
  }
}

/** Why this turn cannot be thought about. Only thinking told in tokens insists on having its earlier thinking back and on room for itself. */
function obstacle({ turns, maxTokens, forced }: Circumstances, strict: boolean): string | undefined {
  if (forced) return "tool_choice forces a tool call, which this model's provider refuses together with thinking";
  if (turns.at(-1)?.role === "assistant") return "the last message is an assistant's to be continued, which excludes thinking";
  if (strict && maxTokens <= LEAST_BUDGET) return `${maxTokens} tokens are too few to think and to answer`;
  if (strict && owesThinking(turns)) return "the signed thinking behind the last tool calls is not at hand";
  return undefined;
}

/** Is the model in the middle of a round of tool calls that began without thinking it could recognise? */
function owesThinking(turns: readonly Turn[]): boolean {
  const round: Turn[] = [];
  for (const turn of turns.toReversed()) {
    if (turn.role === "user" && turn.results.length === 0) break;
    if (turn.role === "assistant") round.push(turn);
  }
  return round.length > 0 && !round.some((turn) => turn.role === "assistant" && turn.parts[0] !== undefined && isSigned(turn.parts[0]));
}

function budgetOf(reasoning: Reasoning, maxTokens: number, warnings: string[]): number {
  const wanted = reasoning.budget !== undefined && reasoning.budget > 0 ? reasoning.budget : maxTokens * SHARE[effortName(reasoning) ?? "medium"];
  const most = Math.max(LEAST_BUDGET, Math.floor(maxTokens * LARGEST_SHARE));
  const budget = Math.min(most, Math.max(LEAST_BUDGET, Math.floor(wanted)));
  if (reasoning.budget !== undefined && reasoning.budget > 0 && budget !== reasoning.budget)
    warnings.push(`the reasoning budget of ${reasoning.budget} tokens became ${budget}: it must be at least ${LEAST_BUDGET} and leave room below max_tokens.`);
  return Math.min(budget, maxTokens - 1);
}

/** An effort the model knows; a budget in tokens becomes the one that usually spends about as much. */
function effortOf(reasoning: Reasoning, { profile, warnings }: Writing): Depth | undefined {
  const effort = effortName(reasoning);
  if (effort !== undefined) return nearestEffort(effort, profile.efforts ?? EFFORTS, warnings);
  return reasoning.budget === undefined ? undefined : effortOfBudget(reasoning.budget);
}

function effortName(reasoning: Reasoning): Depth | undefined {
  return reasoning.effort === "none" ? undefined : reasoning.effort;
}

/** Newer models keep their thinking to themselves unless asked: say it either way when the client did. */
function display(reasoning: Reasoning): JsonObject {
  return reasoning.show === undefined ? {} : { display: reasoning.show ? "summarized" : "omitted" };
}
