import type { Fleet } from "../../fleet/fleet.ts";

/** From when on an engine can be called, as lists of models want to know it: 0, now; `undefined`: that is not to be foreseen. Milliseconds since 1970. */
export function engineOpens(fleet: Pick<Fleet, "readiness" | "opensFor" | "engines">): (engine: string) => number | undefined {
  return (engine) => {
    const { type } = fleet.readiness(engine);
    switch (type) {
      case "ready":
      case "cold":
        return 0;
      case "closed":
        return fleet.opensFor(engine);
      case "out":
        // What is tried again soon is not taken off the lists meanwhile.
        return fleet.engines().some(({ spec, state }) => spec.name === engine && state !== "failed") ? 0 : undefined;
      default:
        return type satisfies never;
    }
  };
}
