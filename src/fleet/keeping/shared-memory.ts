import type { FleetDesk } from "../../vocabulary/fleet-role.ts";
import { type FleetMemory, rememberedIn, rememberedText } from "./fleet-memory.ts";

/**
 * A memory in the database that several gateways share: whoever looks after the engines next goes on with it. `install` is the same for all of
 * them. What cannot be written is told, and written with the next change.
 */
export function sharedMemory(desk: Pick<FleetDesk, "remembered" | "remember">, install: string, complain: (error: unknown) => void): FleetMemory {
  let now = rememberedIn("", install);
  return {
    get now() {
      return now;
    },
    keep(changes) {
      now = { ...now, ...changes };
      desk.remember(rememberedText(now)).catch(complain);
    },
    async refresh() {
      now = rememberedIn((await desk.remembered()) ?? "", install);
    },
  };
}
