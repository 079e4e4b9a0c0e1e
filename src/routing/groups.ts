import type { Able } from "./able/able.ts";
import { LAST_RESORT, type Option } from "./able/option.ts";
import type { Sifted } from "./filter/sift.ts";
import type { PreparedRule } from "./rules/prepared.ts";

/** Those among whom the strategy chooses, and what sets them apart from those before and after; empty: nothing. */
export interface Group {
  readonly options: Option[];
  readonly note: string;
  /** They rest, and why; asked all the same when it comes to that. */
  readonly resting: ReadonlyMap<Option, string> | undefined;
}

/** Who stands before whom whatever the strategy says: those the rule prefers, then by level, and last those that rest. */
export function groupsOf({ eligible, lastResort }: Sifted, rule: PreparedRule | undefined, able: Able): Group[] {
  const groups: Group[] = [];
  const preferred = rule?.preferred;
  if (preferred === undefined) addLevels(groups, { options: eligible, note: "", resting: undefined }, able);
  else {
    const note = `${rule?.name} prefers ${rule?.rule.prefer}: `;
    addLevels(groups, { options: pick(eligible, preferred, true), note, resting: undefined }, able);
    addLevels(groups, { options: pick(eligible, preferred, false), note: "", resting: undefined }, able);
  }
  if (lastResort.size > 0) addLevels(groups, { options: [...lastResort.keys()], note: "a last resort, as more than half rest: ", resting: lastResort }, able);
  return groups;
}

function pick(options: readonly Option[], chosen: readonly boolean[], wanted: boolean): Option[] {
  return options.filter(({ index }) => chosen[index] === wanted);
}

/** One group for each level; the options come by level. */
function addLevels(groups: Group[], { options, note, resting }: Group, able: Able): void {
  for (let from = 0; from < options.length; ) {
    const level = options[from]?.level;
    let to = from + 1;
    while (to < options.length && options[to]?.level === level) to++;
    groups.push({ options: to - from === options.length ? options : options.slice(from, to), note: note + levelNote(level, able), resting });
    from = to;
  }
}

function levelNote(level: number | undefined, { options }: Able): string {
  if (level === undefined || level === options[0]?.level) return "";
  return level < LAST_RESORT ? `tier ${level}: ` : "a last resort, having no weight: ";
}
