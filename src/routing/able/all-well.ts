import type { Standings } from "../standing.ts";
import type { Option } from "./option.ts";

/**
 * Tells whether none of these rests. Once nothing has to be looked up for any of them, nobody is looked at again until there is an alarm: fifty
 * deployments that are well cost no more than one.
 */
export function allWell(options: readonly Option[], standings: Pick<Standings, "alarms">): (now: number) => boolean {
  let plainAt: number | undefined;
  return (now) => {
    const { alarms } = standings;
    if (plainAt === alarms) return true;
    for (const { standing } of options) if (standing.resting(now) !== undefined) return false;
    if (options.every(({ standing }) => standing.isPlain)) plainAt = alarms;
    return true;
  };
}
