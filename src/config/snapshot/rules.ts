import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Rule, Sticky } from "../../vocabulary/model.ts";
import { suggestion } from "../checks/names.ts";
import type { Tell } from "../file/problem.ts";
import type { ModelSettings } from "../schema/schema.ts";
import { hoursOf } from "./deployments.ts";

type RuleSettings = ModelSettings["rules"][number];

/** A model's rules in the gateway's own words. Tells of those that choose none of its deployments. */
export function rulesOf(name: string, rules: readonly RuleSettings[], deployments: readonly Deployment[], tell: Tell): Rule[] {
  const choices = [...new Set(deployments.flatMap(({ id, tags, service }) => [...tags, id, service.name]))];
  return rules.map((rule, index) => {
    for (const field of ["prefer", "only"] as const) {
      const choice = rule[field];
      if (choice !== undefined && !choices.includes(choice))
        tell(
          ["models", name, "rules", index, field],
          `no deployment of ${name} has the tag, provider or id ${choice}.`,
          suggestion(choice, choices, "its tags"),
        );
    }
    return ruleOf(rule);
  });
}

function ruleOf({ when, prefer, only, sticky, priority }: RuleSettings): Rule {
  return {
    when: {
      promptTokensOver: when.prompt_tokens_over,
      promptTokensUnder: when.prompt_tokens_under,
      source: wordsOf(when.source),
      user: wordsOf(when.user),
      tag: wordsOf(when.tag),
      ability: wordsOf(when.ability),
      hours: hoursOf(when.time),
    },
    prefer,
    only,
    sticky: stickyOf(sticky),
    priority,
  };
}

function wordsOf<Word extends string>(words: Word | readonly Word[] | undefined): readonly Word[] | undefined {
  return words === undefined || Array.isArray(words) ? (words as readonly Word[] | undefined) : [words as Word];
}

function stickyOf(sticky: RuleSettings["sticky"]): Sticky | undefined {
  if (typeof sticky === "boolean") return sticky ? "auto" : undefined;
  return sticky;
}
