import { type Json, listOf, objectOf } from "../../../src/vocabulary/json.ts";

/** What is asked of the API server, as its authorizer sees it. */
export interface Attributes {
  readonly verb: string;
  readonly group: string;
  /** With the subresource: `pods/log`. */
  readonly resource: string;
  readonly name?: string;
}

/** A rule of a Role. */
export interface Rule {
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  /** Absent: of all names. */
  readonly resourceNames?: readonly string[];
}

/** The rules of a Role as its manifest has them. */
export function rulesOf(role: Json): readonly Rule[] {
  const words = (value: Json | undefined) => listOf(value).map(String);
  return listOf(objectOf(role)["rules"])
    .map(objectOf)
    .map((rule) => ({
      verbs: words(rule["verbs"]),
      apiGroups: words(rule["apiGroups"]),
      resources: words(rule["resources"]),
      ...(rule["resourceNames"] === undefined ? {} : { resourceNames: words(rule["resourceNames"]) }),
    }));
}

/** May it be done: rules only allow, and one is enough. */
export function allows(rules: readonly Rule[], { verb, group, resource, name }: Attributes): boolean {
  return rules.some(
    (rule) =>
      rule.verbs.includes(verb) &&
      rule.apiGroups.includes(group) &&
      rule.resources.includes(resource) &&
      (rule.resourceNames === undefined || (name !== undefined && rule.resourceNames.includes(name))),
  );
}

/** The authorizer's words for a no. */
export function forbidden(user: string, namespace: string, { verb, group, resource, name }: Attributes): string {
  const plural = resource.split("/")[0];
  const what = `${group === "" ? plural : `${plural}.${group}`}${name === undefined ? "" : ` "${name}"`}`;
  return `${what} is forbidden: User "${user}" cannot ${verb} resource "${resource}" in API group "${group}" in the namespace "${namespace}"`;
}
