import type { Fleet } from "../../fleet/fleet.ts";
import { holderDoor } from "../../fleet/role/holder-door.ts";
import { RoleKeeper } from "../../fleet/role/role-keeper.ts";
import type { Log } from "../../telemetry/log.ts";
import type { UpstreamClient } from "../../upstream/client.ts";
import { systemClock } from "../../vocabulary/clock.ts";
import type { FleetDesk } from "../../vocabulary/fleet-role.ts";
import { systemTimer } from "../../vocabulary/timer.ts";

interface LookingAfter {
  readonly fleet: Fleet;
  /** Where several gateways find each other; absent: there is but one. */
  readonly desk: FleetDesk | undefined;
  /** No two gateways have the same. */
  readonly self: string;
  /** Where other gateways reach us, as far as that is known by now. */
  readonly address: () => string;
  /** By which those who do not look after the engines are known to the one who does. */
  readonly secret: string;
  readonly upstream: Pick<UpstreamClient, "send">;
  readonly log: Pick<Log, "info" | "error">;
}

/**
 * Begins to look after the engines: at once where there is one gateway, else once the role is ours. Resolves when that is known for the first time.
 * What it gives ends it.
 */
export async function lookAfter({ fleet, desk, self, address, secret, upstream, log }: LookingAfter): Promise<() => Promise<void>> {
  await fleet.open();
  if (desk === undefined) {
    await fleet.takeUp();
    return async () => undefined;
  }
  fleet.standBy("nobody yet: the database has not been asked");
  let taking: Promise<void> | undefined;
  const keeper = new RoleKeeper({
    desk,
    self: () => ({ holder: self, address: address(), secret }),
    clock: systemClock,
    timer: systemTimer,
    took() {
      log.info("this gateway looks after the engines");
      taking = fleet.takeUp().catch((error) => log.error("the engines could not be taken over", { error }));
    },
    others: (holder) => fleet.standBy(`another gateway, at ${holder.address}`, holderDoor(upstream, holder)),
    lost() {
      log.error("another gateway has taken over the engines: this one could not reach the database for too long");
      fleet.standBy("another gateway");
    },
  });
  await keeper.start();
  await taking;
  return () => keeper.stop();
}
