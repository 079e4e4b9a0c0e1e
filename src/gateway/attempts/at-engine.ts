import type { Signalbox } from "../signalbox.ts";
import type { Visit } from "../visit/visit.ts";
import type { Attempt } from "./attempt.ts";

/**
 * A stay at the attempt's engine, before it is asked: at once where it is up, or is none of ours. Whoever waits is told how it stands.
 * Rejects with why it will not be up, and with the reason when the attempt is called off meanwhile.
 */
export function engineUp(attempt: Attempt, visit: Visit, { fleet }: Signalbox): Promise<void> | undefined {
  const { engine } = attempt.target.deployment;
  if (engine === undefined || fleet === undefined) return undefined;
  const guest = { priority: visit.priority, lastSign: () => attempt.lastSign };
  const stay = fleet.enter(engine, guest, (end) => {
    const { cancellation } = attempt;
    if (cancellation.reason === undefined) cancellation.onCancel(end);
    else end(cancellation.reason);
  });
  if (!(stay instanceof Promise)) {
    attempt.staysAt(stay);
    return undefined;
  }
  attempt.waits();
  const outlook = () => fleet.outlook(engine, guest);
  visit.outlook = outlook;
  return stay
    .then((late) => attempt.staysAt(late))
    .finally(() => {
      if (visit.outlook === outlook) visit.outlook = undefined;
    });
}
