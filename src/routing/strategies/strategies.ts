import type { Clock } from "../../vocabulary/clock.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { PrefixMemory } from "../reckoning/prefix-memory.ts";
import type { Random } from "../reckoning/urn.ts";
import { cheapest } from "./cheapest.ts";
import { fastest } from "./fastest.ts";
import { leastBusy } from "./least-busy.ts";
import { prefix } from "./prefix.ts";
import { roundRobin } from "./round-robin.ts";
import type { Strategies, Strategy } from "./strategy.ts";
import { weighted } from "./weighted.ts";

interface StrategyParts {
  readonly random: Random;
  readonly memory: PrefixMemory;
  readonly clock: Pick<Clock, "now">;
}

/** All there are, by their names in the config. */
export function strategiesWith({ random, memory, clock }: StrategyParts): Strategies {
  return (name, { name: model, deployments }: Model): Strategy => {
    switch (name) {
      case "round_robin":
        return roundRobin();
      case "weighted":
        return weighted(deployments);
      case "least_busy":
        return leastBusy();
      case "fastest":
        return fastest(deployments, random);
      case "cheapest":
        return cheapest(clock);
      case "prefix":
        return prefix(model, deployments, memory);
      default:
        return name satisfies never;
    }
  };
}
