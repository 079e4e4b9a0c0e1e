import { isRecord } from "../file/tree.ts";
import { ringOver } from "../ring.ts";
import type { Workshop } from "./deployments.ts";
import { Carried, type Fields, NOT_CARRIED } from "./fields.ts";
import { entryOf, type Group, groupNamed } from "./models.ts";

type List = "fallbacks" | "context_fallbacks" | "content_fallbacks";
const LISTS: readonly (readonly [theirs: string, ours: List])[] = [
  ["fallbacks", "fallbacks"],
  ["context_window_fallbacks", "context_fallbacks"],
  ["content_policy_fallbacks", "content_fallbacks"],
];

/** What the router's settings say of whole models: other names of them, and what is tried instead. */
export function readNames(sections: readonly Fields[], groups: Map<string, Group>, shop: Workshop): void {
  const aliases = new Map<string, string>();
  for (const section of sections) readAliases(section, groups, aliases, shop);
  for (const [theirs, ours] of LISTS) {
    const told = sections.filter((section) => section.has(theirs));
    for (const section of told) readList(section, theirs, { groups, aliases, list: ours, shop });
  }
  for (const section of sections) {
    const defaults = section.take("default_fallbacks");
    if (Array.isArray(defaults)) giveDefaults(defaults, [...section.path, "default_fallbacks"], { groups, aliases, list: "fallbacks", shop });
  }
}

function readAliases(section: Fields, groups: Map<string, Group>, aliases: Map<string, string>, { tell }: Workshop): void {
  const given = section.take("model_group_alias");
  if (!isRecord(given)) return;
  for (const [alias, value] of Object.entries(given)) {
    const path = [...section.path, "model_group_alias", alias];
    const name = isRecord(value) ? value["model"] : value;
    const taken = groups.has(alias);
    const group = typeof name === "string" && !taken ? groupNamed(name, groups) : undefined;
    if (group === undefined) tell(path, NOT_CARRIED, taken ? `${alias} is a model itself.` : "There is no such model.");
    else if (!aliases.has(alias)) {
      aliases.set(alias, String(name));
      group.aliases.push(new Carried(alias, path));
    }
  }
}

interface Reading {
  readonly groups: Map<string, Group>;
  readonly aliases: ReadonlyMap<string, string>;
  readonly list: List;
  readonly shop: Workshop;
}

/** `[{ model: [other, other] }, …]`. */
function readList(section: Fields, theirs: string, reading: Reading): void {
  const { groups, aliases, shop } = reading;
  const defaults: { readonly others: readonly unknown[]; readonly path: Carried["from"] }[] = [];
  for (const [index, entry] of listIn(section.take(theirs)).entries()) {
    for (const [name, others] of Object.entries(isRecord(entry) ? entry : {})) {
      const path = [...section.path, theirs, index, name];
      if (name === "*" && !groups.has("*")) defaults.push({ others: listIn(others), path });
      else {
        const group = groupNamed(aliases.get(name) ?? name, groups);
        if (group === undefined) shop.tell(path, NOT_CARRIED, `There is no model named ${name}.`);
        // Of two lists for one model the first counts: the router's own section is read first.
        else if (group[reading.list].length === 0)
          for (const [step, other] of listIn(others).entries()) add(aliases.get(name) ?? name, other, [...path, step], reading);
      }
    }
  }
  for (const { others, path } of defaults) giveDefaults(others, path, reading);
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Every model without fallbacks of its own gets these; of the models among them each gets those after it. */
function giveDefaults(others: readonly unknown[], path: Carried["from"], reading: Reading): void {
  for (const [name, group] of [...reading.groups]) {
    if (group[reading.list].length > 0) continue;
    const own = others.indexOf(name);
    for (const [index, other] of others.entries()) if (index > own) add(name, other, [...path, index], reading, "quietly");
  }
}

function add(name: string, other: unknown, path: Carried["from"], reading: Reading, how?: "quietly"): void {
  const { groups, aliases, list, shop } = reading;
  const refuse = (why: string) => shop.tell(path, NOT_CARRIED, why);
  if (typeof other !== "string") {
    refuse("Fallbacks are names of models; what is asked of them is what was asked first.");
    return;
  }
  const target = entryOf(aliases.get(other) ?? other, groups);
  if (target === undefined || other.includes("*")) {
    refuse(`There is no model named ${other}.`);
    return;
  }
  const way = target === name && name.includes("*") ? undefined : ringOver(target, name, (at) => followers(at, reading));
  if (way === undefined) groups.get(name)?.[list].push(new Carried(other, path));
  else if (how !== "quietly") refuse(`Fallbacks would go round in a ring: ${way.join(" → ")}.`);
}

/** The models that a model's list names. */
function followers(name: string, { groups, aliases, list }: Reading): readonly string[] {
  return (groups.get(name)?.[list] ?? []).flatMap(({ value }) => entryOf(aliases.get(String(value)) ?? String(value), groups) ?? []);
}
