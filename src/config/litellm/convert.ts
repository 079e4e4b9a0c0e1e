import { problemAt } from "../file/explain.ts";
import { type Path, type Problem, pathText } from "../file/problem.ts";
import { isRecord, originOf, type Tree } from "../file/tree.ts";
import type { KindFacts } from "../provider-book.ts";
import type { Workshop } from "./deployments.ts";
import { readNames } from "./fallbacks.ts";
import { Carried, Fields } from "./fields.ts";
import { type Group, groupsOf } from "./models.ts";
import { ProviderList } from "./places.ts";
import { managementOf, routesByTags, routingOf, type Sections, storesOf, tagRules, tellRest } from "./settings.ts";

/** What LiteLLM does when nothing is said. */
const SHUFFLE = "simple-shuffle";

/** Is this the config file of a LiteLLM proxy? */
export function isLiteLLM(tree: Tree): boolean {
  return Array.isArray(tree.value["model_list"]);
}

/**
 * A LiteLLM config as one of ours, each value at the place of what it comes from, references as we write them; and what could not be carried
 * over, with its place.
 */
export function fromLiteLLM(theirs: Tree, kinds: readonly KindFacts[]): { readonly tree: Tree; readonly notices: readonly Problem[] } {
  const notices: Problem[] = [];
  const tell = (path: Path, message: string, fix: string) => {
    notices.push(problemAt(theirs, path, { message, fix }, "key"));
  };
  const own = isRecord(theirs.value["environment_variables"]) ? theirs.value["environment_variables"] : {};
  const used = new Set<string>();
  const variable = (name: string): Carried | undefined => {
    const value = Object.hasOwn(own, name) ? own[name] : undefined;
    if (typeof value !== "string" && typeof value !== "number") return undefined;
    used.add(name);
    return new Carried(
      referred(String(value), () => undefined),
      ["environment_variables", name],
    );
  };
  const root = new Fields(withReferences(theirs.value, variable), [], tell);
  const credentials = new Map(root.entries("credential_list").map((entry) => [entry.text("credential_name") ?? "", entry.section("credential_values")]));
  const sections: Sections = { router: root.section("router_settings"), litellm: root.section("litellm_settings"), general: root.section("general_settings") };
  const shuffles = (sections.router.text("routing_strategy") ?? SHUFFLE) === SHUFFLE;
  const shop: Workshop = { kinds, providers: new ProviderList(), credentials, variable, shuffles, tell };
  const groups = groupsOf(root, shop);
  readNames([sections.router, sections.litellm], groups, shop);
  const byTags = routesByTags(sections, tell);
  const value = {
    ...managementOf(sections),
    ...storesOf(sections, shop),
    routing: routingOf(sections, tell),
    providers: shop.providers.all(),
    models: Object.fromEntries([...groups].map(([name, group]) => [name, new Carried(modelOf(group, byTags), group.from)])),
  };
  tellRest(sections);
  for (const credential of credentials.values()) credential.tellRest();
  root.skip("environment_variables");
  root.tellRest();
  for (const name of Object.keys(own))
    if (!used.has(name)) tell(["environment_variables", name], "is not carried over.", "Set it in the environment, if anything needs it.");
  notices.sort((one, other) => (one.line ?? 0) - (other.line ?? 0) || (one.column ?? 0) - (other.column ?? 0));
  const tree: Tree = { value: {}, origins: new Map(), problems: [...theirs.problems] };
  const { server, redis, providers, models, routing, cache, auth } = value;
  tree.value = settled({ server, redis, providers, models, routing, cache, auth }, [], theirs, tree) as Record<string, unknown>;
  return { tree, notices };
}

function modelOf({ deployments, from: _, ...lists }: Group, byTags: Carried | undefined): Record<string, unknown> {
  const tags = [...new Set(deployments.flatMap(({ fields }) => (fields["tags"]?.value as readonly string[] | undefined) ?? []))];
  return {
    aliases: lists.aliases,
    deployments: deployments.map(({ fields, from }) => new Carried(fields, from)),
    rules: byTags === undefined ? [] : tagRules(tags, byTags.from),
    fallbacks: lists.fallbacks,
    context_fallbacks: lists.context_fallbacks,
    content_fallbacks: lists.content_fallbacks,
  };
}

/** Every `os.environ/NAME` as the value the file itself gives it, or as `${NAME}`. */
function withReferences(value: unknown, variable: (name: string) => Carried | undefined): unknown {
  if (Array.isArray(value)) return value.map((each) => withReferences(each, variable));
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withReferences(each, variable)]));
  return typeof value === "string" ? referred(value, (name) => variable(name)?.value) : value;
}

function referred(text: string, known: (name: string) => unknown): string {
  const name = /^\s*os\.environ\/([A-Za-z_]\w*)\s*$/.exec(text)?.[1];
  return name === undefined ? text : String(known(name) ?? `\${${name}}`);
}

/** Plain values out of carried ones, with the places they come from. Empty sections and lists are left out. */
function settled(value: unknown, path: Path, theirs: Tree, ours: Tree): unknown {
  if (value instanceof Carried) {
    const origin = originOf(theirs, value.from);
    if (origin !== undefined) ours.origins.set(pathText(path), origin);
    return settled(value.value, path, theirs, ours);
  }
  if (Array.isArray(value)) return value.map((each, index) => settled(each, [...path, index], theirs, ours));
  if (!isRecord(value)) return value;
  const given = Object.entries(value).filter(([, each]) => !isEmpty(each));
  const fields = given.map(([name, each]) => [name, settled(each, [...path, name], theirs, ours)] as const);
  return Object.fromEntries(fields.filter(([name, each]) => value[name] instanceof Carried || !isEmpty(each)));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === "object" && value !== null && Object.keys(value).length === 0);
}
