import { byLiteralLength, filled, starOf } from "../../vocabulary/wildcard.ts";
import type { Tell } from "../file/problem.ts";
import { type Deployment, deploymentsOf, type Workshop } from "./deployments.ts";
import { Carried, type Fields, numberOf } from "./fields.ts";

/** A model being put together; lists grow as the router's settings are read. */
export interface Group {
  readonly from: Carried["from"];
  readonly deployments: Deployment[];
  readonly aliases: Carried[];
  readonly fallbacks: Carried[];
  readonly context_fallbacks: Carried[];
  readonly content_fallbacks: Carried[];
}

/** Entries of one name are the deployments of one model, in their order. */
export function groupsOf(root: Fields, shop: Workshop): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const entry of root.entries("model_list")) {
    const name = entry.text("model_name");
    if (name === undefined) {
      shop.tell(entry.path, "is not carried over.", "It has no model_name.");
      continue;
    }
    const deployments = deploymentsOf(entry, shop);
    entry.tellRest();
    if (deployments.length === 0) continue;
    const group = groups.get(name) ?? emptyGroup([...entry.path, "model_name"]);
    group.deployments.push(...deployments);
    groups.set(name, group);
  }
  for (const group of groups.values()) settle(group, shop);
  return groups;
}

function emptyGroup(from: Carried["from"]): Group {
  return { from, deployments: [], aliases: [], fallbacks: [], context_fallbacks: [], content_fallbacks: [] };
}

/** What LiteLLM reads into a group as a whole: who has no order comes last, and quotas are weights where no weights are given. */
function settle({ deployments }: Group, { shuffles, tell }: Workshop): void {
  const orders = deployments.flatMap(({ fields }) => numberOf(fields["priority"]) ?? []);
  if (orders.length > 0) for (const { fields, from } of deployments) fields["priority"] ??= new Carried(Math.max(...orders) + 1, from);
  if (shuffles && deployments.length > 1 && deployments.every(({ fields }) => fields["weight"] === undefined)) {
    const quota = ["requests_per_minute", "tokens_per_minute"].find((name) => deployments.every(({ fields }) => numberOf(fields[name]) !== undefined));
    if (quota !== undefined) for (const { fields } of deployments) fields["weight"] = fields[quota];
  }
  for (let index = deployments.length - 1; index > 0; index--) mergeTwin(deployments, index, tell);
}

/** An entry written twice is one with twice the weight. */
function mergeTwin(deployments: Deployment[], index: number, tell: Tell): void {
  const twin = deployments[index];
  const first = deployments.findIndex((each) => twin !== undefined && bare(each) === bare(twin));
  const kept = deployments[first];
  if (twin === undefined || kept === undefined || first >= index) return;
  kept.fields["weight"] = new Carried((numberOf(kept.fields["weight"]) ?? 1) + (numberOf(twin.fields["weight"]) ?? 1), kept.from);
  deployments.splice(index, 1);
  tell(twin.from, "is the same as an entry before it.", "Its weight was added to that one's.");
}

/** A deployment without its weight, to be compared. */
function bare({ fields }: Deployment): string {
  return JSON.stringify(Object.entries({ ...fields, weight: undefined }).map(([name, carried]) => [name, plain(carried)]));
}

function plain(value: unknown): unknown {
  if (value instanceof Carried) return plain(value.value);
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, plain(each)])) : value;
}

/** The name of the group that serves this one: its own, or the wildcard that says most about it. */
export function entryOf(name: string, groups: ReadonlyMap<string, Group>): string | undefined {
  if (groups.has(name)) return name;
  return [...groups.keys()].filter((pattern) => starOf(pattern, name) !== undefined).sort(byLiteralLength)[0];
}

/** The group of exactly this name. One that a wildcard makes becomes a model of its own, so that it can have aliases and fallbacks. */
export function groupNamed(name: string, groups: Map<string, Group>): Group | undefined {
  const entry = entryOf(name, groups);
  const found = entry === undefined ? undefined : groups.get(entry);
  if (entry === undefined || found === undefined || entry === name) return found;
  const star = starOf(entry, name) ?? "";
  const group: Group = { ...emptyGroup(found.from), deployments: found.deployments.map((each) => withStar(each, star)) };
  groups.set(name, group);
  return group;
}

function withStar({ from, fields }: Deployment, star: string): Deployment {
  const { model } = fields;
  return { from, fields: { ...fields, model: model && new Carried(filled(String(model.value), star), model.from) } };
}
