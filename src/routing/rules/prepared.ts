import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Model, Rule } from "../../vocabulary/model.ts";
import { type Hours, hoursOf } from "../filter/hours.ts";

/** A rule, with those of its model's deployments that it means. */
export interface PreparedRule {
  readonly rule: Rule;
  /** How traces call it: `rule 2`. */
  readonly name: string;
  readonly hours: Hours | undefined;
  /** By their place in the model. */
  readonly preferred: readonly boolean[] | undefined;
  readonly only: readonly boolean[] | undefined;
}

export function preparedRules({ rules, deployments }: Model): PreparedRule[] {
  const named = (choice: string | undefined) => (choice === undefined ? undefined : deployments.map((each) => isNamed(each, choice)));
  return rules.map((rule, index) => ({
    rule,
    name: `rule ${index + 1}`,
    hours: rule.when.hours && hoursOf(rule.when.hours),
    preferred: named(rule.prefer),
    only: named(rule.only),
  }));
}

function isNamed({ id, tags, service }: Deployment, choice: string): boolean {
  return tags.includes(choice) || id === choice || service.name === choice;
}
