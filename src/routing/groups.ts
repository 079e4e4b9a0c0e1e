import type { Able } from "./able/able.ts";
import { LAST_RESORT, type Option, type Peers } from "./able/option.ts";
import type { Sifted } from "./filter/sift.ts";
import type { PreparedRule } from "./rules/prepared.ts";

/** Those among whom the strategy chooses. */
export interface Group extends Peers {
  /** What sets them apart from those before and after; empty: nothing. */
  readonly note: string;
  /** They rest, and why; asked all the same when it comes to that. */
  readonly resting: ReadonlyMap<Option, string> | undefined;
}

/**
 * Who stands before whom whatever the strategy says: those the rule prefers, then by level, and last those that rest. Who has to be waited for
 * stands behind those of its level, and of lower ones, that have not.
 */
export function groupsOf({ eligible, cold, lastResort }: Sifted, rule: PreparedRule | undefined, able: Able): Group[] {
  const some = (wanted: boolean) =>
    byRule(
      eligible.filter((option) => cold?.has(option) === wanted),
      rule,
      able,
    );
  const groups = cold === undefined ? byRule(eligible, rule, able) : laterOnes(some(false), some(true));
  if (lastResort.size > 0) addLevels(groups, [...lastResort.keys()], able, "a last resort, as more than half rest: ", lastResort);
  return groups;
}

function laterOnes(ready: readonly Group[], cold: readonly Group[]): Group[] {
  const groups = [...ready];
  let least = 0;
  for (const group of cold) {
    const level = levelOf(group);
    least = Math.max(least, groups.findLastIndex((other) => levelOf(other) <= level) + 1);
    groups.splice(least++, 0, { ...group, note: `not up yet: ${group.note}` });
  }
  return groups;
}

function levelOf({ options }: Group): number {
  return options[0]?.level ?? 0;
}

function byRule(eligible: readonly Option[], rule: PreparedRule | undefined, able: Able): Group[] {
  const groups: Group[] = [];
  const preferred = rule?.preferred;
  if (preferred === undefined) addLevels(groups, eligible, able);
  else {
    addLevels(groups, pick(eligible, preferred, true), able, `${rule?.name} prefers ${rule?.rule.prefer}: `);
    addLevels(groups, pick(eligible, preferred, false), able);
  }
  return groups;
}

function pick(options: readonly Option[], chosen: readonly boolean[], wanted: boolean): Option[] {
  return options.filter(({ index }) => chosen[index] === wanted);
}

/** One group for each level; the options come by level. */
function addLevels(groups: Group[], options: readonly Option[], able: Able, note = "", resting?: ReadonlyMap<Option, string>): void {
  const last = options.at(-1)?.level;
  for (let from = 0; from < options.length; ) {
    const level = options[from]?.level;
    const to = level === last ? options.length : options.findIndex((option, index) => index > from && option.level !== level);
    const { options: some, indexes, slots, capacities } = to - from === able.options.length ? able : able.peersOf(options.slice(from, to));
    groups.push({ options: some, indexes, slots, capacities, note: note + levelNote(level, able), resting });
    from = to;
  }
}

function levelNote(level: number | undefined, { options }: Able): string {
  if (level === undefined || level === options[0]?.level) return "";
  return level < LAST_RESORT ? `tier ${level}: ` : "a last resort, having no weight: ";
}
